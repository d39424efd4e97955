package world_test

import (
	"context"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// fleetScenario is a fleet of three behind a balancer, with 30 users.
const fleetScenario = `
workload: session
duration: 30s
strategies: [http1, http2, websocket]
network: {rtt: 20ms}
clients: {count: 30, arrival: 2s, timeout: 3s}
session: {interval: {uniform: {min: 500ms, max: 1500ms}}}
balancer: {kind: l7, upgrade: true}
servers: {count: 3}
`

// measureEach runs a scenario under its strategies, with some fields changed.
func measureEach(t *testing.T, text string, sets ...string) map[scenarios.Strategy]result.Metrics {
	t.Helper()
	metrics := map[scenarios.Strategy]result.Metrics{}
	for _, run := range simulate(t, parse(t, text, sets...)).Runs {
		metrics[run.Strategy] = run.Metrics
	}
	return metrics
}

// simulateFleet runs the fleet with some lines more.
func simulateFleet(t *testing.T, more string, sets ...string) map[scenarios.Strategy]result.Metrics {
	t.Helper()
	return measureEach(t, fleetScenario+more, sets...)
}

const crashOfOne = "faults: [{at: 10s, kind: crash, target: www-2, for: 5s}]"

// expect compares metrics of one strategy.
func expect(t *testing.T, strategy scenarios.Strategy, got result.Metrics, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s: %s is %v, want %v", strategy, name, got[name], value)
		}
	}
}

// Round robin gives each of three servers a third of the users. With the state
// in memory, a crash loses exactly that third.
func TestCrashLosesWhatWasPinned(t *testing.T) {
	m := simulateFleet(t, crashOfOne)
	expect(t, scenarios.WebSocket, m[scenarios.WebSocket], map[string]float64{
		"sessions.lost": 10, "sessions.total": 40, "disconnects.total": 10,
	})
	for _, s := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2} {
		expect(t, s, m[s], map[string]float64{"sessions.lost": 0, "sessions.total": 30, "requests.failed": 0, "disconnects.total": 0})
	}
}

func TestCrashWithoutStickyStateLosesNothing(t *testing.T) {
	for _, state := range []string{"store", "client"} {
		m := simulateFleet(t, crashOfOne, "session.state="+state)
		for s, metrics := range m {
			expect(t, s, metrics, map[string]float64{"sessions.lost": 0, "sessions.total": 30})
		}
		if n := m[scenarios.WebSocket]["disconnects.total"]; n != 10 {
			t.Errorf("%s: %v disconnects, want 10: the store keeps sessions, not sockets", state, n)
		}
	}
}

// Affinity by cookie pins sessions over HTTP as a socket does: then a crash
// costs the same third.
func TestCookieAffinityMakesRequestsSticky(t *testing.T) {
	m := simulateFleet(t, crashOfOne, "session.state=memory", "balancer.affinity=cookie")
	for s, metrics := range m {
		expect(t, s, metrics, map[string]float64{"sessions.lost": 10, "sessions.total": 40})
	}
}

// Affinity by address costs twice: the users of the server that crashed lose
// their session to the crash, and the next one when the server is back and gets
// them again.
func TestSourceAffinityLosesTwice(t *testing.T) {
	m := simulateFleet(t, crashOfOne, "session.state=memory", "balancer.affinity=source", "strategies=[http1,http2]")
	for s, metrics := range m {
		lost := metrics["sessions.lost"]
		expect(t, s, metrics, map[string]float64{"sessions.total": 30 + lost})
		if lost < 10 || lost > 30 {
			t.Errorf("%s: lost %v sessions of 30 on three servers with one crash", s, lost)
		}
	}
}

// Without affinity, memory state over HTTP is lost with the first request that
// goes elsewhere.
func TestMemoryStateNeedsAffinity(t *testing.T) {
	m := simulateFleet(t, "", "session.state=memory", "strategies=[http1]")[scenarios.HTTP1]
	if m["sessions.lost"] < 100 {
		t.Errorf("lost %v sessions without affinity, want many", m["sessions.lost"])
	}
}

// Each deploy of a server disconnects those on it, who spread evenly over the
// others: 10 of 30, then half of 20 and 10 more, then what gathered on the last.
func TestDeployDisconnectsAsItsScheduleSays(t *testing.T) {
	load := []float64{10, 10, 10}
	var want float64
	for i := range load {
		want += load[i]
		share := load[i] / 2
		load[i] = 0
		for j := range load {
			if j != i {
				load[j] += share
			}
		}
	}
	const deploy = "faults: [{at: 5s, kind: deploy, drain: 2s, restart: 2s}]"
	m := simulateFleet(t, deploy)
	got := m[scenarios.WebSocket]["disconnects.total"]
	if got < want-1 || got > want+1 { // halves of odd numbers
		t.Errorf("%v disconnects, want %v", got, want)
	}
	if lost := m[scenarios.WebSocket]["sessions.lost"]; lost != got {
		t.Errorf("%v sessions lost with %v disconnects", lost, got)
	}
	for _, s := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2} {
		expect(t, s, m[s], map[string]float64{"requests.failed": 0, "requests.retried": 0, "sessions.lost": 0})
	}
}

