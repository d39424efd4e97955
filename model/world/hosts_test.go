package world_test

import (
	"context"
	"slices"
	"testing"

	"protosim/model/network"
	"protosim/model/world"
	"protosim/scenarios"
)

// TestHosts: the hosts that are announced are those of the run.
func TestHosts(t *testing.T) {
	for name, text := range tracedCases {
		s := parse(t, text)
		strategy := s.Strategies[0]
		want, err := world.Hosts(context.Background(), s, strategy)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		_, err = world.Simulate(context.Background(), s, world.Options{
			Strategies: []scenarios.Strategy{strategy},
			Capture: func(scenarios.Strategy, uint64) world.Capture {
				return world.Capture{Tap: func(h *network.Host) network.Tap {
					got = append(got, h.Name)
					return nil
				}}
			},
		})
		if err != nil || !slices.Equal(got, want) || !slices.Contains(want, "client-1") {
			t.Errorf("%s: %v, %v, want %v", name, err, got, want)
		}
	}
}

// TestHostsOfLibrary builds the world of every shipped scenario, once under
// each strategy, and takes it down again.
func TestHostsOfLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("each scenario is also simulated elsewhere")
	}
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name, []string{"clients.count=2", "expect=[]"})
		if err != nil {
			continue // it needs more clients
		}
		for _, strategy := range s.Strategies {
			if hosts, err := world.Hosts(context.Background(), s, strategy); err != nil || len(hosts) < 3 {
				t.Errorf("%s, %s: %v, %v", name, strategy, hosts, err)
			}
		}
	}
}
