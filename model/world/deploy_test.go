package world_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
)

// farFleet is a fleet whose servers are 50 ms away from their balancer, under
// requests that must not be repeated.
const farFleet = `
workload: session
duration: 30s
strategies: [http1, http2]
network: {rtt: 100ms}
clients: {count: 30, arrival: 2s, timeout: 8s}
session: {interval: {uniform: {min: 100ms, max: 500ms}}, unsafe: true}
servers: {count: 3}
`

// A deploy that lets requests finish loses none over HTTP, wherever they are on
// their way when it begins.
func TestDeployLosesNoRequestOnTheWire(t *testing.T) {
	for _, of := range []string{"l7 servers", "l4 servers", "l7 www-2", "l4 www-2"} {
		kind, target, _ := strings.Cut(of, " ")
		m := measureEach(t, farFleet+`
balancer: {kind: `+kind+`, health_interval: 0s}
faults:
  - {at: 0s, kind: degrade, target: servers, delay: 50ms}
  - {at: 8s, kind: deploy, target: `+target+`, drain: 3s, restart: 1s}
`)
		for s, metrics := range m {
			expect(t, s, metrics, map[string]float64{"requests.failed": 0, "disconnects.total": 0, "balancer.errors": 0})
			if metrics["requests.total"] < 1000 {
				t.Errorf("%s: %v requests", s, metrics["requests.total"])
			}
		}
	}
}

// change is a host's condition from a time on.
type change struct {
	at   time.Duration
	host string
	trace.Condition
}

