package world_test

import (
	"context"
	"testing"

	"protosim/model/world"
	"protosim/scenarios"
)

// The shipped scenarios about caches, firewalls and pushed events hold what they
// promise, at their full size.
func TestExpectationsHold(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates shipped scenarios")
	}
	for _, name := range []string{
		"cdn-cache", "cache-purge", "cache-stampede", "corporate-firewall", "missing-upgrade", "idle-timeout", "push-frequency",
		"chat-hybrid", "collaborative-editing", "game-tick", "dashboard",
	} {
		t.Run(name, func(t *testing.T) {
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
				t.Errorf("does not hold: %+v", e)
			}
		})
	}
}

// Each shipped scenario about something between clients and servers expects
// what its mechanism does: without it, an expectation about the one strategy
// simulated here fails.
func TestExpectationsNeedTheirMechanism(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates shipped scenarios")
	}
	for _, c := range []struct {
		name     string
		strategy scenarios.Strategy
		off      string
	}{
		{"cdn-cache", scenarios.HTTP2, "cache.edges=0"},
		{"cache-purge", scenarios.HTTP2, "cache.purge=false"},
		{"cache-stampede", scenarios.HTTP1, "cache.collapse=false"},
		{"corporate-firewall", scenarios.Fallback, "firewalls=[]"},
		{"chat-hybrid", scenarios.Hybrid, "cache.edges=0"},
		{"collaborative-editing", "", "push.deflate=false"},
		{"game-tick", scenarios.WebSocket, "network.down.loss=0%"},
		{"dashboard", "", "push.deflate=false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := scenarios.Load(c.name, []string{c.off})
			if err != nil {
				t.Fatal(err)
			}
			opt := world.Options{}
			if c.strategy != "" {
				opt.Strategies = []scenarios.Strategy{c.strategy}
			}
			r, err := world.Simulate(context.Background(), s, opt)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Judge(); err != nil {
				t.Fatal(err)
			}
			if len(r.Failed()) == 0 {
				t.Errorf("every expectation holds with %s", c.off)
			}
		})
	}
}
