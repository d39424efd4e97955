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

// rankCorrelation is Spearman's: 1 if two samples rise and fall together.
func rankCorrelation(a, b []float64) float64 {
	ranks := func(values []float64) []float64 {
		r := make([]float64, len(values))
		for i, v := range values {
			for _, w := range values {
				if w < v {
					r[i]++
				}
			}
		}
		return r
	}
	ra, rb := ranks(a), ranks(b)
	middle := float64(len(a)-1) / 2
	var ab, aa, bb float64
	for i := range ra {
		ab += (ra[i] - middle) * (rb[i] - middle)
		aa += (ra[i] - middle) * (ra[i] - middle)
		bb += (rb[i] - middle) * (rb[i] - middle)
	}
	return ab / math.Sqrt(aa*bb)
}

// TestKernelLoss compares distributions: with random loss every page load is
// another. No row may be more than 3 standard errors of the rank test from the
// kernel's times, nor all of them together.
//
// The rows were measured with the same 30 seeds: run for run the same packets
// are lost, of every protocol (their ranks correlate by 0.41 in the mean). So
// the rows together say less than twelve would that knew nothing of each other.
func TestKernelLoss(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, with the race detector or in WebAssembly minutes")
	}
	const seeds, most = 60, 3
	stored := readPageTimes(t)
	var rows []kernelRow
	for _, r := range stored.Rows {
		if r.Loss > 0 {
			rows = append(rows, r)
		}
	}
	sum, variance := 0., 0.
	for i, r := range rows {
		s := r.scenario(t, stored.overhead(r))
		var times []float64
		for seed := range seeds {
			s.Seed = uint64(1 + i*seeds + seed)
			times = append(times, measure(t, s, scenarios.Strategy(r.Protocol))["page_load_ms.max"])
		}
		slices.Sort(times)
		above, z := rankSum(times, r.RunsMS)
		t.Logf("%-46s kernel %8.1f (%.1f-%.1f)  model %8.1f (%.1f-%.1f)  above %.2f, z %+.1f",
			r, r.MedianMS, r.MinMS, r.MaxMS, times[seeds/2], times[0], times[seeds-1], above, z)
		if math.Abs(z) > most {
			t.Errorf("%v: the model's times are above the kernel's with probability %.2f, %+.1f standard errors from one half", r, above, z)
		}
		sum += z
		variance++
		for _, other := range rows[:i] {
			n := float64(len(r.RunsMS))
			kernels := seeds / (seeds + n) // share of the variance of z
			variance += 2 * kernels * rankCorrelation(r.RunsMS, other.RunsMS)
		}
	}
	z := sum / math.Sqrt(variance)
	t.Logf("%d rows together: z %+.1f; %+.1f if they were independent", len(rows), z, sum/math.Sqrt(float64(len(rows))))
	if len(rows) < 12 || math.Abs(z) > most {
		t.Errorf("%d rows together are %+.1f standard errors from the kernel", len(rows), z)
	}
}
