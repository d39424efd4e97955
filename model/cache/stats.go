package cache

import "protosim/model/transport"

// Stats counts what a cache has done. Each request is counted in exactly one
// of Hits, Stale, Collapsed, Revalidated, Rescued, Misses, Bypassed, Upgrades and
// Refused once its answer begins.
type Stats struct {
	Requests    int
	Hits        int // answered from a fresh response
	Stale       int // answered from a stale one, as it allows or the client
	Collapsed   int // answered by a response that another request had fetched
	Revalidated int // answered from a stored response after upstream said 304
	Rescued     int // answered from a stale response after upstream failed (stale-if-error)
	Misses      int // fetched
	Bypassed    int // what a cache does not answer: methods, conditions, ranges
	Upgrades    int // connections that were handed through
	Refused     int // by the cache itself

	Uncacheable int // responses that were fetched and may not be stored
	Stored      int // responses stored
	Evicted     int // responses that had to go for lack of memory
	Invalidated int // URIs thrown away by unsafe methods and Purge
	Objects     int // responses that are stored now
	Memory      int64

	UpstreamRequests int
	UpstreamErrors   int // no response, or one that ended early
	Malformed        int // of these, responses that are not HTTP or not complete
	TimedOut         int // of these, for want of an answer

	BytesServed       int64 // of bodies, to clients
	BytesFromUpstream int64 // of bodies
	BytesUpgraded     int64 // through upgraded connections, both ways
	IdleClosed        int   // upgraded connections in which nothing moved for too long
}

// HitRatio is the share of the requests that a cache could answer, which it
// did without asking upstream or with one question for many.
func (s Stats) HitRatio() float64 {
	n := s.Hits + s.Stale + s.Collapsed + s.Revalidated + s.Rescued + s.Misses
	if n == 0 {
		return 0
	}
	return float64(s.Hits+s.Stale+s.Collapsed) / float64(n)
}

// Stats returns what has been counted so far.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Evicted, s.Objects, s.Memory = c.store.evicted, c.store.objects, c.store.bytes
	return s
}

// answers counts a request by how it is answered. The mutex is held.
func (x *exchange) answers(how Outcome) {
	s := &x.c.stats
	switch how {
	case Hit:
		s.Hits++
	case Stale:
		s.Stale++
	case Collapsed:
		s.Collapsed++
	case Revalidated:
		s.Revalidated++
	case Rescued:
		s.Rescued++
	case Miss:
		s.Misses++
	case Bypass:
		s.Bypassed++
	case Upgraded:
		s.Upgrades++
	}
	if x.c.cfg.Watch != nil {
		id, _ := transport.RequestID(x.r.header) // of real clients none
		x.c.cfg.Watch(id, x.r.target, how)
	}
}

// note is answers without the mutex.
func (x *exchange) note(how Outcome) {
	x.c.mu.Lock()
	defer x.c.mu.Unlock()
	x.answers(how)
}

// count adds to one of the counters.
func count[T int | int64](c *Cache, n *T, by T) {
	c.mu.Lock()
	*n += by
	c.mu.Unlock()
}
