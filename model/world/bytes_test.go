package world_test

import (
	"fmt"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// TestBytesAddUp: the parts of the bytes are disjoint, and none is missing or
// negative. That each is what it says, TestWireBytes counts in the packets.
func TestBytesAddUp(t *testing.T) {
	for _, name := range caseNames() {
		s := parse(t, goldenCases[name])
		r := simulate(t, s)
		for _, run := range r.Runs {
			t.Run(fmt.Sprint(name, " ", run.Strategy), func(t *testing.T) {
				m := run.Metrics
				parts := m["bytes.payload"] + m["bytes.headers"] + m["bytes.framing"] + m["bytes.tls"] + m["bytes.tcp_ip"] + m["bytes.retransmitted"]
				if total := m["bytes.sent"] + m["bytes.received"]; total != parts {
					t.Errorf("%v bytes on the wire, %v in the parts", total, parts)
				}
				for _, part := range []string{"bytes.payload", "bytes.tcp_ip", "bytes.headers"} {
					if m[part] <= 0 {
						t.Errorf("%s is %v", part, m[part])
					}
				}
				if m["bytes.framing"] < 0 && !s.Push.Deflate {
					t.Errorf("bytes.framing is %v", m["bytes.framing"])
				}
				if (m["bytes.tls"] > 0) != s.TLS.Enabled {
					t.Errorf("bytes.tls is %v", m["bytes.tls"])
				}
				if m["packets.lost"]+m["packets.retransmitted"] == 0 && m["bytes.retransmitted"] != 0 {
					t.Errorf("%v bytes retransmitted, though nothing was sent again", m["bytes.retransmitted"])
				}
				if m["packets.lost"] > 0 && m["packets.retransmitted"] == 0 {
					t.Errorf("%v packets lost, and none sent again", m["packets.lost"])
				}
			})
		}
	}
}

// TestPayloadIsThePage: everybody gets all of the page, whatever the strategy.
func TestPayloadIsThePage(t *testing.T) {
	s := parse(t, `
clients: {count: 3, visits: 2, think: 1s}
page:
  resources:
    - {name: document, size: 10kB}
    - {name: images, count: 5, size: {list: [1kB, 2kB]}, after: [document]}
    - {name: upload, method: POST, body: 30kB, size: 0B, after: [document]}`)
	const page = 10_000 + (1000 + 2000 + 1000 + 2000 + 1000) + 30_000
	for _, run := range simulate(t, s).Runs {
		if got := run.Metrics["bytes.payload"]; got != 3*2*page {
			t.Errorf("%s: payload %v, want %d", run.Strategy, got, 3*2*page)
		}
	}
}

// TestWebSocketFrameHeaders counts RFC 6455 section 5.2's headers on the wire:
// 2, 4 or 10 bytes up to 125, 65,535 and more, and 4 more from the client for
// the mask. The envelope of a message and the handshake are the same in each
// scenario, so that differences are the frames' own.
func TestWebSocketFrameHeaders(t *testing.T) {
	const envelope = len(`{"status":200}` + "\n")
	framing := func(size int, method string, body int) float64 {
		t.Helper()
		s := parse(t, fmt.Sprintf(`
clients: {count: 1}
page: {resources: [{name: o, size: %dB, method: %s, body: %dB}]}`, size, method, body))
		return measure(t, s, scenarios.WebSocket)["bytes.framing"]
	}
	small := framing(0, "POST", 0)
	for _, tt := range []struct {
		size   int     // of the message
		header float64 // of its frame, beyond 2 bytes
	}{
		{125, 0}, {126, 2}, {65_535, 2}, {65_536, 8},
	} {
		if got := framing(tt.size-envelope, "POST", 0) - small; got != tt.header {
			t.Errorf("a response of %d bytes: header %v bytes, want %v", tt.size, 2+got, 2+tt.header)
		}
	}
	const request = len(`{"method":"POST","path":"/o"}` + "\n")
	for _, tt := range []struct {
		size   int
		header float64
	}{
		{125, 0}, {126, 2}, {65_535, 2}, {65_536, 8},
	} {
		if got := framing(0, "POST", tt.size-request) - small; got != tt.header {
			t.Errorf("a request of %d bytes: header %v bytes, want %v", tt.size, 6+got, 6+tt.header)
		}
	}
	// The mask: everything of one message each way but the 2 + 2 + 4 bytes of
	// frame headers is envelope, handshakes (the same for another message) and
	// the closing handshake, 2 + 2 bytes of header and 2 of status each way, 4 of mask.
	two := measure(t, parse(t, `
clients: {count: 1}
page: {resources: [{name: o, size: 0B, method: POST, body: 0B, count: 2}]}`), scenarios.WebSocket)["bytes.framing"]
	const second = float64(len(`{"id":1,"method":"POST","path":"/o/1"}`+"\n") + len(`{"id":1,"status":200}`+"\n") + 2 + 4 + 2)
	if got := two - small - float64(len("/0")); got != second {
		t.Errorf("another exchange: %v bytes, want %v: 6 bytes of header up, 2 down and the envelopes", got, second)
	}
}

// TestHeadersAreCountedByThePacket: without loss, streams are on the wire
// once: each side's bytes are the other's, and headers are 40 bytes a packet
// with 12 more on a SYN.
func TestHeadersAreCountedByThePacket(t *testing.T) {
	s := parse(t, `
clients: {count: 1}
page: {resources: [{name: o, count: 30}]}`)
	for _, run := range simulate(t, s).Runs {
		m := run.Metrics
		want := 40*(m["packets.sent"]+m["packets.received"]) + 12*2*m["connections.opened"]
		if m["bytes.tcp_ip"] != want {
			t.Errorf("%s: %v bytes of TCP and IP headers, want %v", run.Strategy, m["bytes.tcp_ip"], want)
		}
	}
}

// Handshakes are a part of what carries them: those of TCP of the headers,
// and those of TLS of TLS, with the certificate
// chain unless a session is resumed.
func TestHandshakesAreCounted(t *testing.T) {
	const text = `
network: {rtt: 50ms}
clients: {count: 1}
tls: {enabled: true, chain: 3kB}
page: {resources: [{name: o, size: 1kB, count: 10}]}`
	s := parse(t, text, "strategies=[http1-close, http2]")
	r := simulate(t, s)
	many, one := r.Runs[0].Metrics, r.Runs[1].Metrics
	connections := many["connections.opened"]
	if connections < 10 || one["connections.opened"] != 1 {
		t.Fatalf("%v connections and %v", connections, one["connections.opened"])
	}
	for _, m := range []result.Metrics{many, one} { // SYN and FIN from both sides, or RST, 40 bytes each and options
		if each := m["bytes.tcp_handshakes"] / m["connections.opened"]; each < 4*40 || each > 300 {
			t.Errorf("%v bytes of TCP handshakes for each connection", each)
		}
	}
	for _, m := range []result.Metrics{many, one} {
		if m["bytes.tcp_handshakes"] >= m["bytes.tcp_ip"] || m["bytes.tls_handshakes"] >= m["bytes.tls"] {
			t.Errorf("handshakes of %v of %v bytes, and of %v of %v", m["bytes.tcp_handshakes"], m["bytes.tcp_ip"], m["bytes.tls_handshakes"], m["bytes.tls"])
		}
	}
	full := one["bytes.tls_handshakes"]
	// Hellos with keys of X25519MLKEM768 are 2.4 kB.
	if full < 3000+2400 || full > 7000 {
		t.Errorf("a full handshake takes %v bytes with a chain of 3 kB", full)
	}
	if n := many["tls.handshakes.resumed"]; n == 0 || (many["bytes.tls_handshakes"]-full*many["tls.handshakes.full"])/n > full-2500 {
		t.Errorf("%v resumed handshakes, %v bytes in all, %v for a full one", n, many["bytes.tls_handshakes"], full)
	}
	clear := measure(t, parse(t, text, "tls.enabled=false"), scenarios.HTTP2)
	if clear["bytes.tls_handshakes"] != 0 || clear["bytes.tcp_handshakes"] == 0 {
		t.Errorf("in clear: %v bytes of TLS handshakes, %v of TCP's", clear["bytes.tls_handshakes"], clear["bytes.tcp_handshakes"])
	}
}
