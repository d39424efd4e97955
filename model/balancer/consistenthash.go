package balancer

import "hash/fnv"

// rendezvous takes the candidate whose name and the key hash highest together
// (Thaler and Ravishankar, 1998). When one of n goes, only its own keys move,
// 1/n of all, and evenly to the others; a ring of virtual nodes (ketama, as
// nginx's "hash … consistent") needs 160 points per backend to come near that
// and keeps state. It looks at all candidates, which costs nothing for as many
// as one balancer has.
//
// A candidate of weight w takes part in the share w of the keys, so that a
// slow start moves each key once.
func rendezvous(c []*candidate, key uint64) *candidate {
	var best *candidate
	var highest uint64
	for _, all := range []bool{false, true} {
		for _, b := range c {
			h := mix(key ^ mix(b.hash))
			if !all && float64(mix(h)>>11)/(1<<53) >= b.weight {
				continue
			}
			if best == nil || h > highest {
				best, highest = b, h
			}
		}
		if best != nil {
			break
		}
	}
	return best
}

// hash maps a string to a key.
func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return mix(h.Sum64())
}

// mix spreads a difference over all bits (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
