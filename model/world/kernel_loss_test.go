package world_test

import (
	"math"
	"slices"
	"testing"

	"protosim/scenarios"
)

// rankSum compares two samples by Mann and Whitney's test: how likely a value of
// the first is above one of the second, and how many standard errors that is
// from one half.
func rankSum(a, b []float64) (above, z float64) {
	u := 0.
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				u++
			case x == y:
				u += .5
			}
		}
	}
	m, n := float64(len(a)), float64(len(b))
	return u / (m * n), (u - m*n/2) / math.Sqrt(m*n*(m+n+1)/12)
}

// TestRankSum: everything above is certain, and of samples of 5 a distance of
// 2.6 standard errors; the same sample is no distance away.
func TestRankSum(t *testing.T) {
	low, high := []float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}
	if above, z := rankSum(high, low); above != 1 || math.Abs(z-12.5/math.Sqrt(25*11./12)) > 1e-9 {
		t.Errorf("all above: %v, %v standard errors", above, z)
	}
	if above, z := rankSum(low, low); above != .5 || z != 0 {
		t.Errorf("the same: %v, %v standard errors", above, z)
	}
}

// TestKernelLoss compares distributions: with random loss every page load is
// another. No row may be more than 3 standard errors of the rank test from the
// kernel's times.
func TestKernelLoss(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, with the race detector or in WebAssembly minutes")
	}
	const seeds, most = 60, 3
	stored := readPageTimes(t)
	sum, rows := 0., 0
	for _, r := range stored.Rows {
		if r.Loss == 0 {
			continue
		}
		s := r.scenario(t, stored.overhead(r))
		var times []float64
		for seed := range seeds {
			s.Seed = uint64(seed + 1)
			times = append(times, measure(t, s, scenarios.Strategy(r.Protocol))["page_load_ms.max"])
		}
		slices.Sort(times)
		above, z := rankSum(times, r.RunsMS)
		sum, rows = sum+z, rows+1
		t.Logf("%-46s kernel %8.1f (%.1f-%.1f)  model %8.1f (%.1f-%.1f)  above %.2f, z %+.1f",
			r, r.MedianMS, r.MinMS, r.MaxMS, times[seeds/2], times[0], times[seeds-1], above, z)
		if math.Abs(z) > most {
			t.Errorf("%v: the model's times are above the kernel's with probability %.2f, %+.1f standard errors from one half", r, above, z)
		}
	}
	z := sum / math.Sqrt(float64(rows))
	t.Logf("%d rows together: z %+.1f", rows, z)
	if rows < 12 {
		t.Errorf("%d rows with loss, want 12", rows)
	}
}
