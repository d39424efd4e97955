package balancer

import "time"

// slowest is the weight with which a slow start begins.
const slowest = 0.01

// weight returns a member's share compared with the others': 1, but for one
// that has come back, whose weight rises linearly over Config.SlowStart. The
// mutex is held.
func (b *Balancer) weight(m *member, now time.Duration) float64 {
	if !m.rising {
		return 1
	}
	if now >= m.since+b.cfg.SlowStart {
		m.rising = false
		return 1
	}
	return ramp(now-m.since, b.cfg.SlowStart)
}

// ramp rises from nearly 0 to 1 over the time of a slow start.
func ramp(passed, over time.Duration) float64 {
	return min(max(float64(passed)/float64(over), slowest), 1)
}