// conditions returns how servers and middleboxes changed.
func conditions(t *testing.T, s *scenarios.Scenario, strategy scenarios.Strategy) []change {
	t.Helper()
	names := map[uint32]string{}
	var changes []change
	_, err := world.Run(t.Context(), s, strategy, s.Seed, world.Options{Trace: func(scenarios.Strategy, uint64) trace.Sink {
		return func(e trace.Event) {
			switch e.Kind {
			case trace.Host:
				names[e.Host] = e.Text
			case trace.State:
				changes = append(changes, change{e.At, names[e.Host], trace.Condition(e.Code)})
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// served returns how many requests a server got in each second.
func served(t *testing.T, s *scenarios.Scenario, strategy scenarios.Strategy, server string) []int {
	t.Helper()
	seconds := make([]int, int(s.Duration.Std().Seconds())+1)
	var host uint32
	_, err := world.Run(t.Context(), s, strategy, s.Seed, world.Options{Trace: func(scenarios.Strategy, uint64) trace.Sink {
		return func(e trace.Event) {
			if e.Kind == trace.Host && e.Text == server {
				host = e.Host
			}
			if e.Kind == trace.Serving && e.Host == host {
				seconds[int(e.At.Seconds())]++
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return seconds
}

// sum adds up what was counted from one second to before another.
func sum(seconds []int, from, to int) (n int) {
	for _, k := range seconds[from:to] {
		n += k
	}
	return n
}

// A balancer that comes back has the servers on its list that are down at the
// moment, and not those that are being replaced.
func TestBalancerComesBackWithItsList(t *testing.T) {
	s := parse(t, fleetScenario+`
faults:
  - {at: 5s, kind: crash, target: www-2, for: 5s}
  - {at: 6s, kind: crash, target: balancer, for: 1s}
`)
	got := served(t, s, scenarios.HTTP2, "www-2")
	if sum(got, 6, 10) > 0 || sum(got, 16, 25) < 50 {
		t.Errorf("www-2, back at 10 s behind a balancer that was away for a second at 6 s, served %v", got)
	}
	m := simulateFleet(t, `
faults:
  - {at: 8s, kind: deploy, drain: 1s, restart: 5s}
  - {at: 10s, kind: crash, target: balancer, for: 100ms}
`, "balancer.health_interval=0s", "strategies=[http2]")
	expect(t, scenarios.HTTP2, m[scenarios.HTTP2], map[string]float64{"balancer.retries": 0, "balancer.errors": 0})
}

// Faults that last at the same time add up, and the end of one leaves the other
// in force, on the servers that it concerned when it began.
func TestFaultsEndAsTheyBegan(t *testing.T) {
	s := parse(t, fleetScenario+`
faults:
  - {at: 5s, kind: slow, factor: 3, for: 10s}
  - {at: 5s, kind: vanish, target: servers, for: 5s}
  - {at: 6s, kind: vanish, target: www-1, for: 7s}
  - {at: 8s, kind: scale, to: 2, drain: 1s}
  - {at: 20s, kind: scale, to: 3}
  - {at: 21s, kind: errors, target: www-2, rate: 10%, for: 1s}
`)
	last := map[string]trace.Condition{}
	for _, c := range conditions(t, s, scenarios.HTTP2) {
		last[c.host] = c.Condition
	}
	for host, condition := range last {
		if condition != trace.Up {
			t.Errorf("%s is %v in the end", host, condition)
		}
	}
	m := simulateFleet(t, `
faults:
  - {at: 5s, kind: errors, rate: 50%, for: 20s}
  - {at: 5s, kind: errors, rate: 100%, for: 1s}
`, "strategies=[http1]", "clients.retry.attempts=1")[scenarios.HTTP1]
	if share := m["requests.failed"] / m["requests.total"]; share < .3 || share > .4 { // half of 19 s of 29 s, and all of one
		t.Errorf("%.2f of the requests failed", share)
	}
}

// Slow and failing servers are so under every workload.
func TestTroubleConcernsEveryWorkload(t *testing.T) {
	for _, c := range []struct{ text, at, time string }{
		{"workload: page\nstrategies: [http1, http2, websocket]\npage: {resources: [{name: document}]}", "0s", "page_load_ms.p50"},
		{"workload: session\nstrategies: [http1, http2, websocket]", "2s", "request_ms.p50"},
		{"workload: catalogue\nstrategies: [http1, http2]", "2s", "request_ms.p50"},
		{"workload: chat\nstrategies: [hybrid, sse, websocket]", "2s", "request_ms.p50"},
		{"workload: push\nstrategies: [poll, longpoll, sse, websocket]", "0s", ""},
	} {
		text := c.text + "\nduration: 12s\nclients: {count: 3, timeout: 3s}\nservers: {service_time: 5ms}\n"
		for s, m := range measureEach(t, text+"faults: [{at: "+c.at+", kind: errors}]") {
			if c.time == "" { // events, not requests, are counted
				expect(t, s, m, map[string]float64{"push.delivered": 0})
			} else if m["requests.failed"] == 0 {
				t.Errorf("%s of %s: no request failed under a fault that lets all fail", s, strings.SplitN(c.text, "\n", 2)[0])
			}
		}
		if c.time == "" {
			continue
		}
		plain, slow := measureEach(t, text), measureEach(t, text+"faults: [{kind: slow, factor: 20}]")
		for s := range plain {
			if more := slow[s][c.time] - plain[s][c.time]; more < 95 {
				t.Errorf("%s of %s, slowed down by 95 ms or more, takes %v ms longer", s, strings.SplitN(c.text, "\n", 2)[0], more)
			}
		}
	}
}

// A store that is slow holds every request up, twice: for what it reads and
// what it writes.
func TestSlowStore(t *testing.T) {
	sets := []string{"session.state=store", "strategies=[http2]", "store.service_time=1ms", "session.interval=1s"}
	plain := simulateFleet(t, "", sets...)[scenarios.HTTP2]
	slow := simulateFleet(t, "faults: [{at: 0s, kind: slow, target: store, factor: 11}]", sets...)[scenarios.HTTP2]
	if more := slow["request_ms.p50"] - plain["request_ms.p50"]; more < 20 {
		t.Errorf("a store ten milliseconds slower makes a request take %v ms longer, want 20 or more", more)
	}
	over := simulateFleet(t, "faults: [{at: 0s, kind: slow, target: store, factor: 11, for: 1ms}]", sets...)[scenarios.HTTP2]
	expect(t, scenarios.HTTP2, over, map[string]float64{"request_ms.p50": plain["request_ms.p50"]})
}

// How many servers are up at least, and at most, while three are replaced.
func TestDeployKeepsCapacity(t *testing.T) {
	for _, c := range []struct {
		deploy      string
		least, most int
		took        time.Duration // at least; drains take no time to speak of
	}{
		{"batch: 1", 2, 3, 6 * time.Second},
		{"batch: 2", 1, 3, 4 * time.Second},
		{"batch: 3", 0, 3, 2 * time.Second},
		{"batch: 3, max_unavailable: 1", 2, 3, 6 * time.Second},
		{"batch: 3, surge: 1, max_unavailable: 0", 3, 4, 8 * time.Second},
		{"batch: 3, surge: 2, max_unavailable: 1", 2, 5, 4 * time.Second},
		{"batch: 3, surge: 2", 2, 5, 4 * time.Second},
	} {
		s := parse(t, fleetScenario+"faults: [{at: 5s, kind: deploy, drain: 1s, restart: 2s, "+c.deploy+"}]")
		up := map[string]bool{}
		least, most := 3, 3
		var last time.Duration
		for _, change := range conditions(t, s, scenarios.HTTP2) {
			if change.host == "www" {
				continue
			}
			up[change.host] = change.Condition == trace.Up
			n := 0
			for _, is := range up {
				if is {
					n++
				}
			}
			if change.at > 0 {
				least, most, last = min(least, n), max(most, n), change.at
			}
		}
		if least != c.least || most != c.most {
			t.Errorf("%s: %d to %d servers are up, want %d to %d", c.deploy, least, most, c.least, c.most)
		}
		if took := last - 5*time.Second; took < c.took || took > c.took+time.Second {
			t.Errorf("%s: took %v, want about %v", c.deploy, took, c.took)
		}
		m := measure(t, s, scenarios.HTTP2)
		if c.least > 0 {
			expect(t, scenarios.HTTP2, m, map[string]float64{"requests.failed": 0})
		}
	}
}

// A deploy of one server disturbs exactly those whose sockets are pinned to it,
// ten of 30 on three servers, and once. It loses no request over HTTP.
func TestDeployOfOneServer(t *testing.T) {
	s := parse(t, fleetScenario+"faults: [{at: 8s, kind: deploy, target: www-2, drain: 3s, restart: 2s}]", "session.unsafe=true")
	for _, strategy := range s.Strategies {
		m := measure(t, s, strategy)
		want := map[string]float64{"requests.failed": 0, "requests.retried": 0, "disconnects.total": 0, "sessions.lost": 0, "sessions.total": 30}
		if strategy == scenarios.WebSocket {
			want = map[string]float64{"disconnects.total": 10, "sessions.lost": 10, "sessions.total": 40}
		}
		expect(t, strategy, m, want)
		down, up := time.Duration(0), time.Duration(0)
		for _, c := range conditions(t, s, strategy) {
			switch {
			case c.at == 0:
			case c.host != "www-2":
				t.Errorf("%s: %s is %v at %v", strategy, c.host, c.Condition, c.at)
			case c.Condition == trace.Down:
				down = c.at
			case c.Condition == trace.Up:
				up = c.at
			}
		}
		if down < 8*time.Second || down > 11*time.Second || up != down+2*time.Second {
			t.Errorf("%s: www-2, with 3 s to drain from 8 s on and 2 s to restart, is down at %v and up at %v", strategy, down, up)
		}
	}

	events, names := traced(t, s, scenarios.WebSocket)
	var pinned, lost []uint32
	for _, e := range events {
		switch {
		case e.Kind == trace.SessionBegan && e.At < 8*time.Second && names[e.Host] == "www-2":
			pinned = append(pinned, e.Client)
		case e.Kind == trace.SessionLost:
			lost = append(lost, e.Client)
		}
	}
	slices.Sort(pinned)
	slices.Sort(lost)
	if len(pinned) != 10 || !slices.Equal(pinned, lost) {
		t.Errorf("pinned to www-2 were the clients %v, sessions were lost by %v", pinned, lost)
	}
}

// Through an l4 balancer the connections of a third of the users, ten of 30, move
// from the server that is deployed to another one, and no request is lost.
func TestDeployOfOneServerBehindL4(t *testing.T) {
	m := simulateFleet(t, "faults: [{at: 8s, kind: deploy, target: www-2, drain: 3s, restart: 2s}]", "balancer={kind: l4}", "strategies=[http1, http2]")
	for s, metrics := range m {
		expect(t, s, metrics, map[string]float64{"connections.opened": 40, "requests.failed": 0, "disconnects.total": 0, "sessions.lost": 0})
	}
}

// Servers that are deployed each by itself, at the same time, come back like those
// of one deploy of as many at a time. One that may have no server missing waits
// for the surge, and one that is no longer in service is left alone.
func TestDeploysOfOneServerEach(t *testing.T) {
	one := simulateFleet(t, `faults:
  - {at: 8s, kind: deploy, target: www-1, drain: 2s, restart: 2s}
  - {at: 8s, kind: deploy, target: www-2, drain: 2s, restart: 2s}`)[scenarios.WebSocket]
	expect(t, scenarios.WebSocket, one, map[string]float64{"disconnects.total": 20, "sessions.lost": 20})

	for faults, want := range map[string][]string{
		"{at: 5s, kind: deploy, target: www-2, drain: 1s, restart: 2s, surge: 1, max_unavailable: 0}":                           {"www-4 Up", "www-2 Down", "www-2 Up", "www-4 Down"},
		"{at: 4s, kind: crash, target: www-3, for: 5s}, {at: 5s, kind: deploy, target: www-1, restart: 2s, max_unavailable: 1}": {"www-3 Down", "www-3 Up", "www-1 Down", "www-1 Up"},
		"{at: 5s, kind: deploy, target: www-1, drain: 1s, restart: 2s}, {at: 6s, kind: scale, to: 2, drain: 1s}":                {"www-1 Down", "www-3 Down", "www-1 Up"},
		"{when: time >= 5, kind: scale, to: 2, drain: 1s}, {at: 9s, kind: deploy, target: www-3}":                               {"www-3 Down"},
		"{at: 4s, kind: crash, target: www-2, for: 5s}, {at: 5s, kind: deploy, target: www-1, restart: 2s, max_unavailable: 1}, {at: 6s, kind: scale, to: 2, drain: 1s}": {
			"www-2 Down", "www-3 Down", "www-2 Up", "www-1 Down", "www-1 Up", // it does not wait for one that is not to come back
		},
	} {
		var got []string
		for _, c := range conditions(t, parse(t, fleetScenario+"faults: ["+faults+"]"), scenarios.HTTP2) {
			if c.at > 0 && (c.Condition == trace.Up || c.Condition == trace.Down) {
				got = append(got, c.host+map[trace.Condition]string{trace.Up: " Up", trace.Down: " Down"}[c.Condition])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, expected %v", faults, got, want)
		}
	}
}

// A deploy that may have one server missing replaces those first that have
// crashed, and waits while another one is down.
func TestDeployWaitsForServersThatCrashed(t *testing.T) {
	s := parse(t, fleetScenario+`
faults:
  - {at: 4s, kind: crash, target: www-3}
  - {at: 5s, kind: deploy, drain: 1s, restart: 2s, max_unavailable: 1}
  - {at: 8s, kind: crash, target: www-3, for: 5s}
`)
	var downs []string
	for _, c := range conditions(t, s, scenarios.HTTP2) {
		if c.at > 0 && c.Condition == trace.Down {
			downs = append(downs, fmt.Sprintf("%s at %d s", c.host, c.at/time.Second))
		}
	}
	// www-3 is replaced from 5 s on, www-1 from 7 s, and www-2 not from 9 s on,
	// but when www-3 is back again.
	if want := []string{"www-3 at 4 s", "www-1 at 7 s", "www-3 at 8 s", "www-2 at 13 s"}; !slices.Equal(downs, want) {
		t.Errorf("down were %v, want %v", downs, want)
	}
}
