package balancer

import "math/rand/v2"

// Policy says which of the backends that are available gets a request.
type Policy string

const (
	RoundRobin       Policy = "round-robin"
	Random           Policy = "random"
	LeastConnections Policy = "least-connections"
	TwoChoices       Policy = "two-choices"
	ConsistentHash   Policy = "consistent-hash"
)

// Policies lists them all.
var Policies = []Policy{RoundRobin, Random, LeastConnections, TwoChoices, ConsistentHash}

// candidate is what a policy sees of a backend.
type candidate struct {
	hash   uint64  // of its name
	active int     // requests or connections that it carries
	weight float64 // its share, above 0; 1 unless it starts slowly
	credit float64 // round robin's
}

// choose applies the policy to the candidates, of which there is at least one.
// key is what stands for the client where it matters.
func (p Policy) choose(c []*candidate, key uint64, r *rand.Rand) *candidate {
	if len(c) == 1 {
		return c[0]
	}
	switch p {
	case Random:
		return random(c, r)
	case LeastConnections:
		return leastConnections(c)
	case TwoChoices:
		return twoChoices(c, r)
	case ConsistentHash:
		return rendezvous(c, key)
	}
	return roundRobin(c)
}
