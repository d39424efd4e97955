package balancer

// load is what a candidate would carry with one request more, for its weight.
func (c *candidate) load() float64 { return float64(c.active+1) / c.weight }

// leastConnections takes the candidate that carries the least. Those that
// carry equally little take turns, as in nginx.
func leastConnections(c []*candidate) *candidate {
	var least []*candidate
	for _, b := range c {
		if len(least) > 0 && b.load() > least[0].load() {
			continue
		}
		if len(least) > 0 && b.load() < least[0].load() {
			least = least[:0]
		}
		least = append(least, b)
	}
	return roundRobin(least)
}
