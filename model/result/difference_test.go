package result_test

import (
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// over is a result whose seeds from first on gave these page loads under HTTP/2.
func over(first uint64, loads ...float64) *result.Result {
	r := sample()
	for i, load := range loads {
		r.Replicates = append(r.Replicates, result.Replicate{
			Seed: first + uint64(i), Runs: []result.Run{run(scenarios.HTTP2, "d", load, 1)},
		})
	}
	r.Runs = result.Summarize(r.Replicates)
	if len(loads) == 1 {
		r.Replicates = nil
	}
	return r
}

func TestDifferencesTellChangeFromChance(t *testing.T) {
	base := []float64{100, 140, 120, 160}
	for name, c := range map[string]struct {
		before, after              *result.Result
		significant, paired, worse bool
	}{
		"same seeds, a small but steady loss": {over(1, base...), over(1, 103, 142, 123, 162), true, true, true},
		"same seeds, up and down":             {over(1, base...), over(1, 110, 130, 125, 158), false, true, true},
		"other seeds, a small loss":           {over(1, base...), over(11, 103, 142, 123, 162), false, false, true},
		"other seeds, a large gain":           {over(1, base...), over(11, 20, 30, 25, 22), true, false, false},
		"one seed":                            {over(1, 100), over(1, 500), false, false, true},
	} {
		ds := result.Differences(c.before, c.after)
		if len(ds) != 1 || ds[0].Metric.Name != "page_load_ms.p50" {
			t.Fatalf("%s: %+v", name, ds)
		}
		d := ds[0]
		if d.Significant() != c.significant || d.Paired != c.paired || d.Worse() != c.worse || d.Better() == c.worse {
			t.Errorf("%s: significant %v, paired %v, worse %v, better %v, %v ± %v", name, d.Significant(), d.Paired, d.Worse(), d.Better(), d.Change(), d.CI95)
		}
	}
	if ds := result.Differences(over(1, base...), over(1, base...)); ds != nil {
		t.Errorf("a result differs from itself: %+v", ds)
	}
}

func TestDifferencesOfMissingMetrics(t *testing.T) {
	before, after := over(1, 100), over(1, 100)
	delete(after.Runs[0].Metrics, "page_load_ms.p50")
	ds := result.Differences(before, after)
	if len(ds) != 1 || ds[0].InAfter || ds[0].Worse() || ds[0].Better() {
		t.Errorf("got %+v", ds)
	}
}
