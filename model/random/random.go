// Package random derives independent streams of random numbers from a run's
// seed, one for each purpose, so that a draw more here does not change what is
// drawn there, and draws from a scenario's distributions.
//
// All of it gives the same bits on every platform.
package random

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"protosim/scenarios"
)

// New returns the stream for one purpose, such as "loss", of one thing, such
// as a link: the same seed, purpose and identities always give the same stream.
func New(seed uint64, purpose string, ids ...uint64) *rand.Rand {
	h := fnv.New128a()
	var b [8]byte
	put := func(n uint64) { binary.LittleEndian.PutUint64(b[:], n); h.Write(b[:]) }
	put(seed)
	h.Write([]byte(purpose))
	for _, id := range ids {
		put(id)
	}
	sum := h.Sum(nil)
	return rand.New(rand.NewPCG(mix(binary.LittleEndian.Uint64(sum)), mix(binary.LittleEndian.Uint64(sum[8:]))))
}

// mix spreads neighbouring values over all bits (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Draw returns one value of the distribution d, rounded to whole units.
func Draw[T scenarios.Duration | scenarios.Size](d scenarios.Dist[T], r *rand.Rand) T {
	switch d.Shape {
	case scenarios.Uniform:
		return d.Min + T(r.Int64N(int64(d.Max-d.Min)+1))
	case scenarios.Exponential:
		return round[T](float64(d.Mean) * -ln(unit(r)))
	case scenarios.Lognormal:
		const z99 = 2.3263478740408408 // the normal distribution's 99th percentile
		sigma := ln(float64(d.P99)/float64(d.Median)) / z99
		return round[T](float64(d.Median) * exp(float64(sigma*normal(r))))
	case scenarios.Pareto:
		x := round[T](float64(d.Min) * exp(-ln(unit(r))/d.Alpha))
		if d.Max > 0 {
			x = min(x, d.Max)
		}
		return x
	case scenarios.Listed:
		return d.Values[r.IntN(len(d.Values))]
	default:
		return d.Mean
	}
}

// round turns a draw into whole units. It keeps clear of overflow.
func round[T scenarios.Duration | scenarios.Size](x float64) T {
	return T(min(math.Floor(float64(x)+0.5), 1<<62))
}

// unit draws from the open interval (0, 1).
func unit(r *rand.Rand) float64 { return (float64(r.Uint64()>>11) + 0.5) / (1 << 53) }

// normal draws from the standard normal distribution (Marsaglia's polar method).
func normal(r *rand.Rand) float64 {
	for {
		u, v := 2*unit(r)-1, 2*unit(r)-1
		s := float64(u*u) + float64(v*v)
		if s > 0 && s < 1 {
			return float64(u * math.Sqrt(-2*ln(s)/s))
		}
	}
}

// ln and exp avoid math.Log and math.Exp, which are written in assembly on
// some platforms. The conversions to float64 keep compilers from fusing a
// multiplication with an addition, which would differ in the last bit.

// ln returns the natural logarithm of a positive number: with s = (m-1)/(m+1),
// ln m = 2(s + s³/3 + s⁵/5 + …).
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1) // at most 0.172
	square := float64(s * s)
	sum := 0.0
	for n := 23; n > 1; n -= 2 {
		sum = float64((sum + 1/float64(n)) * square)
	}
	return float64(float64(e)*math.Ln2) + float64(2*s*(1+sum))
}

// exp returns e to the power of x: 2 to a whole power times 1 + r + r²/2! + …
func exp(x float64) float64 {
	const high, low = 6.93147180369123816490e-01, 1.90821492927058770002e-10 // of ln 2
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := float64(x-float64(k*high)) - float64(k*low) // at most 0.347
	sum := 1.0
	for n := 14; n > 0; n-- {
		sum = 1 + float64(sum*r/float64(n))
	}
	return math.Ldexp(sum, int(k))
}
