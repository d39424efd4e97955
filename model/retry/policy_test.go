package retry_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"protosim/model/retry"
)

const ms = time.Millisecond

func stream() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// ceiling is min(m, b·2ⁿ), written down as it is defined.
func ceiling(base, limit time.Duration, n int) time.Duration {
	e := float64(base) * float64(uint64(1)<<n)
	return time.Duration(min(float64(limit), e))
}

// The waits that no chance decides are exactly those of the formula.
func TestExponential(t *testing.T) {
	b := retry.Policy{Kind: retry.Exponential, Base: 100 * ms, Cap: 5 * time.Second}.Start(stream())
	for n, want := range []time.Duration{100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000} {
		if got := b.Next(); got != want*ms {
			t.Errorf("wait %d is %v, want %v", n, got, want*ms)
		}
	}
	b.Reset()
	if got := b.Next(); got != 100*ms {
		t.Errorf("after Reset the wait is %v, want the base", got)
	}
}

// The waits drawn by chance stay within the bounds of the formula, come close
// to both, and have the mean of the uniform distribution between them.
func TestJitterBounds(t *testing.T) {
	const base, limit = 100 * ms, 3 * time.Second
	for kind, bounds := range map[retry.Kind]func(e time.Duration) (low, high time.Duration){
		retry.FullJitter:  func(e time.Duration) (time.Duration, time.Duration) { return 0, e },
		retry.EqualJitter: func(e time.Duration) (time.Duration, time.Duration) { return e / 2, e },
	} {
		t.Run(string(kind), func(t *testing.T) {
			const draws, retries = 20_000, 8
			r := stream()
			var sum, least, most [retries]time.Duration
			for i := range draws {
				b := retry.Policy{Kind: kind, Base: base, Cap: limit}.Start(r)
				for n := range retries {
					d := b.Next()
					sum[n] += d
					if i == 0 || d < least[n] {
						least[n] = d
					}
					most[n] = max(most[n], d)
				}
			}
			for n := range retries {
				low, high := bounds(ceiling(base, limit, n))
				if least[n] < low || most[n] > high {
					t.Errorf("wait %d from %v to %v, want within %v to %v", n, least[n], most[n], low, high)
				}
				width := high - low
				if least[n] > low+width/100 || most[n] < high-width/100 {
					t.Errorf("wait %d only from %v to %v of %v to %v", n, least[n], most[n], low, high)
				}
				// The mean of so many draws has a standard error of width/√12/√draws.
				mean, want := sum[n]/draws, (low+high)/2
				if off := (mean - want).Abs(); off > width/100 {
					t.Errorf("wait %d has the mean %v, want %v", n, mean, want)
				}
			}
		})
	}
}

// Each decorrelated wait lies between the base and three times the one before,
// and below the cap.
func TestDecorrelated(t *testing.T) {
	const base, limit = 50 * ms, 2 * time.Second
	r := stream()
	capped, tripled := 0, 0
	for range 2000 {
		b := retry.Policy{Kind: retry.Decorrelated, Base: base, Cap: limit}.Start(r)
		previous := base
		for n := range 20 {
			d := b.Next()
			if d < base || d > min(limit, 3*previous) {
				t.Fatalf("wait %d is %v after %v", n, d, previous)
			}
			if d == limit {
				capped++
			} else if d > 2*previous {
				tripled++
			}
			previous = d
		}
	}
	if capped == 0 || tripled == 0 {
		t.Errorf("%d waits at the cap, %d of more than twice the one before", capped, tripled)
	}
	// Without chance about the first: uniform from b to 3b has the mean 2b.
	var sum time.Duration
	const draws = 20_000
	for range draws {
		sum += retry.Policy{Kind: retry.Decorrelated, Base: base}.Start(r).Next()
	}
	if mean := sum / draws; (mean - 2*base).Abs() > base/50 {
		t.Errorf("the first wait has the mean %v, want %v", mean, 2*base)
	}
}

func TestPlainKinds(t *testing.T) {
	none := retry.Policy{}.Start(nil)
	constant := retry.Policy{Kind: retry.Constant, Base: 7 * ms}.Start(nil)
	for range 3 {
		if d := none.Next(); d != 0 {
			t.Errorf("no backoff waits %v", d)
		}
		if d := constant.Next(); d != 7*ms {
			t.Errorf("constant backoff waits %v", d)
		}
	}
	if none.Retries() != 3 {
		t.Errorf("%d retries counted, want 3", none.Retries())
	}
}

// However many retries there are, no wait overflows.
func TestNoOverflow(t *testing.T) {
	for _, kind := range retry.Kinds() {
		for _, limit := range []time.Duration{0, time.Hour, 1<<63 - 1} {
			b := retry.Policy{Kind: kind, Base: time.Second, Cap: limit}.Start(stream())
			for n := range 200 {
				d := b.Next()
				if d < 0 || limit > 0 && d > limit {
					t.Fatalf("%s with the cap %v: wait %d is %v", kind, limit, n, d)
				}
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for _, p := range []retry.Policy{
		{Kind: retry.Immediate},
		{Kind: retry.FullJitter, Base: ms},
		{Kind: retry.Decorrelated, Base: ms, Cap: ms},
	} {
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, p := range []retry.Policy{
		{},
		{Kind: "fulljitter", Base: ms},
		{Kind: retry.Exponential},
		{Kind: retry.Exponential, Base: 2 * ms, Cap: ms},
		{Kind: retry.Exponential, Base: ms, Cap: -ms},
	} {
		if p.Validate() == nil {
			t.Errorf("%+v passes", p)
		}
	}
}
