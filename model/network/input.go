package network

import "time"

// acknowledged processes what a segment says about the data that this end has
// sent (RFC 9293 section 3.10.7.4, RFC 2018).
func (e *endpoint) acknowledged(s *segment) {
	if s.flags&ack == 0 || s.ack > e.nxt {
		return
	}
	if right := s.ack + s.window; right > e.right {
		e.right = right
	}
	if e.sent.len() == 0 { // at most a window update
		e.unanswered = 0
		if e.timing == persist && e.right > e.nxt {
			e.backoff = 0
			e.rearm()
		}
		e.output()
		return
	}
	now := e.clock.Now()
	var a ackReport
	a.init(e)
	e.processSacks(s, &a)
	e.removeAcked(s.ack, &a)
	e.sampleRTT(now, &a)
	if a.progress {
		e.backoff = 0
		if e.timing == persist {
			e.timing = idle
		}
	}
	e.recovery.probeAcked(e, s, &a)
	e.detectLoss(&a)
	e.advanceRecovery(&a)
	e.adjustWindow(&a)
	if a.progress || a.sacked > 0 {
		e.armAfterAck()
	}
	if a.freed > 0 {
		e.conn.freed(int(a.freed), e.room())
	}
	e.output()
}

// ackReport gathers what one acknowledgement has brought.
type ackReport struct {
	inFlight  int  // segments on their way before it
	acked     int  // segments newly acknowledged cumulatively
	sacked    int  // segments newly acknowledged out of order
	delivered int  // segments newly known to be received
	lost      int  // segments newly presumed lost
	progress  bool // una has advanced
	freed     int64
	repeated  bool          // a segment acknowledged cumulatively had been sent more than once
	duplicate bool          // the other side reports having received something twice (RFC 2883)
	first     time.Duration // when the oldest unambiguous segment newly acknowledged was sent
	last      time.Duration // and the newest
	firstSack time.Duration
	lastSack  time.Duration
	hasFirst  bool
	hasSack   bool
}

func (a *ackReport) init(e *endpoint) { a.inFlight = e.sent.inFlight() }

// processSacks marks the segments that the SACK blocks cover.
func (e *endpoint) processSacks(s *segment, a *ackReport) {
	for i := range int(s.sacks) {
		b := s.sack[i]
		if i == 0 && b.end <= s.ack {
			a.duplicate = true
			continue
		}
		for j := e.sent.search(b.start); j < e.sent.len(); j++ {
			t := e.sent.at(j)
			if t.end > b.end {
				break
			}
			if t.sacked {
				continue
			}
			if !t.repeated {
				if !a.hasSack {
					a.firstSack, a.hasSack = t.at, true
				}
				a.lastSack = t.at
			}
			e.recovery.advance(e, t)
			e.sent.markSacked(t)
			a.sacked++
			a.delivered++
		}
	}
}

// removeAcked removes what is acknowledged cumulatively.
func (e *endpoint) removeAcked(upTo int64, a *ackReport) {
	if upTo <= e.una {
		return
	}
	a.progress = true
	a.freed = min(upTo, e.end) - min(e.una, e.end)
	e.una = upTo
	e.kept.release(upTo)
	for e.sent.len() > 0 {
		t := e.sent.at(0)
		if t.end > upTo {
			if t.seq < upTo { // part of it
				t.seq = upTo
			}
			break
		}
		if t.repeated {
			a.repeated = true
		} else if !t.sacked {
			if !a.hasFirst {
				a.first, a.hasFirst = t.at, true
			}
			a.last = t.at
		}
		if !t.sacked {
			e.recovery.advance(e, t)
			a.delivered++
		}
		a.acked++
		e.sent.pop()
	}
}

// sampleRTT measures the round trip with what was sent once only (Karn's
// algorithm, RFC 6298 section 3).
func (e *endpoint) sampleRTT(now time.Duration, a *ackReport) {
	var rtt, newest time.Duration
	switch {
	case a.hasFirst && !a.repeated:
		rtt, newest = now-a.first, now-a.last
	case a.hasSack:
		rtt, newest = now-a.firstSack, now-a.lastSack
	default:
		return
	}
	e.rtt.sample(rtt, e.una > e.rtt.round)
	if e.una > e.rtt.round {
		e.rtt.round = e.nxt
	}
	e.rtt.lowest(newest)
	e.cc.acked(e, newest)
}
