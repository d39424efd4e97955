package main

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"protosim/viz/chart"
)

// over is a parameter over a range, in ms or in whole numbers.
func over(path string, low, high float64, whole bool) *parameter {
	unit := "1s"
	if whole {
		unit = "1"
	}
	_, kind, _ := parseMeasure(unit)
	return &parameter{path: path, low: low, high: high, kind: kind, whole: whole, log: low > 0 && high/low > 10}
}

// searched runs a search of a closed form. Constraint is how far a setting is
// from being allowed, 0 if it is.
func searched(t *testing.T, s *search, objective, constraint func(x []float64) float64) *search {
	t.Helper()
	if s.grid == 0 {
		s.grid = 9
	}
	if s.rounds == 0 {
		s.rounds = 6
	}
	s.evaluate = func(batch []*setting) error {
		for _, b := range batch {
			var x []float64
			for _, v := range b.values {
				x = append(x, v.Number)
			}
			b.measured, b.value = true, objective(x)
			b.samples = []float64{b.value}
			if constraint != nil {
				b.violation = constraint(x)
			}
			if s.find(b.label) != nil {
				t.Errorf("%s is simulated twice", b.label)
			}
		}
		return nil
	}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	return s
}

// The time to be back, of servers that take a crowd badly, is w + 36/w: least
// where w = 6, at 12.
func crowd(x []float64) float64 { w := x[0] / 1000; return w + 36/w }

func TestSearchFindsTheOptimum(t *testing.T) {
	s := searched(t, &search{params: []*parameter{over("window", 1000, 60_000, false)}}, crowd, nil)
	if best := s.best.values[0].Number; math.Abs(best-6000) > 60_000*s.step || math.Abs(s.best.value-12) > .01 {
		t.Errorf("the best is %s with %v after %d settings", s.best.label, s.best.value, len(s.tried))
	}
	if n := len(s.tried); n > 9+2*6 {
		t.Errorf("it took %d settings", n)
	}
	// w + 36/w is within 5 % of 12 from 4.37 to 8.23.
	flat := s.flat()[0]
	if from, to := flat.From.Number, flat.To.Number; from < 4370 || to > 8230 || from > 5500 || to < 6500 {
		t.Errorf("flat from %s to %s", flat.From.Text, flat.To.Text)
	}
	if s.beyond() != nil || len(s.atEnd()) > 0 || s.idle() {
		t.Error("something binds, or is at the end, or makes no difference")
	}
}

func TestSearchForTheHighest(t *testing.T) {
	s := searched(t, &search{params: []*parameter{over("window", 0, 10_000, false)}, maximize: true},
		func(x []float64) float64 { return -(x[0] - 3210) * (x[0] - 3210) }, nil)
	if math.Abs(s.best.values[0].Number-3210) > 20 {
		t.Errorf("the best is %s", s.best.label)
	}
}

// Where the best is not allowed, the search ends just inside of what is, and
// says what binds.
func TestSearchEndsAtTheConstraint(t *testing.T) {
	const edge = 17_300.
	s := searched(t, &search{params: []*parameter{over("window", 1000, 60_000, false)}}, crowd,
		func(x []float64) float64 { return max(0, edge-x[0]) })
	if best := s.best.values[0].Number; best < edge || best > edge*1.05 {
		t.Errorf("the best is %s", s.best.label)
	}
	beyond := s.beyond()
	if beyond == nil || beyond.values[0].Number >= edge || beyond.values[0].Number < edge*.95 {
		t.Errorf("beyond is %v", beyond)
	}
}

// What no setting keeps is searched for the one that comes nearest.
func TestSearchWithoutAnyThatIsAllowed(t *testing.T) {
	s := searched(t, &search{params: []*parameter{over("window", 1000, 60_000, false)}}, crowd,
		func(x []float64) float64 { return 1 + math.Abs(x[0]-40_000) })
	if s.best.feasible() || math.Abs(s.best.values[0].Number-40_000) > 1000 {
		t.Errorf("the nearest is %s", s.best.label)
	}
	if s.beyond() != nil {
		t.Error("something binds")
	}
}

