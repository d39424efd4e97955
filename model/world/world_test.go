package world_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// parse reads a scenario that a test gives as text, the name left out.
func parse(t testing.TB, text string, sets ...string) *scenarios.Scenario {
	t.Helper()
	var overrides []scenarios.Override
	for _, set := range sets {
		o, err := scenarios.ParseOverride(set)
		if err != nil {
			t.Fatal(err)
		}
		overrides = append(overrides, o)
	}
	s, err := scenarios.Parse("test.yaml", []byte("name: test\n"+text), overrides...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// simulate runs a scenario under the given strategies, or its own.
func simulate(t testing.TB, s *scenarios.Scenario, strategies ...scenarios.Strategy) *result.Result {
	t.Helper()
	r, err := world.Simulate(context.Background(), s, world.Options{Strategies: strategies})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// measure returns what one strategy's run of a scenario measured.
func measure(t testing.TB, s *scenarios.Scenario, strategy scenarios.Strategy) result.Metrics {
	t.Helper()
	return simulate(t, s, strategy).Runs[0].Metrics
}
