package world_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"

	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
)

// tracedCases are small scenarios in which every kind of event happens.
var tracedCases = map[string]string{
	"page": `
clients: {count: 2, visits: 2, think: 1s}
page:
  resources:
    - {name: document, path: /, size: 30kB}
    - {name: images, count: 12, after: [document], size: 8kB, host: static}
network: {rtt: 40ms, jitter: 3ms, up: {bandwidth: 5Mbps}, down: {bandwidth: 20Mbps, loss: 2%, queue: 30kB}}
servers: {concurrency: 4, queue: 60}`,
	"tls": `
tls: {enabled: true}
clients: {count: 2}
page: {resources: [{name: images, count: 12, size: 8kB}]}
network: {rtt: 40ms}`,
	"sessions": `
workload: session
duration: 20s
clients: {count: 12, arrival: 1s, reconnect: {policy: exponential, base: 300ms}}
session: {interval: 2s}
balancer: {kind: l7, upgrade: true}
servers: {count: 3}
faults:
  - {at: 4s, kind: crash, target: www-1, for: 2s}
  - {at: 5s, kind: vanish, target: www-2, for: 1s}
  - {at: 7s, kind: deploy, drain: 500ms, restart: 500ms}
  - {at: 9s, kind: slow, target: www-3, factor: 2, for: 1s}
  - {at: 11s, kind: errors, target: www-3, rate: 50%, for: 1s}
  - {at: 13s, kind: degrade, target: clients, loss: 5%, for: 2s}
  - {at: 14s, kind: crash, target: balancer, for: 1s}
  - {at: 17s, kind: scale, to: 4}`,
	"store": `
workload: session
duration: 8s
clients: {count: 6}
session: {interval: 1s, length: 5s, state: store}
balancer: {kind: l7, upgrade: true}
servers: {count: 2}
faults: [{at: 3s, kind: crash, target: store, for: 1s}]`,
	"caches": `
workload: catalogue
duration: 6s
clients: {count: 3}
catalogue: {objects: 6, size: 5kB, interval: 300ms, personal: 20%, lifetime: 2s, stale: 1s}
cache: {edges: 2, shield: true, collapse: true}
faults: [{at: 3s, kind: purge}]`,
	"firewalls": `
workload: push
duration: 5s
strategies: [sse, websocket, fallback]
clients: {count: 4, reconnect: {attempts: 3}}
push: {http: 1, interval: 500ms}
firewalls: [{kind: no-upgrade, share: 25%}, {kind: kill-upgrade, share: 25%}, {kind: block, share: 25%, blocked: [80]}]`,
	"push": `
workload: push
duration: 5s
strategies: [poll, longpoll, sse, websocket]
clients: {count: 4}
push: {interval: {exponential: {mean: 500ms}}}
balancer: {kind: l7, upgrade: true}
servers: {count: 2}
faults: [{at: 2s, kind: crash, target: www-1, for: 1s}]`,
}

