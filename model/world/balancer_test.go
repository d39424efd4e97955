package world_test

import (
	"strings"
	"testing"

	"protosim/model/trace"
	"protosim/scenarios"
)

// upstreams returns how many connections a balancer has opened to servers.
func upstreams(t *testing.T, sets ...string) (n int) {
	t.Helper()
	events, names := traced(t, parse(t, fleetScenario, append(sets, "balancer.health_interval=0s")...), scenarios.HTTP2)
	for _, e := range events {
		if e.Kind == trace.Opened && strings.HasPrefix(names[e.Peer], "www-") {
			n++
		}
	}
	return n
}

// An l7 balancer keeps connections to its servers for further requests: hardly
// any is opened, unless it may keep none, or for less time than there is between
// two requests (30 clients, one a second each).
func TestBalancerKeepsConnections(t *testing.T) {
	if n := upstreams(t); n > 30 {
		t.Errorf("%d connections to servers for 30 clients", n)
	}
	requests := int(simulateFleet(t, "", "strategies=[http2]")[scenarios.HTTP2]["requests.total"])
	if n := upstreams(t, "balancer.keep_alive=0"); n != requests {
		t.Errorf("%d connections for %d requests, none of which is kept", n, requests)
	}
	if n := upstreams(t, "balancer.keep_alive_timeout=1ms"); n < requests*8/10 {
		t.Errorf("%d connections for %d requests, though they are kept for a millisecond only", n, requests)
	}
}

// What a balancer may be told of limits and of servers that fail.
func TestBalancerLimits(t *testing.T) {
	few := simulateFleet(t, "", "balancer.max_connections=10", "clients.reconnect.attempts=1", "strategies=[http2]")[scenarios.HTTP2]
	expect(t, scenarios.HTTP2, few, map[string]float64{"sessions.total": 10})
	for _, s := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2} {
		large := simulateFleet(t, "", "clients.request_headers=8kB", "balancer.max_headers=1kB", "clients.reconnect.attempts=1")[s]
		expect(t, s, large, map[string]float64{"sessions.total": 0})
	}
	// Each request that is sent to the server that has crashed is a retry.
	crash := func(set string) float64 {
		return simulateFleet(t, "faults: [{at: 10s, kind: crash, target: www-2}]", "balancer.health_interval=0s", "strategies=[http1]", set)[scenarios.HTTP1]["balancer.retries"]
	}
	usual, often, always := crash("balancer.max_fails=1"), crash("balancer.fail_timeout=1s"), crash("balancer.max_fails=0")
	if usual < 1 || often < 4*usual || always < 4*often {
		t.Errorf("a dead server is tried %v times, %v with a shorter fail_timeout, and %v where failures do not count", usual, often, always)
	}
	// Connections to a host that has vanished are given up as it says.
	vanish := func(set string) float64 {
		return simulateFleet(t, "faults: [{at: 10s, kind: vanish, target: www-2}]", "balancer.health_interval=0s", "balancer.keep_alive=0", "strategies=[http1]",
			"clients.timeout=10s", set)[scenarios.HTTP1]["request_ms.max"]
	}
	if short, long := vanish("balancer.connect_timeout=300ms"), vanish("balancer.connect_timeout=2s"); short < 300 || short > 500 || long < 2000 {
		t.Errorf("with a timeout of 300 ms to connect, a request takes at most %v ms, with one of 2 s, %v ms", short, long)
	}
}
