package network

import "time"

// recoveryState says why the window is what it is, in Linux's terms.
type recoveryState uint8

const (
	open       recoveryState = iota
	disorder                 // something was received out of order
	recovering               // fast recovery: losses are known and being repaired
	loss                     // after a retransmission timeout
)

// recovery detects losses by the time at which segments were sent, RACK (RFC
// 8985), probes for losses at the tail (TLP, the same), and shares the window
// out while it repairs them, PRR (RFC 6937), as Linux does. Undoing a wrong
// reduction (RFC 3522, 5682) is not modelled: the network keeps packets in order.
type recovery struct {
	state recoveryState
	until int64 // the state ends when this is acknowledged

	// The most recently sent segment that is known to be received.
	newest uint64 // its place in the order of sending
	rtt    time.Duration

	// Proportional rate reduction.
	priorCwnd int
	delivered int
	out       int

	// The tail loss probe under way: what it ends with, and whether it repeats data.
	probing bool
	probe   int64
	repeats bool
}

// reducing reports whether the window is on its way down to the threshold.
func (r *recovery) reducing() bool { return r.state == recovering }

// advance notes that t has been received (RFC 8985 section 6.2 step 2).
func (r *recovery) advance(e *endpoint, t *transmission) {
	rtt := e.clock.Now() - t.at
	if t.repeated && rtt < e.rtt.least {
		return // more likely the acknowledgement of the first transmission
	}
	r.rtt = rtt
	r.newest = max(r.newest, t.nth)
}

// detectLoss marks what must have been overtaken (RFC 8985 section 6.2 step 5).
func (e *endpoint) detectLoss(a *ackReport) {
	r := &e.recovery
	before := e.sent.lost
	if e.sent.sacked == 0 && r.state == open {
		return
	}
	now := e.clock.Now()
	reorder := min(e.rtt.least/4, e.rtt.srtt)
	if r.state >= recovering || e.sent.sacked >= 3 {
		reorder = 0
	}
	var wait time.Duration
	for i := range e.sent.len() {
		t := e.sent.at(i)
		if t.sacked || t.lost && !t.resent {
			continue
		}
		if t.nth >= r.newest {
			if !t.repeated {
				break // all behind it were sent later still
			}
			continue
		}
		if left := t.at + r.rtt + reorder - now; left <= 0 {
			e.sent.markLost(t)
		} else {
			wait = max(wait, left)
		}
	}
	a.lost = e.sent.lost - before
	if wait > 0 {
		e.setTimer(reordering, now+wait+time.Millisecond)
	}
}

// advanceRecovery moves between the states.
func (e *endpoint) advanceRecovery(a *ackReport) {
	r := &e.recovery
	if r.state >= recovering && e.una >= r.until {
		if r.state == recovering {
			e.window.cwnd = e.window.ssthresh
		}
		r.state = open
	}
	switch r.state {
	case open, disorder:
		switch {
		case e.sent.lost > 0:
			r.beginReduction(e)
			r.state, r.until = recovering, e.nxt
		case e.sent.sacked > 0:
			r.state = disorder
		default:
			r.state = open
		}
	}
}

// beginReduction prepares to bring the window down to the new threshold.
func (r *recovery) beginReduction(e *endpoint) {
	r.probing = false
	r.priorCwnd = e.window.cwnd
	r.delivered, r.out = 0, 0
	e.window.count = 0
	e.window.ssthresh = e.cc.threshold(e)
}

// reduce sets the window so that sending slows down in proportion to what
// arrives (RFC 6937 section 3.1, with the bound by slow start).
func (r *recovery) reduce(e *endpoint, a *ackReport) {
	if a.delivered <= 0 || r.priorCwnd == 0 {
		return
	}
	w := &e.window
	inFlight := e.sent.inFlight()
	r.delivered += a.delivered
	var n int
	if delta := w.ssthresh - inFlight; delta < 0 {
		n = (w.ssthresh*r.delivered+r.priorCwnd-1)/r.priorCwnd - r.out
	} else {
		n = max(r.delivered-r.out, a.delivered)
		if a.progress && a.lost == 0 {
			n++
		}
		n = min(delta, n)
	}
	if r.out == 0 {
		n = max(n, 1) // the fast retransmit itself
	}
	w.cwnd = inFlight + max(n, 0)
}

// resendLost sends again what is presumed lost, oldest first, within the window.
func (e *endpoint) resendLost() {
	if e.sent.lost == 0 || e.recovery.state < recovering {
		return
	}
	first := true
	for i := range e.sent.len() {
		if e.sent.lost == e.sent.resent || e.sent.inFlight() >= e.window.cwnd {
			return
		}
		t := e.sent.at(i)
		if t.lost && !t.resent {
			if i == 0 || first {
				e.rearmForHead(i == 0)
			}
			first = false
			e.resend(t)
			e.recovery.out++
		}
	}
}

// probeAcked ends a tail loss probe (RFC 8985 section 7.4): if the probe
// repaired a loss, the window is reduced for it.
func (r *recovery) probeAcked(e *endpoint, s *segment, a *ackReport) {
	if !r.probing || s.ack < r.probe {
		return
	}
	switch {
	case !r.repeats || a.duplicate:
		r.probing = false // it was new data, or both transmissions arrived
	case s.ack > r.probe: // the probe arrived and what it repeats had not
		r.beginReduction(e)
		e.window.cwnd = e.window.ssthresh
	case !a.progress && a.sacked == 0:
		r.probing = false // both arrived, and the report of it was lost
	}
}
