package world_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/world"
	"protosim/scenarios"
)

// traced runs a scenario under one strategy and returns what happened, and the
// hosts' names.
func traced(t *testing.T, s *scenarios.Scenario, strategy scenarios.Strategy) (events []trace.Event, names map[uint32]string) {
	t.Helper()
	names = map[uint32]string{}
	_, err := world.Run(t.Context(), s, strategy, s.Seed, world.Options{Trace: func(scenarios.Strategy, uint64) trace.Sink {
		return func(e trace.Event) {
			if e.Kind == trace.Host {
				names[e.Host] = e.Text
			}
			events = append(events, e)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return events, names
}

// A crash fails exactly the requests that the server is working on, if they must
// not be repeated, and otherwise lets exactly those be repeated.
func TestCrashConcernsOnlyWhatIsInFlight(t *testing.T) {
	for _, unsafe := range []bool{true, false} {
		for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2} {
			s := parse(t, fleetScenario+crashOfOne, "servers.service_time=500ms", fmt.Sprintf("session.unsafe=%v", unsafe), "balancer.retries=0", "balancer.health_interval=0s")
			events, names := traced(t, s, strategy)
			working, failed := map[transport.ID]bool{}, map[transport.ID]bool{}
			for _, e := range events {
				id := transport.ID{Client: e.Client, Serial: e.Serial}
				switch {
				case e.Kind == trace.Serving && names[e.Host] == "www-2" && e.At < 10*time.Second:
					working[id] = true
				case e.Kind == trace.Served && e.At < 10*time.Second:
					delete(working, id)
				case e.Kind == trace.Response && e.Text == "failed":
					failed[id] = true
				}
			}
			// Without retries of the balancer, one request finds out that nobody
			// listens at www-2 any more; then it is not asked for ten seconds.
			for id := range failed {
				if !working[id] && len(failed) == len(working)+1 {
					delete(failed, id)
					break
				}
			}
			if len(working) < 3 || !maps.Equal(working, failed) {
				t.Errorf("%s, unsafe %v: www-2 worked on %v, failed %v", strategy, unsafe, working, failed)
			}
			m := measure(t, s, strategy)
			if n := m["requests.failed"]; unsafe && n < float64(len(working)) || !unsafe && n > 0 {
				t.Errorf("%s, unsafe %v: %v requests failed in the end", strategy, unsafe, n)
			}
			if n := m["requests.retried"]; unsafe && n > 0 || !unsafe && n < float64(len(working)) {
				t.Errorf("%s, unsafe %v: %v requests were repeated", strategy, unsafe, n)
			}
		}
	}
}

// With sockets and state in memory, a crash loses the sessions of the server
// that crashes, those and no others.
func TestCrashLosesExactlyThosePinned(t *testing.T) {
	for _, c := range []struct{ clients, servers int }{{7, 2}, {10, 3}, {24, 5}} {
		for _, set := range []string{"balancer.affinity=none", "balancer.affinity=cookie"} {
			strategy := scenarios.WebSocket
			if set == "balancer.affinity=cookie" {
				strategy = scenarios.HTTP2
			}
			s := parse(t, fleetScenario+crashOfOne, set, "session.state=memory", fmt.Sprintf("clients.count=%d", c.clients), fmt.Sprintf("servers.count=%d", c.servers))
			pinned, lost := []uint32{}, []uint32{}
			events, names := traced(t, s, strategy)
			for _, e := range events {
				if e.Kind == trace.SessionBegan && names[e.Host] == "www-2" && e.At < 10*time.Second {
					pinned = append(pinned, e.Client)
				}
				if e.Kind == trace.SessionLost {
					lost = append(lost, e.Client)
				}
			}
			slices.Sort(pinned)
			slices.Sort(lost)
			if len(pinned) == 0 || !slices.Equal(pinned, lost) {
				t.Errorf("%s, %d clients on %d servers: pinned to www-2 were %v, lost %v", strategy, c.clients, c.servers, pinned, lost)
			}
		}
	}
}
