package world_test

import (
	"reflect"
	"testing"

	"protosim/scenarios"
)

// holds tells which of a scenario's expectations hold for what another run has
// measured.
func holds(t *testing.T, s *scenarios.Scenario, metrics map[scenarios.Strategy]map[string]float64) []bool {
	t.Helper()
	all, err := s.Expectations()
	if err != nil {
		t.Fatal(err)
	}
	var held []bool
	for _, e := range all {
		h, reason, err := e.Evaluate(metrics)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %v (%s)", e, h, reason)
		held = append(held, h)
	}
	return held
}

// run simulates a scenario and returns its metrics.
func run(t *testing.T, s *scenarios.Scenario) map[scenarios.Strategy]map[string]float64 {
	t.Helper()
	metrics := map[scenarios.Strategy]map[string]float64{}
	for _, r := range simulate(t, s).Runs {
		metrics[r.Strategy] = r.Metrics
	}
	return metrics
}

func load(t *testing.T, name string, sets ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(name, sets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Two storms come in pairs that differ in nothing but how clients behave. Each
// holds what it expects, and would not if its clients were the other's.
func TestStormsDependOnTheClients(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the storms in full; make test does so natively")
	}
	for _, pair := range []struct {
		rages, calm string
		fail        [2][]bool // expectations that do not hold for the other
	}{
		{"reconnect-storm", "reconnect-storm-jitter", [2][]bool{{true, false, false, true}, {true, true, true, false}}},
		{"retry-storm", "retry-storm-budget", [2][]bool{{true, true, true, true}, {true, true, true, true}}},
	} {
		t.Run(pair.rages, func(t *testing.T) {
			t.Parallel()
			rages, calm := load(t, pair.rages), load(t, pair.calm)
			same := *calm
			same.Name, same.Title, same.Description, same.Expect = rages.Name, rages.Title, rages.Description, rages.Expect
			same.Clients.Reconnect, same.Clients.RetryBudget, same.Clients.ReconnectBudget = rages.Clients.Reconnect, rages.Clients.RetryBudget, rages.Clients.ReconnectBudget
			if !reflect.DeepEqual(&same, rages) {
				t.Error("they differ in more than how clients come back and their budgets")
			}
			results := [2]map[scenarios.Strategy]map[string]float64{run(t, rages), run(t, calm)}
			for i, s := range []*scenarios.Scenario{rages, calm} {
				for k, held := range holds(t, s, results[i]) {
					if !held {
						t.Errorf("%s: %s does not hold", s.Name, s.Expect[k])
					}
				}
				for k, held := range holds(t, s, results[1-i]) {
					if held == pair.fail[i][k] {
						t.Errorf("%s: %s with the other's clients: %v", s.Name, s.Expect[k], held)
					}
				}
			}
		})
	}
}

// A store that cannot keep up can if the crowd takes its time.
func TestStoreKeepsUpWithACrowdThatSpreads(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the storm in full; make test does so natively")
	}
	t.Parallel()
	s := load(t, "reconnect-storm-store", "clients.reconnect.window=10s", "duration=40s")
	for k, held := range holds(t, s, run(t, s))[:3] {
		if held {
			t.Errorf("%s holds all the same", s.Expect[k])
		}
	}
}

// What retry-storm-budget's description promises of the other mechanisms: each
// of them ends the storm of requests over HTTP.
func TestWhatEndsARetryStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a storm several times; make test does so natively")
	}
	for _, set := range []string{
		"clients.retry_tokens={capacity: 10}",
		"clients.retry_quota=20",
		"clients.breaker={failures: 3, open: 5s}",
	} {
		s := load(t, "retry-storm", set, "strategies=[http2]", "expect=[]")
		if ms := run(t, s)[scenarios.HTTP2]["recovery_ms"]; ms > 25_000 {
			t.Errorf("%s: served again after %v ms, want well before the end", set, ms)
		}
	}
}
