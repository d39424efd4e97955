package transport

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/net/http2"
)

// parted is what goes one way over a connection, and how many of its bytes are
// what.
type parted struct {
	bytes.Buffer
	headers, framing, bodies int
}

func (p *parted) head(text string)  { p.headers += len(text); p.WriteString(text) }
func (p *parted) frame(text string) { p.framing += len(text); p.WriteString(text) }
func (p *parted) body(text []byte)  { p.bodies += len(text); p.Write(text) }

// deceptive returns n bytes that look like header blocks, chunks and frames.
func deceptive(n byte) []byte {
	const text = "GET / HTTP/1.1\r\n\r\n0\r\n\r\nHTTP/1.1 101 \r\n\r\n\x00\x00\x05\x01\x04\x00\x00\x00\x01"
	return bytes.Repeat([]byte(text), int(n)/len(text)+1)[:n]
}

// message adds a message of HTTP/1.1, whose kind says how its body is delimited.
func (p *parted) message(first string, kind, size byte) {
	switch text := deceptive(size); kind % 4 {
	case 0:
		p.head(first + "\r\nContent-Length: 0\r\n\r\n")
	case 1:
		p.head(fmt.Sprintf("%s\nHost: a\nCONTENT-LENGTH:%d\n\n", first, size))
		p.body(text)
	default:
		p.head(first + "\r\nContent-Type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n")
		for chunk := range slices.Chunk(text, 1+int(kind)/4) {
			p.frame(fmt.Sprintf("%X;a=b\r\n", len(chunk)))
			p.body(chunk)
			p.frame("\r\n")
		}
		p.frame("0\r\n")
		if kind%4 == 3 {
			p.head("Expires: 0\r\nETag: \"a\"\r\n")
		}
		p.frame("\r\n")
	}
}

// converse adds a request of HTTP/1.1 and what answers it.
func converse(up, down *parted, kind, size byte) {
	switch kind % 5 {
	case 0:
		up.head("HEAD / HTTP/1.1\r\n\r\n")
		down.head(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size))
	case 1:
		up.message("PUT / HTTP/1.1", size, kind)
		down.head("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n")
	default:
		up.message("POST / HTTP/1.1", size, kind)
		down.message("HTTP/1.1 200", kind/5, size)
	}
}

// frames are frames of HTTP/2, one for each three bytes of a script.
func frames(script []byte) *parted {
	p := new(parted)
	f := http2.NewFramer(p, nil)
	f.AllowIllegalWrites = true
	for part := range slices.Chunk(script, 3) {
		kind, pad, text := part[0]%6, max(part[len(part)/2], 1), deceptive(part[len(part)-1])
		p.framing += 9
		if kind < 4 {
			p.framing += 1 + int(pad)
		}
		switch kind {
		case 0:
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: text, PadLength: pad})
		case 1:
			p.framing += 5
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: text, PadLength: pad, Priority: http2.PriorityParam{StreamDep: 3}})
		case 2:
			p.framing += 4
			f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: text, PadLength: pad})
		case 3:
			f.WriteDataPadded(1, false, text, make([]byte, pad))
		case 4:
			f.WriteContinuation(1, true, text)
		default:
			f.WriteRawFrame(http2.FrameType(10+pad%200), http2.Flags(pad), 1, text)
		}
		switch kind {
		case 3:
			p.bodies += len(text)
		case 5:
			p.framing += len(text)
		default:
			p.headers += len(text)
		}
	}
	return p
}

// FuzzHeaderBlocks finds the header blocks of messages and of frames, however the
// connection cuts them. Headers, framing and bodies are all that there is.
func FuzzHeaderBlocks(f *testing.F) {
	f.Add([]byte("\x00\x09\x01\x30\x02\x03\x03\xff\x08\x22\x0d\x31\x0c\x07\x12\x51\x17\x60"), byte(0))
	f.Add([]byte("\x00\x00\x30\x00\x11\x30\x01\x05\x09\x02\x07\xff\x03\x09\x44\x04\x00\x20\x05\xff\x61"), byte(6))
	f.Fuzz(func(t *testing.T, script []byte, step byte) {
		script = script[:min(len(script), 600)]
		hold := func(what string, got int64, parts ...*parted) {
			want := 0
			for _, p := range parts {
				want += p.headers
				if p.headers+p.framing+p.bodies != p.Len() {
					t.Fatalf("%s: %d bytes are %d of headers, %d of framing and %d of bodies", what, p.Len(), p.headers, p.framing, p.bodies)
				}
			}
			if got != int64(want) {
				t.Errorf("%s: %d bytes of headers, want %d", what, got, want)
			}
		}

		conn := overhear(false, 1+int(step))
		var up, down parted
		for part := range slices.Chunk(script, 2) {
			said, heard := up.Len(), down.Len()
			converse(&up, &down, part[0], part[len(part)-1])
			conn.exchange(up.String()[said:], down.String()[heard:])
		}
		hold("HTTP/1.1", conn.count.Load(), &up, &down)
		conn.exchange(upgrade, switching+string(deceptive(200)))
		conn.exchange(string(deceptive(200)), "")
		up.head(upgrade)
		down.head(switching)
		hold("a switch of protocols", conn.count.Load(), &up, &down)

		conn = overhear(true, 1+int(step))
		sent, received := frames(script), frames(append(script, 0))
		conn.exchange(preface+sent.String(), received.String())
		hold("HTTP/2", conn.count.Load(), sent, received)
	})
}
