package world_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"protosim/model/world"
	"protosim/scenarios"
)

// TestEveryRequestEndsOnce: started requests are ok, failed or abandoned, one
// of them, under everything that can go wrong with a page.
func TestEveryRequestEndsOnce(t *testing.T) {
	type outcome struct{ ok, failed, abandoned bool } // whether there are any
	for _, tt := range []struct {
		name, scenario string
		want           outcome
	}{
		{"all well", `
clients: {count: 2}`, outcome{ok: true}},
		{"responses later than the timeout", `
clients: {count: 2, timeout: 50ms}
page: {resources: [{name: o, count: 20}]}
servers: {service_time: 1s}`, outcome{failed: true}},
		{"some later than the timeout", `
clients: {count: 4, timeout: 400ms}
page: {resources: [{name: o, count: 40}]}
servers: {service_time: {uniform: {min: 1ms, max: 900ms}}}`, outcome{ok: true, failed: true}},
		{"the run ends first", `
duration: 2s
clients: {count: 2, timeout: 2s}
page: {resources: [{name: d}, {name: o, count: 20, size: 100kB, after: [d]}]}
network: {down: {bandwidth: 2Mbps}}`, outcome{ok: true, abandoned: true}},
		{"the queue is full", `
clients: {count: 1}
page: {resources: [{name: o, count: 30}]}
servers: {service_time: 100ms, concurrency: 1, queue: 2}`, outcome{ok: true, failed: true}},
		{"the path is nearly dead", `
duration: 1m
clients: {count: 3, timeout: 5s}
page: {resources: [{name: o, count: 10}]}
network: {up: {loss: 40%}, down: {loss: 40%}}`, outcome{failed: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, run := range simulate(t, parse(t, tt.scenario)).Runs {
				m := run.Metrics
				if sum := m["requests.ok"] + m["requests.failed"] + m["requests.abandoned"]; sum != m["requests.total"] || sum == 0 {
					t.Errorf("%s: %v requests started, %v ended", run.Strategy, m["requests.total"], sum)
				}
				got := outcome{m["requests.ok"] > 0, m["requests.failed"] > 0, m["requests.abandoned"] > 0}
				if tt.name == "the path is nearly dead" {
					got.ok = false // a few may get through
				}
				if got != tt.want {
					t.Errorf("%s: ok %v, failed %v, abandoned %v; want %+v", run.Strategy, m["requests.ok"], m["requests.failed"], m["requests.abandoned"], tt.want)
				}
				if loaded := m["requests.ok"] == m["requests.total"]; loaded != (m["pages.loaded"] == m["pages.total"]) {
					t.Errorf("%s: %v of %v pages loaded with %v of %v requests", run.Strategy, m["pages.loaded"], m["pages.total"], m["requests.ok"], m["requests.total"])
				}
			}
		})
	}
}

// TestFullQueueAnswersAtOnce: of requests that come at once, one is served,
// queue wait and the others get 503. Six connections bring six at a time.
func TestFullQueueAnswersAtOnce(t *testing.T) {
	s := parse(t, `
clients: {count: 1}
page: {resources: [{name: o, count: 10, size: 1kB}]}
servers: {service_time: 100ms, concurrency: 2, queue: 3}`)
	for _, tt := range []struct {
		strategy scenarios.Strategy
		ok       float64
	}{
		{scenarios.HTTP2, 5},
		{scenarios.WebSocket, 5},
	} {
		if m := measure(t, s, tt.strategy); m["requests.ok"] != tt.ok || m["requests.failed"] != 10-tt.ok {
			t.Errorf("%s: %v ok and %v failed, want %v ok", tt.strategy, m["requests.ok"], m["requests.failed"], tt.ok)
		}
	}
}

// TestDependenciesAreRequestedInOrder: each resource takes its time and one
// round trip after what it needs; the connections are warm but for the first.
func TestDependenciesAreRequestedInOrder(t *testing.T) {
	s := parse(t, `
network: {rtt: 100ms}
clients: {count: 1}
page:
  resources:
    - {name: image, after: [style, script], size: 100B, service_time: 1ms}
    - {name: script, after: [document], size: 100B, service_time: 30ms}
    - {name: style, after: [document], size: 100B, service_time: 20ms}
    - {name: document, size: 100B, service_time: 10ms}`)
	const byHTTP2 = 100 + 110 + 130 + 101
	near(t, "HTTP/2", measure(t, s, scenarios.HTTP2)["page_load_ms.max"], byHTTP2)
	near(t, "WebSocket", measure(t, s, scenarios.WebSocket)["page_load_ms.max"], byHTTP2+100)
	// The script has the document's connection; the style's is new, and 220 ms
	// are more than the script's 130.
	near(t, "HTTP/1.1", measure(t, s, scenarios.HTTP1)["page_load_ms.max"], 100+110+220+101)
}

