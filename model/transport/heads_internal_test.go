package transport

import (
	"bytes"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
)

// overheard is a connection whose header blocks are counted, and whose other side
// says what it is told to.
type overheard struct {
	net.Conn
	bytes.Reader
	count atomic.Int64
	step  int // bytes at a time
	meter net.Conn
}

func (o *overheard) Read(b []byte) (int, error)  { return o.Reader.Read(b) }
func (o *overheard) Write(b []byte) (int, error) { return len(b), nil }

func overhear(multiplexed bool, step int) *overheard {
	o := &overheard{step: step}
	o.meter = Options{HeaderBytes: &o.count}.meter(o, multiplexed)
	return o
}

// exchange sends a request and receives what answers it.
func (o *overheard) exchange(request, answer string) {
	for part := range slices.Chunk([]byte(request), o.step) {
		o.meter.Write(part)
	}
	o.Reset([]byte(answer))
	for b := make([]byte, o.step); ; {
		if _, err := o.meter.Read(b); err != nil {
			return
		}
	}
}

// headers counts the header blocks of a request and what answers it, some bytes
// at a time.
func headers(multiplexed bool, request, answer string, step int) int64 {
	o := overhear(multiplexed, step)
	o.exchange(request, answer)
	return o.count.Load()
}

// In whatever pieces they come, header blocks are told from all else. In the
// texts they are what stands between [ and ].
func TestHeaderBlocksOfHTTP1(t *testing.T) {
	const get = "[GET / HTTP/1.1\r\nHost: a\r\n\r\n]"
	for name, tt := range map[string]struct{ request, answer string }{
		"lengths": {
			"[POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n]GET / \r\n\r\nab" + get,
			"[HTTP/1.1 200 OK\r\ncontent-length:7\r\n\r\n]\r\n\r\nabc[HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n]",
		},
		"chunks": {
			"[POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n]3\r\nabc\r\n0\r\n\r\n" + get,
			"[HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n]A;name=value\r\n0\r\n\r\nHTTP/\r\n00\r\n\r\n[HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n]a",
		},
		"trailers": {
			get,
			"[HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n]1\r\na\r\n0\r\n[Expires: 0\r\nETag: \"a\"\r\n]\r\n[HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n]",
		},
		"no body": {
			get + get + get,
			"[HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n][HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n][HTTP/1.1 204 No Content\r\n\r\n][HTTP/1.1 200 OK\r\n\r\n]all that follows\r\n\r\n",
		},
		"head": {
			"[HEAD / HTTP/1.1\r\nHost: a\r\n\r\n]",
			"[HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n][HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n]",
		},
		"no reason":        {get, "[HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n]a[HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n]"},
		"line feeds alone": {get, "[HTTP/1.1 200 OK\nContent-Length: 1\n\n]a"},
	} {
		brackets := strings.NewReplacer("[", "", "]", "")
		want := int64(0)
		for _, text := range []string{tt.request, tt.answer} {
			for part := range strings.SplitSeq(text, "[") {
				if block, _, ok := strings.Cut(part, "]"); ok {
					want += int64(len(block))
				}
			}
		}
		for _, step := range []int{1, 2, 3, 7, 1000} {
			if got := headers(false, brackets.Replace(tt.request), brackets.Replace(tt.answer), step); got != want {
				t.Errorf("%s, %d bytes at a time: %d bytes of headers, want %d", name, step, got, want)
			}
		}
	}
}

const (
	upgrade   = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
	switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
)

// What follows a switch of protocols has no header blocks, in either direction.
func TestHeaderBlocksEndWithASwitch(t *testing.T) {
	o := overhear(false, 1000)
	o.exchange(upgrade, switching+"a\r\nb\r\n\r\n")
	o.exchange("a\r\nb\r\n\r\n", "")
	if got, want := o.count.Load(), int64(len(upgrade+switching)); got != want {
		t.Errorf("%d bytes of headers, want %d", got, want)
	}
}

func TestHeaderBlocksOfHTTP2(t *testing.T) {
	block := []byte(strings.Repeat("a", 300))
	var out bytes.Buffer
	f := http2.NewFramer(&out, nil)
	f.AllowIllegalWrites = true
	f.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1 << 20})
	f.WriteWindowUpdate(0, 1<<20)
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, PadLength: 17})
	f.WriteContinuation(1, true, block[:20])
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: block[:9], EndHeaders: true, Priority: http2.PriorityParam{StreamDep: 1}})
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 5, BlockFragment: block[:8], EndHeaders: true, Priority: http2.PriorityParam{StreamDep: 1}, PadLength: 3})
	f.WriteDataPadded(1, false, block, block[:30])
	f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: block[:70], EndHeaders: true, PadLength: 5})
	f.WriteRSTStream(3, http2.ErrCodeCancel)
	f.WriteGoAway(5, http2.ErrCodeNo, block[:33])
	f.WritePing(false, [8]byte{})
	const want = 300 + 20 + 9 + 8 + 70
	for _, step := range []int{1, 2, 9, 10, 11, 10_000} {
		if got := headers(true, http2.ClientPreface+out.String(), out.String(), step); got != 2*want {
			t.Errorf("%d bytes at a time: %d bytes of headers, want %d", step, got, 2*want)
		}
	}
	if preface != http2.ClientPreface {
		t.Error("the preface is another")
	}
}
