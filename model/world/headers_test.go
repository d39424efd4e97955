package world_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	h2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"protosim/scenarios"
)

// fields decodes the header block of each request of an HTTP/2 stream, and
// returns the bytes of the frames that it came in.
func fields(t *testing.T, stream []byte) (requests [][]hpack.HeaderField, wire []int) {
	t.Helper()
	f := h2.NewFramer(nil, bytes.NewReader(stream[len(h2.ClientPreface):]))
	f.SetMaxReadFrameSize(1 << 20)
	decoder := hpack.NewDecoder(4096, nil)
	var block []byte
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return requests, wire
		}
		ended := false
		switch h := frame.(type) {
		case *h2.HeadersFrame:
			block = bytes.Clone(h.HeaderBlockFragment())
			ended = h.HeadersEnded()
		case *h2.ContinuationFrame:
			block = append(block, h.HeaderBlockFragment()...)
			ended = h.HeadersEnded()
		}
		if ended {
			list, err := decoder.DecodeFull(block)
			if err != nil {
				t.Fatal(err)
			}
			requests, wire = append(requests, list), append(wire, len(block))
		}
	}
}

// TestRequestHeaderSize reads what servers get of a scenario's request_headers:
// over HTTP/1.1 each request has exactly so many bytes of headers, one more line
// where connections are closed, and those of RFC 6455 section 4.1 in an Upgrade,
// the only request of a socket. Over HTTP/2 the first request has them compressed
// (RFC 7541), and later ones the rest: a cookie that does not fit into the table
// of 4,096 bytes comes in full each time. There, each header is one of a cookie's
// parts, and Go adds its own User-Agent.
func TestRequestHeaderSize(t *testing.T) {
	const (
		closing = len("Connection: close\r\n")
		upgrade = len("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \r\n") + 24
		most    = 130 // more with HTTP/2: pseudo-headers, names of cookies, Go's User-Agent
	)
	for _, tt := range []struct {
		size         int
		first, later int // bytes of compressed headers over HTTP/2
	}{
		{200, 159, 27},
		{545, 422, 32},
		{16_000, 12_759, 12_534},
	} {
		s := parse(t, fmt.Sprintf(`
clients: {count: 1, request_headers: %dB}
page: {resources: [{name: o, count: 3, size: 0B}]}`, tt.size))
		for strategy, want := range map[scenarios.Strategy]int{
			scenarios.HTTP1:      tt.size,
			scenarios.HTTP1Close: tt.size + closing,
			scenarios.WebSocket:  tt.size + upgrade,
		} {
			w, _ := captured(t, s, strategy)
			for _, c := range w.order {
				head, _, _ := bytes.Cut(c.up, []byte("\r\n\r\n"))
				_, lines, _ := bytes.Cut(append(head, "\r\n\r\n"...), []byte("\r\n"))
				if len(lines) != want {
					t.Errorf("%s: %d bytes of headers, want %d:\n%s", strategy, len(lines), want, lines)
				}
			}
		}
		w, _ := captured(t, s, scenarios.HTTP2)
		requests, wire := fields(t, w.order[0].up)
		if want := []int{tt.first, tt.later, tt.later}; !slices.Equal(wire, want) {
			t.Errorf("http2, %d: %d bytes of compressed headers, want %d", tt.size, wire, want)
		}
		for _, r := range requests {
			n := 0
			for _, h := range r {
				n += len(h.Name) + len(": ") + len(h.Value) + len("\r\n")
			}
			if n < tt.size || n > tt.size+most {
				t.Errorf("http2: %d bytes of headers before compression, want %d to %d", n, tt.size, tt.size+most)
			}
		}
	}
}
