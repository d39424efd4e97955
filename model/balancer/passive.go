package balancer

import "time"

// window counts failures like nginx's max_fails: those within FailTimeout of
// one another.
type window struct {
	count int
	last  time.Duration
}

// failed notes that a request to the member failed. The mutex is held.
func (b *Balancer) failed(m *member) {
	m.stats.Failures++
	h := b.cfg.Health
	if h.MaxFails < 0 {
		return
	}
	now := b.time.Now()
	if now-m.failures.last >= h.FailTimeout {
		m.failures.count = 0
	}
	m.failures.count++
	m.failures.last = now
	if m.failures.count >= h.MaxFails {
		m.suspended = now + h.FailTimeout
		m.rising, m.since = true, m.suspended
	}
}

// succeeded notes that one did not. A member that was suspended is so no more.
// The mutex is held.
func (b *Balancer) succeeded(m *member) {
	if m.failures.count > 0 && m.suspended <= b.time.Now() {
		m.failures = window{}
	}
}
