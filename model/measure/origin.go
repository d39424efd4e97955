package measure

import "time"

// Origin is what arrived at the servers behind caches.
type Origin struct {
	Requests int
	Peak     int // most in one second
	second   int64
	within   int // requests of that second
}

// AtOrigin notes a request that arrives at a server.
func (r *Recorder) AtOrigin(now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := &r.Origin
	if second := int64(now / time.Second); second != o.second {
		o.second, o.within = second, 0
	}
	o.Requests++
	o.within++
	o.Peak = max(o.Peak, o.within)
	r.timeline.Add("origin.requests", now, 1)
}

// Outdated notes a response that was older than what the servers had when it
// was asked for.
func (r *Recorder) Outdated() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.OutdatedCount++
}
