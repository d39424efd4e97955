package network

import (
	"syscall"
	"time"
)

// timing says what the endpoint's one timer is for.
type timing uint8

const (
	idle       timing = iota
	handshake         // the SYN or SYN-ACK is sent again
	retransmit        // RFC 6298
	lossProbe         // RFC 8985 section 7
	reordering        // RFC 8985 section 6.2: what was overtaken is lost by then
	persist           // RFC 9293 section 3.8.6.1: the window is closed
)

const (
	maxBackoff  = 15 // timeouts in a row before the connection is given up (tcp_retries2)
	errTimedOut = syscall.ETIMEDOUT
)

func (e *endpoint) setTimer(t timing, at time.Duration) {
	e.timing = t
	e.timer.Set(at)
}

// timeout is called by the timer.
func (e *endpoint) timeout() {
	what := e.timing
	e.timing = idle
	switch what {
	case handshake:
		e.handshakeTimeout()
	case retransmit:
		e.retransmitTimeout()
	case lossProbe:
		e.sendProbe()
	case reordering:
		e.reorderingTimeout()
	case persist:
		e.persistTimeout()
	}
}

// armAfterSend sets the timer after new data was sent.
func (e *endpoint) armAfterSend(wasIdle bool) {
	if wasIdle || e.timing == lossProbe || e.timing == idle || e.timing == persist {
		e.setTimer(retransmit, e.clock.Now()+e.rto())
	}
	e.scheduleProbe(false)
}

// armAfterAck sets the timer after an acknowledgement brought something.
func (e *endpoint) armAfterAck() {
	if e.timing == reordering && e.sent.len() > 0 {
		return
	}
	if e.scheduleProbe(true) {
		return
	}
	e.rearm()
}

// rearm restarts the retransmission timer (RFC 6298 section 5.3).
func (e *endpoint) rearm() {
	if e.sent.len() == 0 {
		e.timer.Stop()
		e.timing = idle
		return
	}
	e.setTimer(retransmit, e.clock.Now()+e.rto())
}

// rearmForHead restarts the timer when the oldest segment is sent again.
func (e *endpoint) rearmForHead(head bool) {
	if head && e.timing != reordering {
		e.setTimer(retransmit, e.clock.Now()+e.rto())
	}
}

// rto is the timeout with its backoff (RFC 6298 section 5.5).
func (e *endpoint) rto() time.Duration {
	return min(e.rtt.rto<<min(e.backoff, 12), maxRTO)
}

// scheduleProbe sets the timer for a tail loss probe where one is allowed, and
// reports whether it did.
func (e *endpoint) scheduleProbe(fromAck bool) bool {
	r := &e.recovery
	if r.state != open || e.sent.len() == 0 || r.probing || e.backoff > 0 {
		return false
	}
	d := 2*e.rtt.srtt + 2*time.Millisecond
	switch {
	case e.rtt.srtt == 0:
		d = initialRTO
	case e.sent.len() == 1:
		d = 2*e.rtt.srtt + minRTO
	}
	now := e.clock.Now()
	if left := e.sent.at(0).at + e.rto() - now; !fromAck && left > 0 {
		d = min(d, left)
	} else if fromAck {
		d = min(d, e.rto())
	}
	e.setTimer(lossProbe, now+d)
	return true
}

// sendProbe sends new data, or the last segment again, so that the other side
// says what it has (RFC 8985 section 7.3).
func (e *endpoint) sendProbe() {
	r := &e.recovery
	if e.sent.len() == 0 {
		return
	}
	if r.state == open || r.state == disorder {
		if e.unsent() && e.sendNext() {
			r.repeats = false
		} else {
			t := e.sent.at(e.sent.len() - 1)
			s := e.segment(ack, t.seq, t.end)
			if t.end > e.end {
				s.flags |= fin
			}
			s.again = true
			t.repeated = true
			e.dispatch(s, t)
			r.repeats = true
		}
		r.probing, r.probe = true, e.nxt
	}
	e.rearm()
}

// retransmitTimeout presumes all lost and begins again with one segment
// (RFC 6298 section 5.4, RFC 5681 section 3.1).
func (e *endpoint) retransmitTimeout() {
	if e.sent.len() == 0 {
		return
	}
	if e.backoff >= maxBackoff {
		e.die(errTimedOut)
		return
	}
	r, w := &e.recovery, &e.window
	if r.state < recovering || e.una >= r.until || r.state == loss && e.backoff == 0 {
		w.ssthresh = e.cc.threshold(e)
	}
	e.cc.timedOut(e)
	now := e.clock.Now()
	for i := range e.sent.len() {
		t := e.sent.at(i)
		if t.sacked || i > 0 && t.at+r.rtt > now {
			continue // received, or sent too recently to tell
		}
		e.sent.markLost(t)
	}
	w.cwnd = e.sent.inFlight() + 1
	w.count = 0
	r.state, r.until = loss, e.nxt
	r.probing = false
	e.backoff++
	e.resendLost()
	e.setTimer(retransmit, now+e.rto())
}

// reorderingTimeout looks again for what was overtaken.
func (e *endpoint) reorderingTimeout() {
	var a ackReport
	a.init(e)
	e.detectLoss(&a)
	e.advanceRecovery(&a)
	if e.recovery.reducing() && a.lost > 0 {
		e.window.cwnd = max(e.window.cwnd, e.sent.inFlight()+1)
	}
	e.output()
	if e.timing == idle {
		e.rearm()
	}
}

// armPersist sets the timer that keeps asking while the window is closed and
// nothing is under way.
func (e *endpoint) armPersist() {
	if e.sent.len() == 0 && e.unsent() && e.timing == idle {
		e.setTimer(persist, e.clock.Now()+e.rto())
	}
}

// persistTimeout sends an acknowledgement of what was acknowledged before, so
// that the other side repeats its window. A window may stay closed for ever, but
// not without an answer (RFC 1122 section 4.2.2.17).
func (e *endpoint) persistTimeout() {
	if e.sent.len() > 0 || !e.unsent() {
		return
	}
	if e.unanswered++; e.unanswered > maxBackoff {
		e.die(errTimedOut)
		return
	}
	e.backoff = min(e.backoff+1, maxBackoff)
	e.host.transmit(e.segment(ack, e.una-1, e.una-1))
	e.setTimer(persist, e.clock.Now()+e.rto())
}
