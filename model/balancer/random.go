package balancer

import "math/rand/v2"

// random draws one candidate, each with the probability of its weight.
func random(c []*candidate, r *rand.Rand) *candidate {
	total := 0.0
	for _, b := range c {
		total += b.weight
	}
	at := r.Float64() * total
	for _, b := range c[:len(c)-1] {
		if at -= b.weight; at < 0 {
			return b
		}
	}
	return c[len(c)-1]
}
