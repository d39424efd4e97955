package world_test

import (
	"math"
	"testing"

	"protosim/scenarios"
)

// chatting is 10 users, 20 ms from an edge and 80 ms more from the servers.
const chatting = `
workload: chat
duration: 40s
network: {rtt: 20ms}
clients: {count: 10, arrival: 1s}
chat: {interval: 500ms, pages: 10, page: 10kB}
push: {poll: 2s}
servers: {rtt: 80ms}
cache: {edges: 1}
`

// The hybrid reads from caches as HTTP does, and hears as soon as a socket.
func TestHybridTakesTheBestOfBoth(t *testing.T) {
	m := measureEach(t, chatting)
	for _, s := range []scenarios.Strategy{scenarios.SSE, scenarios.WebSocket, scenarios.Hybrid} {
		if p50 := m[s]["push.latency_ms.p50"]; math.Abs(p50-50) > 1 {
			t.Errorf("%s: an event takes %v ms, want one way of 50", s, p50)
		}
	}
	if p50 := m[scenarios.Poll]["push.latency_ms.p50"]; p50 < 700 {
		t.Errorf("poll: an event takes %v ms, want about half the interval", p50)
	}
	if of := m[scenarios.Hybrid]["origin.offload"]; of < .5 || m[scenarios.WebSocket]["origin.offload"] != 0 {
		t.Errorf("offload: hybrid %v, websocket %v", of, m[scenarios.WebSocket]["origin.offload"])
	}
	if h, w := m[scenarios.Hybrid]["connections.opened"], m[scenarios.WebSocket]["connections.opened"]; h != 20 || w != 10 {
		t.Errorf("connections: hybrid %v, websocket %v", h, w)
	}
	for s, metrics := range m {
		if metrics["push.missed"]+metrics["push.duplicates"]+metrics["requests.failed"] != 0 || metrics["push.delivered"] == 0 {
			t.Errorf("%s: %v", s, metrics)
		}
	}
	off := measureEach(t, chatting, "cache.edges=0", "strategies=[hybrid]")[scenarios.Hybrid]
	if off["request_ms.p50"] < m[scenarios.Hybrid]["request_ms.p50"]+50 {
		t.Errorf("the median request takes %v ms with caches and %v without", m[scenarios.Hybrid]["request_ms.p50"], off["request_ms.p50"])
	}
}

// Compression is of the sockets: it makes their messages smaller, and nothing else.
func TestDeflate(t *testing.T) {
	perEvent := func(sets ...string) (ws, sse float64) {
		m := simulatePush(t, append(sets, "push.interval=500ms", "push.size=500B", "strategies=[sse,websocket]")...)
		return m[scenarios.WebSocket]["push.bytes_per_event"], m[scenarios.SSE]["push.bytes_per_event"]
	}
	ws, sse := perEvent()
	small, same := perEvent("push.deflate=true")
	if small > .75*ws || small < .2*ws {
		t.Errorf("an event costs %.0f bytes compressed, %.0f as it is", small, ws)
	}
	if sse != same {
		t.Errorf("a server-sent event costs %.0f bytes, or %.0f", sse, same)
	}
}

// FIGURES 4, to the byte: polling once a second in vain with 871 bytes of
// headers costs 6,968,000, 69,680,000 or 696,800,000 bits of headers a second
// for 1,000, 10,000 or 100,000 clients.
func TestPollingHeaders(t *testing.T) {
	const seconds, clients = 20, 4
	m := measureEach(t, `
workload: push
duration: 20s
strategies: [poll]
network: {rtt: 0}
clients: {count: 4, request_headers: 545}
servers: {response_headers: 300}
push: {interval: 1h, poll: 1s, http: 1}`)[scenarios.Poll]
	polls := m["requests.ok"]
	if polls != seconds*clients {
		t.Fatalf("%v polls of %d clients in %d s", polls, clients, seconds)
	}
	each := m["bytes.headers"] / polls
	for n, want := range map[float64]float64{1000: 6_968_000, 10_000: 69_680_000, 100_000: 696_800_000} {
		if bits := n * each * 8; bits != want {
			t.Errorf("%v clients: %v bit/s of headers, want %v (%v bytes each)", n, bits, want, each)
		}
	}
}
