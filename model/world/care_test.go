package world_test

import (
	"fmt"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// quietFleet is 30 users who do nothing for half a minute, so that nothing but
// a heartbeat tells them that their server is gone.
const quietFleet = `
workload: session
duration: 60s
strategies: [websocket]
network: {rtt: 20ms}
clients: {count: 30, arrival: 2s, timeout: 3s}
session: {interval: 45s}
balancer: {kind: l7, upgrade: true, idle_timeout: 5m}
servers: {count: 3}
faults: [{at: 10s, kind: vanish, target: www-2}]
`

// A host that vanishes says nothing to the sockets on it. Without heartbeats
// their users learn it when they next ask for something; with them after an
// interval and a timeout at most, and none of the others is disturbed.
func TestHeartbeatsNoticeAVanishedHost(t *testing.T) {
	none := measureEach(t, quietFleet)[scenarios.WebSocket]
	m := measureEach(t, quietFleet, "clients.heartbeat={interval: 4s, timeout: 1s}")[scenarios.WebSocket]
	expect(t, "with heartbeats", m, map[string]float64{"heartbeats.missed": 10, "disconnects.total": 10, "requests.failed": 0})
	expect(t, "without", none, map[string]float64{"disconnects.total": 10, "requests.failed": 10})
	// Up to 5 s for the heartbeat, and up to 3 s in vain at the same server, which
	// the balancer has not yet given up either.
	if r := m["recovery_ms"]; r <= 1000 || r > 8500 {
		t.Errorf("served again after %v ms, want an interval and two timeouts at most", r)
	}
	if r := none["recovery_ms"]; r < 30_000 {
		t.Errorf("without heartbeats served again after %v ms", r)
	}
}

// Heartbeats that are answered end nothing, and keep an idle socket open
// through a balancer that closes silent ones (FIGURES 14).
func TestHeartbeatsKeepSocketsOpen(t *testing.T) {
	const idle = "balancer.idle_timeout=10s"
	none := measureEach(t, quietFleet, idle, "faults=[]")[scenarios.WebSocket]
	m := measureEach(t, quietFleet, idle, "faults=[]", "clients.heartbeat={interval: 5s, timeout: 1s}")[scenarios.WebSocket]
	expect(t, "with heartbeats", m, map[string]float64{"heartbeats.missed": 0, "disconnects.total": 0})
	if none["disconnects.total"] < 30 {
		t.Errorf("%v of 30 idle sockets were closed without heartbeats", none["disconnects.total"])
	}
}

// Who resumes goes on with the session that the store has kept; who begins anew
// loses it though it is there.
func TestResumeOrAnew(t *testing.T) {
	resumed := simulateFleet(t, crashOfOne, "session.state=store", "strategies=[websocket]")[scenarios.WebSocket]
	expect(t, "resume", resumed, map[string]float64{"sessions.resumed": 10, "sessions.lost": 0, "sessions.total": 30})
	anew := simulateFleet(t, crashOfOne, "session.state=store", "strategies=[websocket]", "session.resume=false")[scenarios.WebSocket]
	expect(t, "anew", anew, map[string]float64{"sessions.resumed": 0, "sessions.lost": 10, "sessions.total": 40})
}

// gateway publishes ten events a second to sockets that a crash ends.
const gateway = `
workload: push
duration: 30s
strategies: [sse, websocket]
network: {rtt: 20ms}
clients: {count: 30, arrival: 2s, reconnect: {window: 2s}}
push: {interval: 100ms, http: 1}
balancer: {kind: l7, upgrade: true, policy: round-robin}
servers: {count: 3}
faults: [{at: 10.05s, kind: crash, target: www-2, for: 5s}]
`

// A replay gives those who come back what they missed, exactly once; without it
// that is lost. Ten of thirty were on the server, and are away for up to two
// seconds, or ten events on average.
func TestReplay(t *testing.T) {
	replay := measureEach(t, gateway)
	anew := measureEach(t, gateway, "push.resume=anew")
	for _, s := range []scenarios.Strategy{scenarios.SSE, scenarios.WebSocket} {
		expect(t, s, replay[s], map[string]float64{"push.missed": 0, "push.duplicates": 0})
		n := replay[s]["push.replayed"]
		if n < 60 || n > 150 {
			t.Errorf("%s: %v events replayed, want about 100", s, n)
		}
		expect(t, s, anew[s], map[string]float64{"push.replayed": 0, "push.duplicates": 0})
		// What was under way when the client asked again counts among the replayed.
		if lost := anew[s]["push.missed"]; lost < n-11 || lost > n+11 {
			t.Errorf("%s: %v events lost, but %v replayed", s, lost, n)
		}
		if d := replay[s]["push.delivered"] - anew[s]["push.delivered"] - anew[s]["push.missed"]; d < -30 || d > 30 {
			t.Errorf("%s: %v events neither delivered nor lost", s, d)
		}
	}
}

// A server that keeps only so many events can replay no more; the rest is lost.
func TestReplayFromAShortHistory(t *testing.T) {
	all := measureEach(t, gateway, "push.history=100")[scenarios.WebSocket]
	expect(t, "100", all, map[string]float64{"push.missed": 0})
	few := measureEach(t, gateway, "push.history=4")[scenarios.WebSocket]
	if n := few["push.replayed"]; n < 20 || n > 40 {
		t.Errorf("%v events replayed to 10 clients, want up to 4 each", n)
	}
	if n, want := few["push.replayed"]+few["push.missed"], all["push.replayed"]; n < want-2 || n > want+2 {
		t.Errorf("%v events replayed or lost, want the %v that all were without", n, want)
	}
}

// failing is a fleet whose servers fail everything from 5 s on.
const failing = "faults: [{at: 5s, kind: errors, rate: 100%}]"

// retries returns how many retries there were for each request that failed.
func retries(m result.Metrics) float64 { return m["requests.retried"] / m["requests.failed"] }

// Clients with a budget, with tokens or with a quota stop retrying when all
// fails, and those without make as many attempts as they may.
func TestBudgetsBoundRetries(t *testing.T) {
	at := func(set ...string) result.Metrics {
		set = append(set, "strategies=[http2]", "clients.retry={policy: constant, base: 50ms, cap: 50ms, attempts: 4}", "clients.count=10")
		return simulateFleet(t, failing, set...)[scenarios.HTTP2]
	}
	if n := retries(at()); n < 2.9 || n > 3.1 {
		t.Errorf("without a budget %v retries for each request, want 3 and those under way", n)
	}
	for name, c := range map[string]struct {
		set string
		max float64
	}{
		"a fifth":              {"clients.retry_budget={ratio: 20%, window: 10s}", .2},
		"one in 10 s":          {"clients.retry_budget={ratio: 0, floor: 1, window: 10s}", .15},
		"gRPC's ten tokens":    {"clients.retry_tokens={capacity: 10}", .25},
		"AWS's quota, smaller": {"clients.retry_quota=20", .25},
	} {
		m := at(c.set)
		if n := retries(m); n > c.max || n == 0 {
			t.Errorf("%s: %v retries for each request, want at most %v", name, n, c.max)
		}
		if m["retries.denied"] == 0 {
			t.Errorf("%s: no retry was denied", name)
		}
	}
}

// An open breaker keeps requests from the servers: for every five that fail, ten
// seconds in which none gets there.
func TestBreakerSparesServers(t *testing.T) {
	set := []string{"strategies=[http2]", "clients.retry.attempts=1", "clients.count=10", "session.interval=200ms", "duration=45s"}
	m := simulateFleet(t, failing, append(set, "clients.breaker={failures: 5, open: 10s}")...)[scenarios.HTTP2]
	short, failed := m["breaker.short_circuits"], m["requests.failed"]
	if asked := failed - short; asked < 10*(5+3) || asked > 10*(5+4) {
		t.Errorf("%v requests reached a server, want 5 and then 3 probes or 4 of each client", asked)
	}
	if short < 1500 {
		t.Errorf("%v short circuits", short)
	}
}

// A reconnect budget bounds how often a client asks in vain, and who gives up is
// counted.
func TestReconnectBudgetAndGivingUp(t *testing.T) {
	const down = "faults: [{at: 5s, kind: crash, target: servers}]"
	set := []string{"strategies=[websocket]", "clients.reconnect={policy: constant, base: 100ms, cap: 100ms}"}
	each := func(more ...string) (tries, gaveUp float64) {
		m := simulateFleet(t, down, append(set, more...)...)[scenarios.WebSocket]
		return m["reconnects.total"] / 30, m["clients.gave_up"]
	}
	if n, _ := each(); n < 150 {
		t.Errorf("%v attempts of each without a budget, want one every 100 ms or so", n)
	}
	if n, gaveUp := each("clients.reconnect_budget={attempts: 4, window: 10s}"); n < 8 || n > 13 || gaveUp != 0 {
		t.Errorf("%v attempts of each in 25 s, want 4 in 10 s; %v gave up", n, gaveUp)
	}
	if n, gaveUp := each("clients.reconnect.give_up=2s"); n > 20 || gaveUp != 30 {
		t.Errorf("%v attempts of each in 2 s; %v gave up, want all", n, gaveUp)
	}
	if _, gaveUp := each("clients.reconnect_budget={attempts: 2, window: 30s}", "clients.reconnect.give_up=10s"); gaveUp != 30 {
		t.Errorf("%v gave up who were out of budget, want all", gaveUp)
	}
}

// The error budget is what the objective leaves over: with 5 % of errors, five
// times what 99 % allow, and none of it where all succeed.
func TestErrorBudget(t *testing.T) {
	spent := func(faults string, set ...string) float64 {
		m := simulateFleet(t, faults, append(set, "strategies=[http2]", "clients.retry.attempts=1", "duration=60s", "slo.target=99%")...)[scenarios.HTTP2]
		return m["slo.error_budget_spent"]
	}
	if n := spent("", "slo.latency=200ms"); n != 0 {
		t.Errorf("spent %v of it though nothing went wrong", n)
	}
	if n := spent("faults: [{at: 0s, kind: errors, rate: 5%}]"); n < 3.5 || n > 6.5 {
		t.Errorf("spent %v budgets with 5 %% of errors, want about 5", n)
	}
	// Every answer takes a round trip of 20 ms and 5 ms more.
	if n := spent("", "slo.latency=20ms"); n < 99 || n > 100 {
		t.Errorf("spent %v budgets where every answer is late, want 100", n)
	}
}

// A fault at a condition happens when that holds and not before, at the same
// time in every run; and one whose condition never holds does not.
func TestFaultsAtACondition(t *testing.T) {
	for condition, want := range map[string]float64{
		"connections.open >= 30":                   10, // all have come
		"connections.open > 30":                    0,  // nobody else comes
		"time >= 8 and clients.unserved == 0":      10,
		"requests.ok > 100 or sessions.lost > 1e6": 10,
		"servers.running < 3":                      0,
	} {
		faults := fmt.Sprintf("faults: [{at: 3s, when: %q, kind: crash, target: www-2, for: 1s}]", condition)
		m := simulateFleet(t, faults, "strategies=[websocket]")[scenarios.WebSocket]
		expect(t, scenarios.Strategy(condition), m, map[string]float64{"sessions.lost": want})
		if _, ok := m["recovery_ms"]; ok != (want > 0) {
			t.Errorf("%s: recovery_ms is %v", condition, m["recovery_ms"])
		}
	}
	// One fault as the condition of another: the second third goes when the
	// first is lost.
	chain := `
faults:
  - {at: 5s, kind: crash, target: www-2}
  - {when: sessions.lost >= 10, kind: crash, target: www-3}`
	m := simulateFleet(t, chain, "strategies=[websocket]")[scenarios.WebSocket]
	if lost := m["sessions.lost"]; lost < 20 || lost > 25 {
		t.Errorf("lost %v sessions, want those of two servers", lost)
	}
}