// TestHostsAreServersOfTheirOwn: each host has its own connections and slots.
func TestHostsAreServersOfTheirOwn(t *testing.T) {
	// A dozen requests at once are a dozen segments, more than an initial window of 10.
	page := `
network: {rtt: 100ms, tcp: {initial_window: 20}}
clients: {count: 1}
servers: {service_time: 50ms, concurrency: 6}
page:
  resources:
    - {name: a, count: 6, size: 1kB}
    - {name: b, count: 6, size: 1kB, host: `
	one, two := parse(t, page+"www}"), parse(t, page+"static}")
	for _, tt := range []struct {
		strategy    scenarios.Strategy
		one, two    float64
		connections float64 // to two hosts
	}{
		{scenarios.HTTP1, 100 + 2*150, 100 + 150, 12},
		{scenarios.HTTP2, 100 + 200, 100 + 150, 2},
		{scenarios.WebSocket, 200 + 200, 200 + 150, 2},
	} {
		near(t, string(tt.strategy)+" one host", measure(t, one, tt.strategy)["page_load_ms.max"], tt.one)
		m := measure(t, two, tt.strategy)
		near(t, string(tt.strategy)+" two hosts", m["page_load_ms.max"], tt.two)
		if m["connections.opened"] != tt.connections {
			t.Errorf("%s opened %v connections to two hosts, want %v", tt.strategy, m["connections.opened"], tt.connections)
		}
	}
}

// TestAllStrategiesSeeTheSame: visitors, contents and service times are the
// scenario's and the seed's, not the strategy's.
func TestAllStrategiesSeeTheSame(t *testing.T) {
	s := parse(t, `
clients: {count: 5, arrival: 3s, visits: 2, think: {exponential: {mean: 2s}}}
page: {resources: [{name: o, count: 20, size: {lognormal: {median: 5kB, p99: 60kB}}}]}`)
	r := simulate(t, s)
	for _, run := range r.Runs[1:] {
		for _, name := range []string{"bytes.payload", "requests.total", "pages.total"} {
			if a, b := r.Runs[0].Metrics[name], run.Metrics[name]; a != b {
				t.Errorf("%s: %v under %s, %v under %s", name, a, r.Runs[0].Strategy, b, run.Strategy)
			}
		}
	}
}

// TestInterruption: a run that is interrupted ends soon, leaves nothing behind
// (TestMain looks for goroutines) and hands over what is complete.
func TestInterruption(t *testing.T) {
	s := parse(t, `
duration: 24h
strategies: [http2, http1]
clients: {count: 50, visits: 1000, think: 10s}`)
	for _, after := range []time.Duration{0, time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		began := time.Now()
		r, err := world.Simulate(ctx, s, world.Options{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v, want the context's error", after, err)
		}
		if r == nil || !r.Partial || len(r.Runs) != 0 {
			t.Errorf("after %v: %+v, want a partial result without runs", after, r)
		}
		if took := time.Since(began) - after; took > 10*time.Second {
			t.Errorf("after %v: took %v to end", after, took)
		}
	}
}

func TestPartialResult(t *testing.T) {
	s := parse(t, `
clients: {count: 1}`)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opt := world.Options{
		Strategies: []scenarios.Strategy{scenarios.WebSocket, scenarios.HTTP2},
		Parallel:   1,
		Progress: func(p world.Progress) {
			if p.Done {
				cancel() // after the first run
			}
		},
	}
	r, err := world.Simulate(ctx, s, opt)
	if !errors.Is(err, context.Canceled) || r == nil || !r.Partial {
		t.Fatalf("got %+v, %v", r, err)
	}
	if len(r.Runs) != 1 || r.Runs[0].Strategy != scenarios.WebSocket {
		t.Errorf("%d runs are complete, want the first", len(r.Runs))
	}
}
