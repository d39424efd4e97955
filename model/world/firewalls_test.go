package world_test

import (
	"math"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// walled is 40 listeners, a tenth of them behind each kind of firewall, and the
// rest behind none.
const walled = `
workload: push
duration: 15s
strategies: [longpoll, sse, websocket, fallback]
network: {rtt: 40ms}
clients: {count: 40, arrival: 1s, timeout: 5s, reconnect: {attempts: 2}}
push: {interval: 400ms, http: 1}
firewalls:
  - {kind: pass, share: 10%}
  - {kind: block, share: 10%, blocked: [80]}
  - {kind: no-upgrade, share: 10%}
  - {kind: forbid-upgrade, share: 10%}
  - {kind: kill-upgrade, share: 10%}
  - {kind: intercept, share: 10%}
  - {kind: explicit, share: 10%}
`

// The share of clients that get through is what the kinds imply; TLS lifts it:
// what cannot be read is let through, and nothing but an interception reads it.
func TestConnectRatioIsWhatKindsImply(t *testing.T) {
	for _, c := range []struct {
		sets []string
		want map[scenarios.Strategy]float64
	}{
		{nil, map[scenarios.Strategy]float64{"longpoll": .9, "sse": .9, "websocket": .4, "fallback": .9}},
		// HTTP/2 in clear is no HTTP/1.1, which proxies let pass but for CONNECT.
		{[]string{"push.http=2"}, map[scenarios.Strategy]float64{"longpoll": .8, "sse": .8, "websocket": .4, "fallback": .8}},
		// The blocked port is that without TLS.
		{[]string{"tls.enabled=true"}, map[scenarios.Strategy]float64{"longpoll": 1, "sse": 1, "websocket": .9, "fallback": 1}},
		// An interception speaks HTTP/1.1, on which who prefers HTTP/2 falls back.
		{[]string{"tls.enabled=true", "push.http=2"}, map[scenarios.Strategy]float64{"longpoll": 1, "sse": 1, "websocket": .9, "fallback": 1}},
		{[]string{"firewalls=[]"}, map[scenarios.Strategy]float64{"longpoll": 1, "sse": 1, "websocket": 1, "fallback": 1}},
	} {
		for s, m := range measureEach(t, walled, c.sets...) {
			if got := m["connect.success_ratio"]; got != c.want[s] {
				t.Errorf("%v: %s connects %v of the clients, want %v", c.sets, s, got, c.want[s])
			}
		}
	}
}

// Who is behind a proxy that buffers responses gets no stream, but all else.
func TestBufferingEndsStreams(t *testing.T) {
	buffering := "firewalls=[{kind: no-upgrade, buffer: true, share: 50%}]"
	for s, m := range measureEach(t, walled, buffering) {
		want := map[scenarios.Strategy]float64{"longpoll": 1, "sse": .5, "websocket": .5, "fallback": 1}[s]
		if got := m["connect.success_ratio"]; got != want {
			t.Errorf("%s connects %v of the clients, want %v", s, got, want)
		}
		if s == scenarios.Fallback && m["fallbacks.total"] != 2*20 {
			t.Errorf("%v fallbacks, want two of each of 20", m["fallbacks.total"])
		}
		if s == scenarios.SSE && m["push.undelivered"] < .4*m["push.sent"] {
			t.Errorf("as server-sent events %v of %v were not delivered", m["push.undelivered"], m["push.sent"])
		}
	}
}

// How long a fallback takes: the information, a handshake in vain, and what
// follows; or, where the firewall says nothing, the patience that the client
// has for a socket.
func TestFallbackDelay(t *testing.T) {
	one := `
workload: push
duration: 10s
strategies: [fallback]
network: {rtt: 200ms}
clients: {count: 1}
push: {interval: 10ms, http: 1}
`
	first := func(sets ...string) result.Metrics {
		return measureEach(t, one, sets...)[scenarios.Fallback]
	}
	const wait = 10 + 5 // for an event to be published, and the servers' clock
	for _, c := range []struct {
		sets      []string
		want      float64
		fallbacks float64
	}{
		// Connecting and asking; connecting, shaking hands and subscribing.
		{nil, 400 + 600, 0},
		// The refusal comes as soon as the server's answer would.
		{[]string{"firewalls=[{kind: forbid-upgrade, share: 100%}]"}, 400 + 400 + 200, 1},
		// Silence: 400 ms were measured, so that a socket has eight times that.
		{[]string{"firewalls=[{kind: kill-upgrade, share: 100%, silent: true}]"}, 400 + 8*400 + 200, 1},
		// A refusal, then a stream that does not begin within the same patience,
		// and a poll on a connection of its own, whose answer fits into the first
		// window.
		{[]string{"push.interval=100ms", "firewalls=[{kind: no-upgrade, buffer: true, share: 100%}]"}, 400 + 400 + 8*400 + 400, 2},
	} {
		m := first(c.sets...)
		if got := m["push.first_event_ms.p50"]; math.Abs(got-c.want) > wait {
			t.Errorf("%v: the first event after %v ms, want %v", c.sets, got, c.want)
		}
		if m["fallbacks.total"] != c.fallbacks || m["connect.success_ratio"] != 1 {
			t.Errorf("%v: %v fallbacks, %v connected", c.sets, m["fallbacks.total"], m["connect.success_ratio"])
		}
	}
}

// FIGURES 11: of the shipped mix, sockets open as Chrome's engineers saw it.
func TestSocketsOpenAsInTheField(t *testing.T) {
	for _, c := range []struct {
		sets []string
		want float64
	}{
		{nil, .67},
		{[]string{"servers.port=8080"}, .86},
		{[]string{"tls.enabled=true"}, .95},
	} {
		s, err := scenarios.Load("corporate-firewall", append(c.sets, "duration=15s", "clients.reconnect.attempts=1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, strategy := range []scenarios.Strategy{scenarios.WebSocket, scenarios.Fallback} {
			m := measure(t, s, strategy)
			want := c.want
			if strategy == scenarios.Fallback && s.Servers.Port == 0 {
				want = 1
			}
			if got := m["connect.success_ratio"]; got != want {
				t.Errorf("%v: %s connects %v of the clients, want %v", c.sets, strategy, got, want)
			}
		}
	}
}
