package world_test

import (
	"context"
	"testing"

	"protosim/model/world"
	"protosim/scenarios"
)

// The waterfall of the first visit holds every object once, in moments that
// follow one another, and ends when the page is loaded.
func TestWaterfallIsTheFirstPageLoad(t *testing.T) {
	s, err := scenarios.Load("page-load-ideal", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := world.Simulate(context.Background(), s, world.Options{Seeds: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range r.Runs {
		if len(run.Waterfall) != 100 {
			t.Fatalf("%s: %d loads", run.Strategy, len(run.Waterfall))
		}
		last, paths := 0.0, map[string]bool{}
		for _, l := range run.Waterfall {
			if !l.OK || l.Bytes != 400 || l.SentMS < l.StartMS || l.FirstByteMS <= l.SentMS || l.EndMS < l.FirstByteMS {
				t.Errorf("%s: %+v", run.Strategy, l)
			}
			last = max(last, l.EndMS)
			paths[l.Path] = true
		}
		if last != run.Metrics["page_load_ms.max"] || len(paths) != 100 {
			t.Errorf("%s: %d paths end at %v ms, the page at %v", run.Strategy, len(paths), last, run.Metrics["page_load_ms.max"])
		}
		if d := run.Distributions[0]; d.Name != "page_load_ms" || d.Count != 2 || d.Values[50] != run.Metrics["page_load_ms.p50"] {
			t.Errorf("%s: distribution %s of %d", run.Strategy, d.Name, d.Count)
		}
	}
	if r.Replicates[1].Runs[0].Waterfall != nil {
		t.Error("the second seed has a waterfall of its own")
	}
}
