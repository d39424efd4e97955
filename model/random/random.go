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
		return round[T](float64(d.Median) * exp(sigma*normal(r)))
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
	return T(min(math.Floor(x+0.5), 1<<62))
}

// unit draws from the open interval (0, 1).
func unit(r *rand.Rand) float64 { return (float64(r.Uint64()>>11) + 0.5) / (1 << 53) }

// normal draws from the standard normal distribution (Marsaglia's polar method).
func normal(r *rand.Rand) float64 {
	for {
		u, v := 2*unit(r)-1, 2*unit(r)-1
		s := float64(u*u) + float64(v*v)
		if s > 0 && s < 1 {
			return u * math.Sqrt(-2*ln(s)/s)
		}
	}
}

// ln and exp avoid math.Log and math.Exp, which are written in assembly on
// some platforms and differ from the others in the last bit.
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	return float64(float64(e)*math.Ln2) + math.Log1p(m-1)
}

func exp(x float64) float64 { return math.Expm1(x) + 1 }
