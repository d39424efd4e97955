package vtime

import "time"

// Timer fires a function on the conductor when its time has come. Moving it
// costs next to nothing as long as it moves to a later time, as a
// retransmission timer does with every acknowledgement. Only the conductor may
// use a Timer. The zero Timer is not usable; see NewTimer.
type Timer struct {
	clock    *Clock
	fire     func()
	wakes    bool
	armed    bool
	deadline time.Duration
	entry    uint64 // sequence number of the queue's entry that counts, 0 for none
	entryAt  time.Duration
}

// NewTimer returns a timer that is not yet running. If wakes is set, fire may
// let goroutines run.
func (c *Clock) NewTimer(wakes bool, fire func()) *Timer {
	return &Timer{clock: c, fire: fire, wakes: wakes}
}

// Set lets the timer fire at the time at, and not at any time set before.
func (t *Timer) Set(at time.Duration) {
	at = max(at, t.clock.Now())
	t.armed, t.deadline = true, at
	if t.entry == 0 || at < t.entryAt {
		t.enqueue(at)
	}
}

// Stop keeps the timer from firing until it is set again.
func (t *Timer) Stop() { t.armed = false }

// Armed reports whether the timer is set and has not fired.
func (t *Timer) Armed() bool { return t.armed }

// Deadline returns the time at which an armed timer fires.
func (t *Timer) Deadline() time.Duration { return t.deadline }

func (t *Timer) enqueue(at time.Duration) {
	t.entry, t.entryAt = t.clock.schedule(at, t, t.wakes), at
}

// stale reports whether the queue's entry no longer counts, and forgets it.
func (t *Timer) stale(entry uint64) bool {
	if entry == t.entry {
		if t.armed {
			return false
		}
		t.entry = 0
	}
	return true
}

// Fire is called by the queue, at the deadline or earlier.
func (t *Timer) Fire() {
	t.entry = 0
	if t.deadline > t.clock.Now() {
		t.enqueue(t.deadline)
		return
	}
	t.armed = false
	t.fire()
}
