package balancer

// roundRobin takes turns. With weights it is nginx's smooth round robin: every
// candidate earns its weight, and the richest pays for all. So one of half the
// weight gets every other turn, and never two turns in a row.
func roundRobin(c []*candidate) *candidate {
	total := 0.0
	richest := c[0]
	for _, b := range c {
		b.credit += b.weight
		total += b.weight
		if b.credit > richest.credit {
			richest = b
		}
	}
	richest.credit -= total
	return richest
}
