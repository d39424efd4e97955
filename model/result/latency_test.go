package result_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"protosim/model/result"
)

func TestLatencyZeroValue(t *testing.T) {
	var l result.Latency
	if l.Count() != 0 || l.Mean() != 0 || l.Max() != 0 || l.Quantile(.5) != 0 {
		t.Errorf("an empty Latency is not all zero: %v %v %v %v", l.Count(), l.Mean(), l.Max(), l.Quantile(.5))
	}
}

func TestLatencyIsExactForSmallSamples(t *testing.T) {
	var l result.Latency
	for range 100 {
		l.Record(1885 * time.Millisecond)
	}
	l.Record(1885*time.Millisecond + 1*time.Microsecond)
	if got, want := l.Quantile(.5), 1885*time.Millisecond; got != want {
		t.Errorf("p50 = %v, want %v", got, want)
	}
	if got, want := l.Max(), 1885001*time.Microsecond; got != want {
		t.Errorf("max = %v, want %v", got, want)
	}
}

func TestLatencyNearestRank(t *testing.T) {
	var l result.Latency
	for _, ms := range rand.New(rand.NewPCG(1, 2)).Perm(20) {
		l.Record(time.Duration(ms+1) * time.Millisecond)
	}
	for _, c := range []struct {
		q    float64
		want time.Duration
	}{
		{0, 1}, {.05, 1}, {.051, 2}, {.5, 10}, {.501, 11}, {.95, 19}, {.99, 20}, {1, 20},
	} {
		if got := l.Quantile(c.q); got != c.want*time.Millisecond {
			t.Errorf("Quantile(%v) of 1..20 ms = %v, want %v", c.q, got, c.want*time.Millisecond)
		}
	}
	if got, want := l.Mean(), 10500*time.Microsecond; got != want {
		t.Errorf("mean = %v, want %v", got, want)
	}
}

func TestLatencyRoundsToTheMicrosecond(t *testing.T) {
	var l result.Latency
	l.Record(1499 * time.Nanosecond)
	l.Record(1500 * time.Nanosecond)
	if got := [2]time.Duration{l.Quantile(0), l.Quantile(1)}; got != [2]time.Duration{1000, 2000} {
		t.Errorf("1499ns and 1500ns were kept as %v", got)
	}
}

func TestLatencyOfManyStaysWithinATenthOfAPercent(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var l result.Latency
	var all []time.Duration
	var sum time.Duration
	for range 50_000 {
		d := time.Duration(random.ExpFloat64() * float64(200*time.Millisecond)).Round(time.Microsecond)
		l.Record(d)
		all = append(all, d)
		sum += d
	}
	slices.Sort(all)
	for _, q := range []float64{.001, .01, .5, .95, .99, .999, 1} {
		want := all[max(int(q*50_000)-1, 0)]
		if off := (l.Quantile(q) - want).Abs(); off > want/1000+time.Microsecond {
			t.Errorf("Quantile(%v) = %v, want %v within 0.1 %%", q, l.Quantile(q), want)
		}
	}
	if l.Max() != all[len(all)-1] || l.Count() != 50_000 {
		t.Errorf("max %v, count %d; both must stay exact", l.Max(), l.Count())
	}
	if got, want := l.Mean(), sum/50_000; (got - want).Abs() > 1 {
		t.Errorf("mean = %v, want %v", got, want)
	}
}

func TestLatencyBeyondAnHour(t *testing.T) {
	var l result.Latency
	for range 5000 {
		l.Record(3 * time.Hour)
	}
	if l.Max() != 3*time.Hour {
		t.Errorf("max = %v, want 3h", l.Max())
	}
	if got := l.Quantile(.5); (got - time.Hour).Abs() > time.Hour/500 {
		t.Errorf("p50 = %v, want about 1h", got)
	}
}

// However durations are spread over parts, and in whichever order the parts
// are merged, the answers are those of recording them all in one.
func TestLatencyMergeEqualsRecording(t *testing.T) {
	for _, size := range []int{0, 1, 100, 4095, 4096, 4097, 9000} {
		random := rand.New(rand.NewPCG(3, uint64(size)))
		var whole result.Latency
		parts := make([]result.Latency, 3)
		for range size {
			d := time.Duration(random.IntN(5_000_000)) * time.Microsecond
			whole.Record(d)
			parts[random.IntN(3)].Record(d)
		}
		var forth, back result.Latency
		for i := range parts {
			forth.Merge(&parts[i])
			back.Merge(&parts[2-i])
		}
		for _, q := range []float64{0, .25, .5, .95, .99, 1} {
			if f, b, w := forth.Quantile(q), back.Quantile(q), whole.Quantile(q); f != w || b != w {
				t.Errorf("%d durations, Quantile(%v): merged %v and %v, recorded %v", size, q, f, b, w)
			}
		}
		if forth.Count() != whole.Count() || forth.Mean() != whole.Mean() || forth.Max() != whole.Max() {
			t.Errorf("%d durations: count, mean or max differ after merging", size)
		}
	}
}

func TestLatencyMergeWithItself(t *testing.T) {
	for _, size := range []int{3, 3000, 6000} {
		var l result.Latency
		for i := range size {
			l.Record(time.Duration(i) * time.Millisecond)
		}
		half := l.Quantile(.5)
		l.Merge(&l)
		if l.Count() != int64(2*size) || (l.Quantile(.5)-half).Abs() > half/500 {
			t.Errorf("%d durations with themselves: count %d, p50 %v, was %v", size, l.Count(), l.Quantile(.5), half)
		}
	}
}

func TestLatencyPanicsOnMisuse(t *testing.T) {
	var l result.Latency
	l.Record(time.Second)
	for name, misuse := range map[string]func(){
		"negative duration": func() { l.Record(-1) },
		"quantile above 1":  func() { l.Quantile(50) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			misuse()
		}()
	}
}