// Whole numbers are found exactly, and each at most once.
func TestSearchOfWholeNumbers(t *testing.T) {
	for _, c := range []struct{ low, high, best float64 }{{1, 5, 3}, {1, 1000, 613}, {2, 12, 12}, {2, 12, 2}, {1, 2, 2}, {0, 300, 77}} {
		s := searched(t, &search{params: []*parameter{over("count", c.low, c.high, true)}, rounds: 1},
			func(x []float64) float64 { return math.Abs(x[0] - c.best) }, nil)
		if got := s.best.values[0]; got.Number != c.best || got.Text != fmt.Sprint(c.best) {
			t.Errorf("of %v to %v: %s, want %v", c.low, c.high, got.Text, c.best)
		}
		if atEnd := len(s.atEnd()) > 0; atEnd != (c.best == c.low || c.best == c.high) {
			t.Errorf("of %v to %v: at the end: %v", c.low, c.high, atEnd)
		}
	}
}

func TestSearchOfTwoParameters(t *testing.T) {
	s := searched(t, &search{params: []*parameter{over("a", 0, 10_000, false), over("b", 1, 40, true)}, grid: 5},
		func(x []float64) float64 { return math.Abs(x[0]-7000)/1000 + math.Abs(x[1]-9) }, nil)
	if s.best.value > .2 {
		t.Errorf("the best is %s", s.best.label)
	}
	if n := len(s.tried); n > 25+8*7 {
		t.Errorf("it took %d settings", n)
	}
}

// Of several valleys that the grid sees it takes the deepest.
func TestSearchIsNotCaughtInAValley(t *testing.T) {
	s := searched(t, &search{params: []*parameter{over("window", 0, 8000, false)}},
		func(x []float64) float64 { return math.Min(math.Abs(x[0]-1000)+150, math.Abs(x[0]-6100)) }, nil)
	if math.Abs(s.best.values[0].Number-6100) > 20 {
		t.Errorf("the best is %s", s.best.label)
	}
}

// The setting that the scenario has is measured too, and of equals it stays.
func TestSearchKeepsWhatIs(t *testing.T) {
	p := over("window", 1000, 9000, false)
	p.now = chart.Value{Text: "2.5s", Number: 2500}
	s := searched(t, &search{params: []*parameter{p}}, func([]float64) float64 { return 7 }, nil)
	if s.best != s.now || !s.idle() || !s.noisy {
		t.Errorf("the best is %s", s.best.label)
	}
	p.now = chart.Value{Text: "0s"}
	s = searched(t, &search{params: []*parameter{p}}, func(x []float64) float64 { return x[0] }, nil)
	if s.find("window=0s") == nil || s.best.label != "window=1s" {
		t.Errorf("the best is %s, which is not in the range or not the best", s.best.label)
	}
}

// Seeds that are good or bad for every setting alike hide nothing; where each
// setting has noise of its own, the search stops closing in.
func TestSearchComparesSeedBySeed(t *testing.T) {
	run := func(noise func(x float64, seed int) float64) *search {
		s := &search{params: []*parameter{over("window", 1000, 60_000, false)}, grid: 9, rounds: 6}
		s.evaluate = func(batch []*setting) error {
			for _, b := range batch {
				x := b.values[0].Number
				for seed := range 5 {
					b.samples = append(b.samples, crowd([]float64{x})+noise(x, seed))
				}
				b.measured, b.value = true, mean(b.samples)
			}
			return nil
		}
		if err := s.run(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := run(func(_ float64, seed int) float64 { return 10 * float64(seed) }); s.noisy || math.Abs(s.best.values[0].Number-6000) > 600 {
		t.Errorf("common noise: noisy %v, best %s", s.noisy, s.best.label)
	}
	if s := run(func(x float64, seed int) float64 { return 10 * math.Sin(x*float64(seed+1)) }); !s.noisy {
		t.Errorf("noise of its own: %d settings", len(s.tried))
	}
}

func mean(sample []float64) float64 {
	sum := 0.
	for _, v := range sample {
		sum += v
	}
	return sum / float64(len(sample))
}

// Flat is the stretch around the best without a gap.
func TestFlatHasNoGap(t *testing.T) {
	s := searched(t, &search{params: []*parameter{over("count", 0, 8, true)}, rounds: 1},
		func(x []float64) float64 { return []float64{100, 200, 101, 104, 100.5, 106, 100, 99.9, 104}[int(x[0])] }, nil)
	if f := s.flat()[0]; f.From.Text != "6" || f.To.Text != "8" {
		t.Errorf("flat from %s to %s", f.From.Text, f.To.Text)
	}
	var tried []string
	for _, x := range s.sorted() {
		tried = append(tried, x.values[0].Text)
	}
	if !slices.Equal(tried, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}) {
		t.Errorf("tried %v", tried)
	}
}
