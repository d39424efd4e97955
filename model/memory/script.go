package memory

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// headers are those that a browser sends with each request.
var headers = [][2]string{
	{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"},
	{"Accept", "*/*"},
	{"Accept-Encoding", "gzip, deflate, br, zstd"},
	{"Accept-Language", "en-US,en;q=0.9"},
	{"Cookie", "session=" + strings.Repeat("0123456789abcdef", 4)},
}

// script returns what a client of the protocol says, up to the state that is
// to be measured.
func script(p Protocol) []byte {
	switch p {
	case HTTP1:
		return textRequest(answerPath)
	case HTTP1Waiting:
		return textRequest(waitPath)
	case HTTP2:
		return frames(answerPath, 1)
	case HTTP2Stream:
		return frames(waitPath, streams)
	case WebSocket:
		return textRequest(socketPath,
			"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	}
	panic(fmt.Sprintf("memory: no protocol %q", p))
}

// streams is how many a connection of the protocol HTTP2Stream has open.
const streams = 8

func textRequest(path string, more ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: server.test\r\n", path)
	for _, h := range headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	for _, line := range more {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// frames begins a connection as net/http's client does, and opens n streams.
func frames(path string, n int) []byte {
	var b, block bytes.Buffer
	b.WriteString(http2.ClientPreface)
	f := http2.NewFramer(&b, nil)
	check := func(err error) {
		if err != nil {
			panic(err) // writing to memory does not fail
		}
	}
	check(f.WriteSettings(
		http2.Setting{ID: http2.SettingEnablePush, Val: 0},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 4 << 20},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: 10 << 20},
	))
	check(f.WriteWindowUpdate(0, 1<<30))
	check(f.WriteSettingsAck())
	h := hpack.NewEncoder(&block)
	for i := range n {
		block.Reset()
		for _, kv := range append([][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "server.test"}, {":path", path}}, headers...) {
			check(h.WriteField(hpack.HeaderField{Name: strings.ToLower(kv[0]), Value: kv[1]}))
		}
		check(f.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*i + 1), BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}))
	}
	return b.Bytes()
}

// say plays a script on a connection. It does not wait for answers but those
// of the handshake of TLS.
func say(c net.Conn, p Protocol, secure bool) error {
	if secure {
		config := &tls.Config{InsecureSkipVerify: true, ServerName: "server.test", NextProtos: []string{alpn(p)}}
		t := tls.Client(c, config)
		if err := t.Handshake(); err != nil {
			return err
		}
		c = t
	}
	_, err := c.Write(script(p))
	return err
}

// alpn is the protocol that a client offers.
func alpn(p Protocol) string {
	if p == HTTP2 || p == HTTP2Stream {
		return "h2"
	}
	return "http/1.1"
}