// Work of 2 s outlives a drain of 500 ms, and not one of 4 s. It may not be
// repeated, so what is cut off has failed.
func TestDrainMustOutlastTheWork(t *testing.T) {
	deploy := func(drain string) map[scenarios.Strategy]result.Metrics {
		return simulateFleet(t, "faults: [{at: 8s, kind: deploy, drain: "+drain+", restart: 1s}]",
			"servers.service_time=2s", "session.unsafe=true", "clients.timeout=10s", "strategies=[http1,http2]")
	}
	short, long := deploy("500ms"), deploy("4s")
	for s := range short {
		if short[s]["requests.failed"] == 0 {
			t.Errorf("%s: a drain of 500 ms cut nothing off", s)
		}
		expect(t, s, long[s], map[string]float64{"requests.failed": 0})
	}
}

// Sockets stay where they are when servers are added: half of six have them all.
func TestScaleOutMovesRequestsOnly(t *testing.T) {
	m := simulateFleet(t, "faults: [{at: 10s, kind: scale, to: 6}]")
	if n := m[scenarios.WebSocket]["servers.imbalance"]; n != 2 {
		t.Errorf("imbalance of sockets is %v, want 2", n)
	}
	if n := m[scenarios.HTTP1]["servers.imbalance"]; n > 1.2 {
		t.Errorf("imbalance of requests is %v, want about 1", n)
	}
	// To the end of the run, and not at all.
	expect(t, scenarios.WebSocket, m[scenarios.WebSocket], map[string]float64{"disconnects.total": 0, "clients.disturbed": 0, "servers.rebalance_ms": 20000})
	expect(t, scenarios.HTTP1, m[scenarios.HTTP1], map[string]float64{"servers.rebalance_ms": 0})
}

// Sockets that have to come back spread over all servers that there are then.
func TestSocketsThatComeBackRebalance(t *testing.T) {
	m := simulateFleet(t, "faults: [{at: 10s, kind: scale, to: 6}, {at: 15s, kind: crash, target: balancer, for: 500ms}]", "strategies=[websocket]")[scenarios.WebSocket]
	if ms := m["servers.rebalance_ms"]; ms < 5000 || ms > 9000 {
		t.Errorf("balanced after %v ms, want soon after 5 s", ms)
	}
	expect(t, scenarios.WebSocket, m, map[string]float64{"disconnects.total": 30, "clients.disturbed": 30})
}

// Two connections that are cut in the middle of the run and replaced are four that
// last half as long.
func TestConnectionLifetime(t *testing.T) {
	const crash = "faults: [{at: 15s, kind: crash, target: balancer, for: 100ms}]"
	whole := simulateFleet(t, "", "clients.count=2", "strategies=[http2]")[scenarios.HTTP2]
	cut := simulateFleet(t, crash, "clients.count=2", "strategies=[http2]")[scenarios.HTTP2]
	if n := cut["connections.opened"]; n != 4 {
		t.Fatalf("%v connections were opened, want 4", n)
	}
	got, want := cut["connections.lifetime_ms.mean"], whole["connections.lifetime_ms.mean"]/2
	if got > want || got < want-1500 { // the pause until the next request asks for one
		t.Errorf("connections live %v ms, want almost %v", got, want)
	}
}

func TestStoreOutage(t *testing.T) {
	const outage = "faults: [{at: 10s, kind: crash, target: store, for: 4s}]"
	failing := simulateFleet(t, outage, "session.state=store", "strategies=[http2]")[scenarios.HTTP2]
	if failing["requests.failed"] == 0 || failing["store.errors"] == 0 {
		t.Errorf("an outage of the store failed %v requests with %v errors", failing["requests.failed"], failing["store.errors"])
	}
	expect(t, scenarios.HTTP2, failing, map[string]float64{"sessions.lost": 30})

	serving := simulateFleet(t, outage, "session.state=store", "strategies=[http2]", "store.failure=serve", "store.persistent=true")[scenarios.HTTP2]
	expect(t, scenarios.HTTP2, serving, map[string]float64{"requests.failed": 0, "sessions.lost": 0})
}

func TestBalancerWithoutUpgradeStopsSockets(t *testing.T) {
	m := simulateFleet(t, "", "balancer.upgrade=false", "clients.reconnect.attempts=3")
	expect(t, scenarios.WebSocket, m[scenarios.WebSocket], map[string]float64{"sessions.total": 0, "requests.ok": 0})
	expect(t, scenarios.HTTP1, m[scenarios.HTTP1], map[string]float64{"sessions.total": 30})
}

func TestSpliceBalancer(t *testing.T) {
	m := simulateFleet(t, crashOfOne, "balancer.kind=l4", "balancer.upgrade=false")
	for s, metrics := range m {
		if metrics["sessions.total"] < 30 {
			t.Errorf("%s: %v sessions through an l4 balancer", s, metrics["sessions.total"])
		}
	}
}

func TestFleetOverTLS(t *testing.T) {
	m := simulateFleet(t, crashOfOne, "tls.enabled=true")
	expect(t, scenarios.WebSocket, m[scenarios.WebSocket], map[string]float64{"sessions.lost": 10})
	expect(t, scenarios.HTTP2, m[scenarios.HTTP2], map[string]float64{"sessions.lost": 0, "requests.failed": 0})
}

// The shipped scenarios of the fleet hold what they promise; see
// TestStormsDependOnTheClients for the others.
func TestFleetScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every fleet scenario in full; make test does so natively")
	}
	for _, name := range []string{"server-crash", "rolling-deploy", "scale-out", "reconnect-storm-store", "shared-sessions", "vanished-host"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := scenarios.Load(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := world.Simulate(context.Background(), s, world.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Judge(); err != nil {
				t.Fatal(err)
			}
			for _, e := range r.Failed() {
				t.Errorf("%s\n%s", e.Expr, strings.ReplaceAll(e.Reason, ", ", "\n"))
			}
		})
	}
}
