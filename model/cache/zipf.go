package cache

import (
	"math"
	"math/rand/v2"
	"sort"
)

// Zipf draws ranks by popularity: the i-th of n, counted from 0, with a
// probability proportional to 1/(i+1)^alpha. All of it gives the same bits on
// every platform.
type Zipf struct{ sums []float64 }

// NewZipf returns the law for n things. alpha is not negative.
func NewZipf(n int, alpha float64) *Zipf {
	z := &Zipf{make([]float64, n)}
	total := 0.0
	for i := range n {
		total += 1 / power(float64(i+1), alpha)
		z.sums[i] = total
	}
	return z
}

// Draw draws a rank.
func (z *Zipf) Draw(r *rand.Rand) int {
	at := r.Float64() * z.sums[len(z.sums)-1]
	return min(sort.Search(len(z.sums), func(i int) bool { return z.sums[i] > at }), len(z.sums)-1)
}

// Share returns the probability of a rank.
func (z *Zipf) Share(rank int) float64 {
	p := z.sums[rank]
	if rank > 0 {
		p -= z.sums[rank-1]
	}
	return p / z.sums[len(z.sums)-1]
}

// power returns x to the power of y, by squares and square roots: these are
// exact to the last bit wherever they are computed, which math.Pow is not.
func power(x, y float64) float64 {
	whole, part := math.Modf(y)
	result := 1.0
	for base, n := x, uint64(whole); n > 0; n >>= 1 {
		if n&1 == 1 {
			result *= base
		}
		base *= base
	}
	for root := math.Sqrt(x); part > 0 && root != 1; root = math.Sqrt(root) {
		part *= 2
		if part >= 1 {
			result *= root
			part--
		}
	}
	return result
}
