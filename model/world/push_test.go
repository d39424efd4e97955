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

// With an event now and then, each costs more bytes the more it takes to get
// it: a frame, a frame of a stream, a request, and requests in vain.
func TestBytesPerEvent(t *testing.T) {
	m := simulatePush(t, "push.interval=5s", "push.poll=1s", "push.http=1", "duration=10m")
	order := []scenarios.Strategy{scenarios.WebSocket, scenarios.LongPoll, scenarios.Poll}
	for i, s := range order[1:] {
		if less, more := m[order[i]]["push.bytes_per_event"], m[s]["push.bytes_per_event"]; more < 1.5*less {
			t.Errorf("%s costs %.0f bytes per event, %s %.0f", order[i], less, s, more)
		}
	}
}

// FIGURES 14: signs of life as often as the proxy's timeout come too late; a
// little more often, and nothing is dropped.
func TestIdleTimeout(t *testing.T) {
	behind := []string{"balancer.kind=l7", "balancer.upgrade=true", "balancer.idle_timeout=60s", "push.interval=1h", "duration=10m", "strategies=[sse,websocket]"}
	for s, m := range simulatePush(t, append(behind, "push.keepalive=60s")...) {
		if m["disconnects.total"] < 20 {
			t.Errorf("%s: %v drops with equal timers, want at least one for each of 20", s, m["disconnects.total"])
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
	if n := m[scenarios.WebSocket]["push.delivered"]; n != 0 {
		t.Errorf("%v events reached sockets that cannot exist", n)
	}
	if m[scenarios.SSE]["push.delivered"] == 0 {
		t.Error("no event came through as a server-sent one")
	}
}
