package main

import "testing"

func TestQuantile(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	for q, want := range map[float64]float64{0: 1, .1: 1.4, .5: 3, .9: 4.6, 1: 5} {
		if got := quantile(values, q); got != want {
			t.Errorf("quantile %g = %g, want %g", q, got, want)
		}
	}
	if got := quantile(nil, .5); got != 0 {
		t.Errorf("quantile of nothing = %g, want 0", got)
	}
}

func TestTheGridHasEveryRowOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range gridRows() {
		if seen[r.String()] {
			t.Errorf("twice: %v", r)
		}
		seen[r.String()] = true
		if r.runs < 5 {
			t.Errorf("%v: %d runs are too few for a median", r, r.runs)
		}
	}
}
