package world_test

import (
	"fmt"
	"testing"
	"time"

	"protosim/model/result"
	"protosim/model/trace"
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

// Each deploy of a batch disconnects those on it, who spread evenly over the
// others: with 36 users on three servers, 12, then half of 24 and 12 more, then
// what gathered on the last. With two of four at a time, 18, and then all 36.
func TestDeployDisconnectsAsItsScheduleSays(t *testing.T) {
	for _, c := range []struct{ servers, batch int }{{3, 1}, {4, 2}, {3, 3}} {
		load := make([]float64, c.servers)
		for i := range load {
			load[i] = float64(36 / c.servers)
		}
		var want float64
		for from := 0; from < c.servers; from += c.batch {
			var thrown float64
			for i := range min(c.batch, c.servers-from) {
				thrown += load[from+i]
				load[from+i] = 0
			}
			want += thrown
			for i := range load {
				if others := c.servers - c.batch; others > 0 && (i < from || i >= from+c.batch) {
					load[i] += thrown / float64(others)
				}
			}
		}
		m := simulateFleet(t, fmt.Sprintf("faults: [{at: 5s, kind: deploy, batch: %d, drain: 2s, restart: 2s}]", c.batch),
			"clients.count=36", fmt.Sprintf("servers.count=%d", c.servers))
		expect(t, scenarios.WebSocket, m[scenarios.WebSocket], map[string]float64{"disconnects.total": want, "sessions.lost": want})
		if c.batch < c.servers {
			for _, s := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2} {
				expect(t, s, m[s], map[string]float64{"requests.failed": 0, "requests.retried": 0, "sessions.lost": 0})
			}
		}
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
// Requests are spread over all six within a second.
func TestScaleOutMovesRequestsOnly(t *testing.T) {
	const scale = "faults: [{at: 10s, kind: scale, to: 6}]"
	m := simulateFleet(t, scale)
	expect(t, scenarios.WebSocket, m[scenarios.WebSocket], map[string]float64{
		"disconnects.total": 0, "servers.imbalance": 2, "servers.jain": .5, // 3 x 10, 3 x 0: 30² / (6 x 300)
	})
	for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2} {
		if n := m[strategy]["servers.imbalance"]; n > 1.2 {
			t.Errorf("%s: imbalance of requests is %v, want about 1", strategy, n)
		}
		events, names := traced(t, parse(t, fleetScenario+scale, "clients.count=120"), strategy)
		at := map[string]float64{}
		var all float64
		for _, e := range events {
			if e.Kind == trace.Serving && e.At >= 10*time.Second && e.At < 11*time.Second {
				at[names[e.Host]]++
				all++
			}
		}
		for i := range 6 {
			if n := at[fmt.Sprintf("www-%d", i+1)]; all < 100 || n < .8*all/6 || n > 1.2*all/6 {
				t.Errorf("%s: www-%d got %v of the %v requests of the first second", strategy, i+1, n, all)
			}
		}
	}
}

// Each action reads the session from the store and writes it, each login writes
// it; that takes two round trips to the store. With the state in memory it takes
// none, and a crash takes the sessions with it.
func TestStoreCostsAndKeeps(t *testing.T) {
	sets := []string{"balancer.affinity=cookie", "strategies=[http1,http2]", "servers.service_time=0s", "store.service_time=0s", "store.rtt=4ms"}
	in := func(state string) map[scenarios.Strategy]result.Metrics {
		return simulateFleet(t, crashOfOne, append(sets, "session.state="+state)...)
	}
	kept, forgotten := in("store"), in("memory")
	for s := range kept {
		expect(t, s, kept[s], map[string]float64{"sessions.total": 30, "sessions.lost": 0})
		expect(t, s, forgotten[s], map[string]float64{"sessions.total": 40, "sessions.lost": 10, "store.operations": 0})
		if more := kept[s]["request_ms.p50"] - forgotten[s]["request_ms.p50"]; more < 7.5 || more > 8.5 {
			t.Errorf("%s: the store makes a request %v ms longer, want 8", s, more)
		}
	}
	calm := simulateFleet(t, "", append(sets, "session.state=store")...)
	for s, m := range calm {
		expect(t, s, m, map[string]float64{"store.operations": 2*(m["requests.ok"]-30) + 30, "store.errors": 0})
	}
}

// While the store is down, requests fail, or are served without the session, as
// configured: at once if it has crashed, after store.timeout if it has vanished.
func TestStoreOutage(t *testing.T) {
	sets := []string{"session.state=store", "strategies=[http2,websocket]", "clients.retry.attempts=1", "clients.timeout=3s"}
	for _, kind := range []string{"crash", "vanish"} {
		outage := "faults: [{at: 10s, kind: " + kind + ", target: store, for: 4s}]"
		for s, m := range simulateFleet(t, outage, sets...) {
			if m["requests.failed"] < 30 || m["store.errors"] < 30 {
				t.Errorf("%s, %s: an outage of the store failed %v requests with %v errors", s, kind, m["requests.failed"], m["store.errors"])
			}
			lost := map[string]float64{"crash": 30, "vanish": 0}[kind] // it does not persist, but is only cut off
			expect(t, s, m, map[string]float64{"sessions.lost": lost, "disconnects.total": 0})
		}
		for s, m := range simulateFleet(t, outage, append(sets, "store.failure=serve", "store.persistent=true")...) {
			expect(t, s, m, map[string]float64{"requests.failed": 0, "sessions.lost": 0})
			if slow := m["request_ms.max"]; kind == "vanish" && slow < 1000 || kind == "crash" && slow > 1000 {
				t.Errorf("%s, %s: the slowest request took %v ms; the store's timeout is a second", s, kind, slow)
			}
		}
	}
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