// tracesOf simulates a scenario and returns the events of each run.
func tracesOf(t testing.TB, s *scenarios.Scenario) (*result.Result, map[scenarios.Strategy][]trace.Event) {
	t.Helper()
	var mu sync.Mutex
	traces := map[scenarios.Strategy]*[]trace.Event{}
	r, err := world.Simulate(context.Background(), s, world.Options{
		Trace: func(strategy scenarios.Strategy, _ uint64) trace.Sink {
			mu.Lock()
			defer mu.Unlock()
			events := &[]trace.Event{}
			traces[strategy] = events
			return func(e trace.Event) { *events = append(*events, e) }
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := map[scenarios.Strategy][]trace.Event{}
	for strategy, events := range traces {
		all[strategy] = *events
	}
	return r, all
}

// TestTraceAgrees holds the trace to the metrics of the same run, which are
// counted elsewhere.
func TestTraceAgrees(t *testing.T) {
	seen := map[trace.Kind]bool{}
	for name, text := range tracedCases {
		t.Run(name, func(t *testing.T) {
			s := parse(t, text)
			r, traces := tracesOf(t, s)
			for _, run := range r.Runs {
				t.Run(string(run.Strategy), func(t *testing.T) {
					agree(t, s, run.Metrics, traces[run.Strategy], seen)
				})
			}
		})
	}
	for k := trace.Host; k <= trace.Fault; k++ {
		if !seen[k] {
			t.Errorf("no event of kind %v", k)
		}
	}
}

func agree(t *testing.T, s *scenarios.Scenario, m result.Metrics, events []trace.Event, seen map[trace.Kind]bool) {
	counts := map[trace.Kind]int{}
	roles := map[uint32]trace.Role{}
	open := map[uint64]bool{}
	begun := map[[3]uint32]int{} // requests under way, at clients and at servers
	faults := map[string]int{}
	opened := 0 // by clients
	if !slices.IsSortedFunc(events, func(a, b trace.Event) int { return int(a.At - b.At) }) {
		t.Error("the trace goes back in time")
	}
	for i, e := range events {
		seen[e.Kind] = true
		counts[e.Kind]++
		switch e.Kind {
		case trace.Host:
			if i != len(roles) || int(e.Host) != i+1 || e.Text == "" {
				t.Errorf("event %d is %+v", i, e)
			}
			roles[e.Host] = trace.Role(e.Code)
		case trace.State:
			if c := trace.Condition(e.Code); c < trace.Up || c > trace.Failing {
				t.Errorf("a state: %+v", e)
			}
		case trace.Opened:
			if open[e.Conn] || e.Conn == 0 {
				t.Errorf("opened twice: %+v", e)
			}
			open[e.Conn] = true
			if roles[e.Host] == trace.Client {
				opened++
			}
		case trace.Closed:
			if !open[e.Conn] {
				t.Errorf("closed and not open: %+v", e)
			}
			delete(open, e.Conn)
		case trace.Flight:
			if e.Until < e.At || e.Bytes <= 0 || e.Conn == 0 {
				t.Errorf("a flight: %+v", e)
			}
		case trace.Request, trace.Serving:
			begun[[3]uint32{e.Host, e.Client, e.Serial}]++
		case trace.Response, trace.Served:
			if id := [3]uint32{e.Host, e.Client, e.Serial}; begun[id] == 0 {
				t.Errorf("ended and not begun: %+v", e)
			} else if begun[id]--; begun[id] == 0 {
				delete(begun, id)
			}
		case trace.Fault:
			faults[e.Text] += 2*e.Code - 1
		}
		if e.Kind != trace.Host && e.Host != 0 && roles[e.Host] == 0 {
			t.Errorf("an unknown host: %+v", e)
		}
	}
	if len(begun) > 0 {
		t.Errorf("begun and never ended: %v", begun)
	}
	if len(open) > 0 {
		t.Errorf("connections left open: %v", open)
	}
	for text, n := range faults {
		if n != 0 {
			t.Errorf("the fault %q begins %d times more than it ends", text, n)
		}
	}
	check := func(metric string, got int) {
		if want, ok := m[metric]; ok && float64(got) != want {
			t.Errorf("%s is %v, the trace has %d", metric, want, got)
		}
	}
	check("connections.opened", opened)
	check("sessions.total", counts[trace.SessionBegan])
	check("sessions.lost", counts[trace.SessionLost])
	check("disconnects.total", counts[trace.Disconnected])
	check("reconnects.total", counts[trace.Reconnecting])
	check("push.delivered", counts[trace.Delivered])
	check("fallbacks.total", counts[trace.Fallback])
	if s.Workload != "session" { // whose retries are requests of their own
		check("requests.total", counts[trace.Request])
	}
}

// TestTraceIsDeterministic repeats runs on different numbers of processors.
func TestTraceIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	processors := []int{1, 2, 8}
	if runtime.GOOS == "wasip1" || testing.Short() {
		processors = processors[2:]
	}
	for name, text := range tracedCases {
		s := parse(t, text)
		_, want := tracesOf(t, s)
		for _, n := range processors {
			runtime.GOMAXPROCS(n)
			_, got := tracesOf(t, s)
			for strategy, events := range want {
				if i := firstUnequal(got[strategy], events); i >= 0 {
					t.Errorf("%s, %s, GOMAXPROCS=%d: of %d and %d events, number %d differs: %s", name, strategy, n,
						len(got[strategy]), len(events), i, around(got[strategy], events, i))
				}
			}
		}
	}
}

func firstUnequal(a, b []trace.Event) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return -1
}

func around(a, b []trace.Event, i int) string {
	var text bytes.Buffer
	for _, events := range [][]trace.Event{a, b} {
		for _, e := range events[min(i, len(events)):min(i+3, len(events))] {
			fmt.Fprintf(&text, "\n%+v", e)
		}
		fmt.Fprintln(&text)
	}
	return text.String()
}

// TestTracedRunIsTheSame makes sure that looking changes nothing.
func TestTracedRunIsTheSame(t *testing.T) {
	s := parse(t, tracedCases["sessions"])
	traced, _ := tracesOf(t, s)
	for i, run := range simulate(t, s).Runs {
		if got := traced.Runs[i].Digest; got != run.Digest {
			t.Errorf("%s: digest %s with a trace, %s without", run.Strategy, got, run.Digest)
		}
	}
}

// TestTraceIsSmall holds the binary form to 20 bytes an event.
func TestTraceIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("the sizes are the same with the race detector")
	}
	for name, text := range tracedCases {
		_, traces := tracesOf(t, parse(t, text))
		for strategy, events := range traces {
			var b bytes.Buffer
			encoder := trace.NewEncoder(&b)
			for _, e := range events {
				if err := encoder.Encode(e); err != nil {
					t.Fatal(err)
				}
			}
			if size := float64(b.Len()) / float64(len(events)); size > 20 {
				t.Errorf("%s, %s: %.1f bytes an event", name, strategy, size)
			}
		}
	}
}

// BenchmarkTrace compares runs with a trace, encoded, and without.
func BenchmarkTrace(b *testing.B) {
	s := parse(b, tracedCases["page"], "clients.count=50", "page.resources[1].count=100")
	for _, traced := range []bool{false, true} {
		b.Run(fmt.Sprintf("traced=%t", traced), func(b *testing.B) {
			opt := world.Options{Parallel: 1, Strategies: []scenarios.Strategy{scenarios.HTTP2}}
			events := 0
			if traced {
				opt.Trace = func(scenarios.Strategy, uint64) trace.Sink {
					encoder := trace.NewEncoder(io.Discard)
					return func(e trace.Event) {
						events++
						if err := encoder.Encode(e); err != nil {
							b.Error(err)
						}
					}
				}
			}
			for b.Loop() {
				if _, err := world.Simulate(context.Background(), s, opt); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(events)/float64(b.N), "events/op")
		})
	}
}
