package world_test

import (
	"context"
	"flag"
	"testing"

	"go.uber.org/goleak"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// sameBits are the tests that hold the digests of every protocol, middlebox and
// fault together.
const sameBits = "Golden|Same|Seeds|Trace|Faults"

// TestMain keeps to sameBits with -short, which is for the race detector and for
// WebAssembly: there everything takes ten times as long, and what the other tests
// find in such a run they find natively.
func TestMain(m *testing.M) {
	flag.Parse()
	if run := flag.Lookup("test.run"); testing.Short() && run.Value.String() == "" {
		if err := run.Value.Set(sameBits); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

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
