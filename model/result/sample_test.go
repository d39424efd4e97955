package result_test

import (
	"bytes"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// sample is a small, valid result.
func sample() *result.Result {
	return &result.Result{
		Schema:   result.Schema,
		Version:  "v1.0.0",
		Scenario: &scenarios.Scenario{Name: "page-load", Title: "A page of 100 objects", Expect: []string{"http2.page_load_ms.p50 < http1.page_load_ms.p50"}},
		Seed:     1,
		Fidelity: "wire",
		Runs: []result.Run{
			run(scenarios.HTTP1, "aa", 1885, 6),
			run(scenarios.HTTP2, "bb", 205, 1),
		},
	}
}

func run(strategy scenarios.Strategy, digest string, pageLoad, connections float64) result.Run {
	return result.Run{
		Strategy: strategy,
		Digest:   digest,
		Metrics:  result.Metrics{"page_load_ms.p50": pageLoad, "connections.opened": connections},
		Series:   []result.Series{{Name: "connections.open", StepMS: 100, Values: []float64{connections, 0.5, 0}}},
	}
}

// replicated is a result over the seeds 1 to 3.
func replicated() *result.Result {
	r := sample()
	for i, load := range []float64{100, 110, 120} {
		r.Replicates = append(r.Replicates, result.Replicate{
			Seed: uint64(i + 1),
			Runs: []result.Run{run(scenarios.HTTP1, "a"+string(rune('0'+i)), load, 6), run(scenarios.HTTP2, "b"+string(rune('0'+i)), load/2, 1)},
		})
	}
	r.Runs = result.Summarize(r.Replicates)
	return r
}

// written is r as Write writes it.
func written(t *testing.T, r *result.Result) string {
	t.Helper()
	var buf bytes.Buffer
	if err := r.Write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}
