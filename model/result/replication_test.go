package result_test

import (
	"maps"
	"math"
	"reflect"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// 100, 110, 120: mean 110, standard deviation 10, and t for 2 degrees of
// freedom 4.302653, so 4.302653 x 10 / sqrt(3).
func TestSummarizeMeanAndInterval(t *testing.T) {
	runs := replicated().Runs
	if len(runs) != 2 || runs[0].Strategy != scenarios.HTTP1 || runs[1].Strategy != scenarios.HTTP2 {
		t.Fatalf("runs are %v", runs)
	}
	if got := runs[0].Metrics["page_load_ms.p50"]; got != 110 {
		t.Errorf("mean %v, want 110", got)
	}
	if got, want := runs[0].CI95["page_load_ms.p50"], 4.302653*10/math.Sqrt(3); math.Abs(got-want) > 1e-9 {
		t.Errorf("half-width %v, want %v", got, want)
	}
	if got := runs[0].CI95["connections.opened"]; got != 0 {
		t.Errorf("half-width of a constant %v, want 0", got)
	}
	if got, want := runs[1].Series[0].Values, []float64{1, .5, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("mean series %v, want %v", got, want)
	}
}

func TestSummarizeOneSeedChangesNothing(t *testing.T) {
	one := replicated().Replicates[:1]
	if got := result.Summarize(one); !reflect.DeepEqual(got, one[0].Runs) {
		t.Errorf("got %v, want %v", got, one[0].Runs)
	}
	if got := result.Summarize(nil); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// What was not measured in some replicates is averaged over the others.
func TestSummarizeMissingMetric(t *testing.T) {
	replicates := replicated().Replicates
	delete(replicates[0].Runs[0].Metrics, "page_load_ms.p50")
	replicates[2].Runs[0].Metrics["only.once"] = 7
	run := result.Summarize(replicates)[0]
	if got := run.Metrics["page_load_ms.p50"]; got != 115 {
		t.Errorf("mean of 110 and 120 is %v", got)
	}
	if got, want := run.CI95["page_load_ms.p50"], 12.706205*5; math.Abs(got-want) > 1e-6 {
		t.Errorf("half-width %v, want %v", got, want)
	}
	if _, ok := run.CI95["only.once"]; ok || run.Metrics["only.once"] != 7 {
		t.Errorf("a metric of one replicate: %v ± %v, want 7 without an interval", run.Metrics["only.once"], run.CI95["only.once"])
	}
}

// An interrupted simulation may lack some strategies of its last seed.
func TestSummarizeMissingStrategy(t *testing.T) {
	replicates := replicated().Replicates
	replicates[2].Runs = replicates[2].Runs[:1]
	runs := result.Summarize(replicates)
	if got := runs[1].Metrics["page_load_ms.p50"]; got != 52.5 {
		t.Errorf("mean of the two that are there %v, want 52.5", got)
	}
}

func TestSummarizeShorterSeriesCountsAsZero(t *testing.T) {
	replicates := replicated().Replicates[:2]
	replicates[1].Runs[0].Series[0].Values = []float64{6}
	if got, want := result.Summarize(replicates)[0].Series[0].Values, []float64{6, .25, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSummarizeDigestDependsOnEveryDigestAndSeed(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func([]result.Replicate){
		"nothing": func([]result.Replicate) {},
		"digest":  func(r []result.Replicate) { r[1].Runs[0].Digest = "other" },
		"seed":    func(r []result.Replicate) { r[1].Seed = 99 },
	} {
		replicates := replicated().Replicates
		change(replicates)
		digest := result.Summarize(replicates)[0].Digest
		if other, ok := seen[digest]; ok {
			t.Errorf("changing %s gives the same digest as changing %s", name, other)
		}
		seen[digest] = name
	}
}

// Reasons for which sessions were lost are means like the metric that they add
// up to, and where metrics come from is the same for every seed.
func TestSummarizeLostSessions(t *testing.T) {
	one, two := run(scenarios.HTTP1, "a", 1, 1), run(scenarios.HTTP1, "b", 1, 1)
	one.Metrics["sessions.lost"], two.Metrics["sessions.lost"] = 4, 1
	one.Lost = map[string]float64{"www-1 crashed": 3, "unknown": 1}
	two.Lost = map[string]float64{"unknown": 1}
	one.Sources = map[string]string{"server.memory_bytes_peak": "measured"}
	got := result.Summarize([]result.Replicate{{Seed: 1, Runs: []result.Run{one}}, {Seed: 2, Runs: []result.Run{two}}})[0]
	if want := map[string]float64{"www-1 crashed": 1.5, "unknown": 1}; !maps.Equal(got.Lost, want) || got.Metrics["sessions.lost"] != 2.5 {
		t.Errorf("lost were %v of %v, want %v", got.Lost, got.Metrics["sessions.lost"], want)
	}
	if !maps.Equal(got.Sources, one.Sources) {
		t.Errorf("sources are %v", got.Sources)
	}
}
