package world_test

import (
	"math"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// pushScenario is 20 listeners on a path of 50 ms.
const pushScenario = `
workload: push
duration: 60s
network: {rtt: 50ms}
clients: {count: 20, arrival: 5s}
`

func simulatePush(t *testing.T, sets ...string) map[scenarios.Strategy]result.Metrics {
	t.Helper()
	return measureEach(t, pushScenario, sets...)
}

// An event waits for the next poll, half an interval on average, asks and is
// answered in a round trip; polls are a round trip further apart than the
// interval. On a stream or a socket it takes one way.
func TestPushLatency(t *testing.T) {
	m := simulatePush(t, "push.interval=500ms", "push.poll=2s", "duration=4m")
	if mean, want := m[scenarios.Poll]["push.latency_ms.mean"], 2050/2.+25; math.Abs(mean-want) > .03*want {
		t.Errorf("poll: an event takes %.0f ms on average, want %.0f", mean, want)
	}
	for name, share := range map[string]float64{"p50": .5, "p99": .99} { // uniform
		if got, want := m[scenarios.Poll]["push.latency_ms."+name], 2050*share+25; math.Abs(got-want) > .03*2050 {
			t.Errorf("poll: %s is %.0f ms, want %.0f", name, got, want)
		}
	}
	if top := m[scenarios.Poll]["push.latency_ms.max"]; top > 2150 {
		t.Errorf("poll: an event took %.0f ms, which is more than an interval", top)
	}
	for _, s := range []scenarios.Strategy{scenarios.SSE, scenarios.WebSocket} {
		if p50 := m[s]["push.latency_ms.p50"]; math.Abs(p50-25) > .05 {
			t.Errorf("%s: an event takes %v ms, want one way of 25", s, p50)
		}
	}
	for s, metrics := range m {
		if metrics["push.missed"]+metrics["push.duplicates"] != 0 {
			t.Errorf("%s: %v events missed, %v twice", s, metrics["push.missed"], metrics["push.duplicates"])
		}
	}
}

// An event that is for a tenth of the listeners gets to a tenth of them, and
// nobody is the worse for it: nothing is missed, a poll is held until there is
// something for who asks, and comes back when it is resumed.
func TestFanout(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates some minutes")
	}
	all := simulatePush(t, "push.interval=200ms", "push.poll=1s", "clients.count=40", "strategies=[poll, longpoll, sse, websocket, fallback]")
	some := simulatePush(t, "push.interval=200ms", "push.poll=1s", "clients.count=40", "push.fanout=10%", "strategies=[poll, longpoll, sse, websocket, fallback]")
	for s, m := range some {
		if share := m["push.sent"] / all[s]["push.sent"]; math.Abs(share-.1) > .01 {
			t.Errorf("%s: %v of the events, want a tenth", s, share)
		}
		expect(t, s, m, map[string]float64{"push.missed": 0, "push.duplicates": 0})
		if m["push.undelivered"] > .05*m["push.sent"] || m["requests.failed"] > 0 {
			t.Errorf("%s: %v of %v events undelivered, %v requests failed", s, m["push.undelivered"], m["push.sent"], m["requests.failed"])
		}
	}
	if got, want := some[scenarios.LongPoll]["requests.total"], some[scenarios.LongPoll]["push.sent"]; got > 1.1*want {
		t.Errorf("longpoll: %v requests for %v events", got, want)
	}
	if p50 := some[scenarios.LongPoll]["push.latency_ms.p50"]; math.Abs(p50-25) > 1 {
		t.Errorf("longpoll: an event takes %v ms, want one way of 25", p50)
	}
}

// With an event now and then, each costs more bytes the more it takes to get
// it: a frame, a frame of a stream, a request, and requests in vain.
func TestBytesPerEvent(t *testing.T) {
	m := simulatePush(t, "push.interval=5s", "push.poll=1s", "push.http=1", "duration=10m")
	order := []scenarios.Strategy{scenarios.WebSocket, scenarios.SSE, scenarios.LongPoll, scenarios.Poll}
	factors := []float64{1.001, 1.5, 1.5} // the two frames are nearly alike
	for i, s := range order[1:] {
		if less, more := m[order[i]]["push.bytes_per_event"], m[s]["push.bytes_per_event"]; more < factors[i]*less {
			t.Errorf("%s costs %.0f bytes per event, %s %.0f", order[i], less, s, more)
		}
	}
}

// FIGURES 14: signs of life as often as the proxy's timeout come too late; a
// little more often, and nothing is dropped.
func TestIdleTimeout(t *testing.T) {
	behind := []string{"balancer.kind=l7", "balancer.upgrade=true", "balancer.idle_timeout=60s", "push.interval=1h", "duration=10m", "strategies=[sse,websocket]"}
	for s, m := range simulatePush(t, append(behind, "push.keepalive=60s")...) {
		if m["disconnects.total"] < 100 {
			t.Errorf("%s: %v drops with equal timers, want five for each of 20", s, m["disconnects.total"])
		}
	}
	for s, m := range simulatePush(t, append(behind, "push.keepalive=50s")...) {
		if m["disconnects.total"] != 0 {
			t.Errorf("%s: %v drops with signs of life in time", s, m["disconnects.total"])
		}
	}
}

func TestProxyThatDoesNotForwardUpgrade(t *testing.T) {
	m := simulatePush(t, "balancer.kind=l7", "clients.reconnect.attempts=3", "strategies=[sse,websocket]")
	ws := m[scenarios.WebSocket]
	expect(t, scenarios.WebSocket, ws, map[string]float64{"push.delivered": 0, "push.missed": 0, "push.undelivered": ws["push.sent"]})
	if ws["push.sent"] == 0 {
		t.Error("nothing was sent")
	}
	sse := m[scenarios.SSE] // what was published within the last 25 ms is on its way
	expect(t, scenarios.SSE, sse, map[string]float64{"push.missed": 0})
	if sse["push.delivered"] < sse["push.sent"]-20 || sse["push.sent"] < 800 {
		t.Errorf("as server-sent events %v of %v came through", sse["push.delivered"], sse["push.sent"])
	}
}

// Over HTTP/1.1 a stream of events takes one of the connections that a browser
// has, six: with one connection nothing else gets through beside it, with two
// everything does, one at a time.
func TestStreamTakesAConnection(t *testing.T) {
	const beside = `
workload: chat
duration: 30s
strategies: [sse]
network: {rtt: 50ms}
clients: {count: 3, arrival: 1s, timeout: 5s}
push: {http: 1}
`
	one := measureEach(t, beside, "clients.connections=1")[scenarios.SSE]
	two := measureEach(t, beside, "clients.connections=2")[scenarios.SSE]
	multiplexed := measureEach(t, beside, "clients.connections=1", "push.http=2")[scenarios.SSE]
	if one["requests.ok"] > 3*3 || one["requests.failed"] == 0 { // to log in, the first page, and the stream
		t.Errorf("beside a stream on the only connection %v requests were answered, and %v not", one["requests.ok"], one["requests.failed"])
	}
	if two["requests.failed"] != 0 || two["requests.ok"] < 20 {
		t.Errorf("with two connections %v requests were answered, and %v not", two["requests.ok"], two["requests.failed"])
	}
	if multiplexed["requests.failed"] != 0 || multiplexed["requests.ok"] != two["requests.ok"] {
		t.Errorf("on one connection of HTTP/2 %v requests were answered, and %v not", multiplexed["requests.ok"], multiplexed["requests.failed"])
	}
}
