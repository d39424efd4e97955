package transport

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// heads finds the header blocks in what goes one way over a connection.
type heads interface {
	// scan returns how many of the next bytes belong to header blocks.
	scan(p []byte) int
}

// metered is a client's connection, in clear, whose header blocks are counted.
// What they weigh, only the bytes themselves tell: the transports add headers of
// their own, and HTTP/2 compresses them.
type metered struct {
	net.Conn
	sent, received heads
	count          *atomic.Int64
}

// meter counts the header blocks of a connection, if they are to be counted.
func (o Options) meter(c net.Conn, multiplexed bool) net.Conn {
	if o.HeaderBytes == nil {
		return c
	}
	m := &metered{Conn: c, count: o.HeaderBytes}
	if multiplexed {
		m.sent, m.received = &http2Heads{rest: len(preface)}, &http2Heads{}
	} else {
		both := new(exchange)
		m.sent, m.received = &http1Heads{exchange: both}, &http1Heads{exchange: both, answers: true}
	}
	return m
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.count.Add(int64(m.received.scan(p[:n])))
	return n, err
}

func (m *metered) Write(p []byte) (int, error) {
	n, err := m.Conn.Write(p)
	m.count.Add(int64(m.sent.scan(p[:n])))
	return n, err
}

// http1Heads follows messages of HTTP/1.1 (RFC 9112): their header blocks, from
// the first line to the empty one, and the trailers of chunked bodies. After an
// upgrade there are no more of them.
type http1Heads struct {
	*exchange
	answers bool // the messages are responses

	in      part
	line    []byte // the present line, as far as it came with earlier bytes
	left    int    // bytes of the body, or of its chunk, to come
	first   bool   // the message's first line is over
	length  int    // of the body
	chunked bool
	known   bool // how long the body is
	status  int
}

// exchange is what the requests and the responses on a connection have to know of
// each other.
type exchange struct {
	noBody   atomic.Bool // the last request was one whose response has no body
	switched atomic.Bool // what follows is another protocol
}

// part is where in a message one is.
type part int

const (
	head     part = iota
	body          // or a chunk with its line end
	size          // of a chunk
	trailers      // or the empty line in their stead
	rest          // a body until the connection ends, or another protocol
)

func (h *http1Heads) scan(p []byte) (headers int) {
	if h.in != rest && h.switched.Load() {
		h.in = rest
	}
	for len(p) > 0 && h.in != rest {
		if h.in == body {
			n := min(h.left, len(p))
			h.left -= n
			p = p[n:]
			if h.left == 0 {
				h.next()
			}
			continue
		}
		end := bytes.IndexByte(p, '\n') + 1
		if end == 0 {
			h.line = append(h.line, p...)
			return headers
		}
		line := p[:end]
		if len(h.line) > 0 {
			h.line = append(h.line, line...)
			line = h.line
		}
		text := bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))
		if h.in == head || h.in == trailers && len(text) > 0 {
			headers += len(line)
		}
		h.follow(text)
		h.line = h.line[:0]
		p = p[end:]
	}
	return headers
}

// next goes on with the next chunk, or with the next message.
func (h *http1Heads) next() {
	if h.chunked {
		h.in = size
		return
	}
	h.in, h.first, h.length, h.known = head, false, 0, false
}

// follow takes a whole line.
func (h *http1Heads) follow(line []byte) {
	switch {
	case h.in == size:
		text, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(text), 16, 31)
		switch {
		case err != nil:
			h.in = rest
		case n == 0:
			h.in = trailers
		default:
			h.in, h.left = body, int(n)+len("\r\n")
		}
	case h.in == trailers:
		if len(line) == 0 {
			h.chunked = false
			h.next()
		}
	case !h.first:
		h.first = true
		if word, after, _ := bytes.Cut(line, []byte(" ")); !h.answers {
			h.noBody.Store(string(word) == http.MethodHead)
		} else if len(after) >= 3 {
			h.status, _ = strconv.Atoi(string(after[:3]))
		}
	case len(line) == 0:
		h.begin()
	default:
		h.field(line)
	}
}

// field takes a header field.
func (h *http1Heads) field(line []byte) {
	const length, encoding = "content-length", "transfer-encoding"
	if len(line) < len(length) || line[0]|0x20 != 'c' && line[0]|0x20 != 't' {
		return
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimSpace(value)
	switch {
	case strings.EqualFold(string(name), length):
		n, err := strconv.Atoi(string(value))
		h.length, h.known = n, err == nil
	case strings.EqualFold(string(name), encoding):
		h.chunked = strings.EqualFold(string(value), "chunked")
	}
}

// begin begins the body, if there is one (RFC 9112 section 6.3).
func (h *http1Heads) begin() {
	switch s := h.status; {
	case s == http.StatusSwitchingProtocols:
		h.switched.Store(true)
		h.in = rest
	case h.answers && (h.noBody.Load() || s < 200 || s == http.StatusNoContent || s == http.StatusNotModified):
		h.chunked = false
		h.next()
	case h.chunked:
		h.in = size
	case h.length > 0:
		h.in, h.left = body, h.length
	case h.answers && !h.known:
		h.in = rest
	default:
		h.next()
	}
}

// http2Heads follows the frames of HTTP/2 (RFC 9113 section 4.1) and finds the
// parts of compressed header blocks in them: what HEADERS, PUSH_PROMISE and
// CONTINUATION carry besides priorities and padding.
type http2Heads struct {
	start [frameHeader + 1]byte // of the present frame
	n     int                   // bytes of it so far
	block int                   // bytes of its header block to come
	rest  int                   // bytes of all else in it to come
}

func (h *http2Heads) scan(p []byte) (headers int) {
	for len(p) > 0 {
		switch {
		case h.block > 0:
			n := min(h.block, len(p))
			h.block -= n
			headers += n
			p = p[n:]
		case h.rest > 0:
			n := min(h.rest, len(p))
			h.rest -= n
			p = p[n:]
		default:
			n := copy(h.start[h.n:h.want()], p)
			h.n += n
			p = p[n:]
			if h.n == h.want() {
				h.begin()
			}
		}
	}
	return headers
}

// The types of frames with parts of header blocks, and their flags.
const (
	frameHeaders      = 0x1
	framePushPromise  = 0x5
	frameContinuation = 0x9

	flagPadded   = 0x8
	flagPriority = 0x20
)

// want is how many bytes of the frame tell what it carries: its header, and the
// length of the padding where it has some with a header block.
func (h *http2Heads) want() int {
	if h.n >= frameHeader && h.padded() {
		return frameHeader + 1
	}
	return frameHeader
}

func (h *http2Heads) padded() bool {
	kind := h.start[3]
	return (kind == frameHeaders || kind == framePushPromise) && h.start[4]&flagPadded != 0
}

// begin tells a frame's header block from the rest of it.
func (h *http2Heads) begin() {
	length := int(h.start[0])<<16 | int(h.start[1])<<8 | int(h.start[2])
	h.block, h.rest = 0, length
	other := 0
	if h.padded() {
		other = 1 + int(h.start[frameHeader])
		h.rest-- // it has been read
	}
	switch h.start[3] {
	case frameHeaders:
		if h.start[4]&flagPriority != 0 {
			other += 5
		}
	case framePushPromise:
		other += 4 // the promised stream
	case frameContinuation:
	default:
		other = length
	}
	h.block = max(length-other, 0)
	h.rest -= h.block
	h.n = 0
}
