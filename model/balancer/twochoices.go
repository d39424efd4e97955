package balancer

import "math/rand/v2"

// twoChoices draws two candidates and takes the one that carries less
// (Mitzenmacher, The Power of Two Choices, 2001; nginx's "random two").
func twoChoices(c []*candidate, r *rand.Rand) *candidate {
	first := random(c, r)
	second := random(c, r)
	for second == first { // there are two at least, and weights are above 0
		second = random(c, r)
	}
	if second.load() < first.load() {
		return second
	}
	return first
}
