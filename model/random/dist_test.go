package random_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"protosim/model/random"
	"protosim/scenarios"
)

type (
	duration = scenarios.Dist[scenarios.Duration]
	size     = scenarios.Dist[scenarios.Size]
)

const ms = scenarios.Duration(time.Millisecond)

var durations = map[string]duration{
	"constant":    {Shape: scenarios.Constant, Mean: 7 * ms},
	"uniform":     {Shape: scenarios.Uniform, Min: 2 * ms, Max: 10 * ms},
	"exponential": {Shape: scenarios.Exponential, Mean: 20 * ms},
	"lognormal":   {Shape: scenarios.Lognormal, Median: 50 * ms, P99: 400 * ms},
	"pareto":      {Shape: scenarios.Pareto, Min: 10 * ms, Alpha: 2.5},
	"bounded":     {Shape: scenarios.Pareto, Min: 10 * ms, Max: 100 * ms, Alpha: 1.1},
	"listed":      {Shape: scenarios.Listed, Values: []scenarios.Duration{1 * ms, 2 * ms, 3 * ms, 4 * ms}},
}

const samples = 200_000

func sample(d duration) []float64 {
	r := random.New(1, "test")
	list := make([]float64, samples)
	for i := range list {
		list[i] = float64(random.Draw(d, r)) / float64(ms)
	}
	return list
}

// Means and standard deviations are those of the textbook, within five
// standard errors.
func TestMoments(t *testing.T) {
	sigma := math.Log(400.0/50) / 2.3263478740408408
	lognormalMean := 50 * math.Exp(sigma*sigma/2)
	for name, want := range map[string]struct{ mean, deviation float64 }{
		"constant":    {7, 0},
		"uniform":     {6, 8 / math.Sqrt(12)},
		"exponential": {20, 20},
		"lognormal":   {lognormalMean, lognormalMean * math.Sqrt(math.Exp(sigma*sigma)-1)},
		"pareto":      {2.5 * 10 / 1.5, 10 * math.Sqrt(2.5/0.5) / 1.5},
		"listed":      {2.5, math.Sqrt(1.25)},
	} {
		var sum, squares float64
		for _, x := range sample(durations[name]) {
			sum += x
			squares += (x - want.mean) * (x - want.mean)
		}
		mean, deviation := sum/samples, math.Sqrt(squares/samples)
		if limit := 5*want.deviation/math.Sqrt(samples) + 1e-6; math.Abs(mean-want.mean) > limit {
			t.Errorf("%s: mean %.3f ms, want %.3f ± %.3f", name, mean, want.mean, limit)
		}
		if name != "pareto" && name != "lognormal" && math.Abs(deviation-want.deviation) > 0.02*want.deviation {
			t.Errorf("%s: standard deviation %.3f ms, want %.3f", name, deviation, want.deviation)
		}
	}
}

// At each quantile the share of the draws below the closed form's value is
// right, within five standard errors.
func TestQuantiles(t *testing.T) {
	for name, inverse := range map[string]func(p float64) float64{
		"uniform":     func(p float64) float64 { return 2 + 8*p },
		"exponential": func(p float64) float64 { return -20 * math.Log(1-p) },
		"lognormal": func(p float64) float64 {
			return 50 * math.Exp(math.Log(400.0/50)/2.3263478740408408*math.Sqrt2*math.Erfinv(2*p-1))
		},
		"pareto":  func(p float64) float64 { return 10 * math.Pow(1-p, -1/2.5) },
		"bounded": func(p float64) float64 { return 10 * math.Pow(1-p, -1/1.1) }, // until the bound
	} {
		list := sample(durations[name])
		slices.Sort(list)
		for _, p := range []float64{0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999} {
			x := inverse(p)
			if name == "bounded" && x > 100 {
				continue
			}
			below, _ := slices.BinarySearch(list, x)
			if share, limit := float64(below)/samples, 5*math.Sqrt(p*(1-p)/samples); math.Abs(share-p) > limit {
				t.Errorf("%s: %.5f of the draws are below %.3f ms, want %.5f ± %.5f", name, share, x, p, limit)
			}
		}
	}
}

// Draws stay in their bounds and reach them.
func TestBounds(t *testing.T) {
	r := random.New(1, "bounds")
	seen := map[scenarios.Size]int{}
	for range 6000 {
		seen[random.Draw(size{Shape: scenarios.Uniform, Min: 3, Max: 8}, r)]++
	}
	for n := range seen {
		if n < 3 || n > 8 {
			t.Errorf("uniform from 3 to 8 gave %d", n)
		}
	}
	for n := scenarios.Size(3); n <= 8; n++ {
		if seen[n] < 850 || seen[n] > 1150 {
			t.Errorf("uniform from 3 to 8 gave %d %d times of 6000", n, seen[n])
		}
	}
	atMost := 0
	for range 10_000 {
		n := random.Draw(size{Shape: scenarios.Pareto, Min: 100, Max: 5000, Alpha: 1}, r)
		if n < 100 || n > 5000 {
			t.Fatalf("Pareto from 100 to 5000 gave %d", n)
		}
		if n == 5000 {
			atMost++
		}
	}
	if atMost < 120 || atMost > 280 { // one in fifty lies beyond the bound
		t.Errorf("%d of 10,000 draws were cut to the bound, want about 200", atMost)
	}
}

// Absurd parameters do not overflow into negative values.
func TestNoOverflow(t *testing.T) {
	r := random.New(1, "overflow")
	for range 10_000 {
		for _, d := range []size{
			{Shape: scenarios.Pareto, Min: 1 << 40, Alpha: 0.01},
			{Shape: scenarios.Exponential, Mean: math.MaxInt64},
			{Shape: scenarios.Lognormal, Median: 1, P99: math.MaxInt64},
			{Shape: scenarios.Uniform, Min: 0, Max: 1 << 62},
		} {
			if n := random.Draw(d, r); n < 0 {
				t.Fatalf("%v gave %d", d, n)
			}
		}
	}
}

// The bits are the same on every platform, which math.Log and math.Exp would
// not promise.
func TestDrawGolden(t *testing.T) {
	want := map[string]scenarios.Duration{
		"constant":    8056113085513711616,
		"uniform":     -3715528313514645045,
		"exponential": -2283436496529942851,
		"lognormal":   8378062983496738501,
		"pareto":      -9031934377472545290,
		"bounded":     5798902387321986529,
		"listed":      -5963074626325306624,
	}
	for name, d := range durations {
		r := random.New(1, name)
		var sum scenarios.Duration
		for range 10_000 {
			sum = sum*31 + random.Draw(d, r)
		}
		if sum != want[name] {
			t.Errorf("%s: the draws add up to %d, want %d", name, sum, want[name])
		}
	}
}
