package measure

import "time"

// service follows which clients have service, to tell how long it takes until
// almost all have it again.
type service struct {
	known    map[uint32]bool
	without  int
	peak     int
	lastLong time.Duration // when more than 1 in 100 were last without
	attempts map[int64]int // to reconnect, by second

	disturbed map[uint32]bool // who has noticed that something went wrong
}

// Served notes whether a client has service from now on.
func (r *Recorder) Served(now time.Duration, client uint32, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.service
	if s.known == nil {
		s.known = map[uint32]bool{}
	}
	before, seen := s.known[client]
	if s.without*100 > len(s.known) {
		s.lastLong = now
	}
	s.known[client] = ok
	if seen && before && !ok {
		s.without++
	} else if seen && !before && ok {
		s.without--
	}
	s.peak = max(s.peak, s.without)
	r.timeline.Set("clients.unserved", now, float64(s.without))
}

// Disconnected counts a connection that a client has lost.
func (r *Recorder) Disconnected(client uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Disconnects++
	r.service.disturb(client)
}

func (s *service) disturb(client uint32) {
	if s.disturbed == nil {
		s.disturbed = map[uint32]bool{}
	}
	s.disturbed[client] = true
}

// Disturbed returns how many clients have lost a connection or had a request
// fail.
func (r *Recorder) Disturbed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.service.disturbed)
}

// Reconnecting counts an attempt to come back.
func (r *Recorder) Reconnecting(now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Reconnects++
	if r.service.attempts == nil {
		r.service.attempts = map[int64]int{}
	}
	second := int64(now / time.Second)
	r.service.attempts[second]++
	r.ReconnectPeak = max(r.ReconnectPeak, r.service.attempts[second])
	r.timeline.Add("reconnects", now, 1)
}

// UnservedPeak returns the most clients that were without service at a time.
func (r *Recorder) UnservedPeak() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.service.peak
}

// Recovery returns how long after a time more than 1 in 100 clients were last
// without service; 0 if they never were. Where they still are, that is until the
// end.
func (r *Recorder) Recovery(after, end time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.service.lastLong
	if r.service.without*100 > len(r.service.known) {
		last = end
	}
	return max(last-after, 0)
}
