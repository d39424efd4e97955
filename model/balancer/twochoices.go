package balancer

import "math/rand/v2"

// twoChoices draws two candidates and takes the one that carries less. They
// are drawn independently and may be the same, as in the literature
// (Mitzenmacher, The Power of Two Choices, 2001); nginx's "random two" draws
// two that differ, which is better still by a hundredth.
func twoChoices(c []*candidate, r *rand.Rand) *candidate {
	first := random(c, r)
	second := random(c, r)
	if second.load() < first.load() {
		return second
	}
	return first
}
