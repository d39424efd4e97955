package network

import "time"

// unlimited is the slow start threshold before the first loss.
const unlimited = 1 << 30

// congestion is the congestion window, in segments, and what its use so far
// says about whether it may grow (RFC 7661: a window that is not used does not
// grow).
type congestion struct {
	cwnd, ssthresh int
	count          int // segments acknowledged towards the next increase

	limited   bool // in the present round the window was what held data back
	mostOut   int  // most segments outstanding in the present round
	usageEnds int64
	used      int // most segments outstanding since usedSince, while not limited
	usedSince time.Duration
}

func (w *congestion) init(initial int) {
	w.cwnd, w.ssthresh = initial, unlimited
}

func (w *congestion) slowStart() bool { return w.cwnd < w.ssthresh }

// grow adds acked segments to the window in slow start (RFC 5681 section 3.1,
// counting segments as RFC 3465 does) and returns those that lie beyond the threshold.
func (w *congestion) grow(acked int) int {
	to := min(w.cwnd+acked, w.ssthresh)
	acked -= to - w.cwnd
	w.cwnd = to
	return acked
}

// creep adds one segment for every `every` segments acknowledged.
func (w *congestion) creep(every, acked int) {
	if w.count >= every {
		w.count = 0
		w.cwnd++
	}
	w.count += acked
	if w.count >= every {
		w.cwnd += w.count / every
		w.count %= every
	}
}

// isLimited reports whether the window may grow: in slow start when at least
// half of it was used, otherwise when all of it was.
func (w *congestion) isLimited() bool {
	return w.limited || w.slowStart() && w.cwnd < 2*w.mostOut
}

// control is a congestion control algorithm.
type control interface {
	// acked takes a round-trip sample.
	acked(e *endpoint, rtt time.Duration)
	// avoid grows the window for newly acknowledged segments.
	avoid(e *endpoint, acked int)
	// threshold returns the new slow start threshold after a loss.
	threshold(e *endpoint) int
	// timedOut forgets what was learnt.
	timedOut(e *endpoint)
	// resumed takes the length of a pause in sending.
	resumed(e *endpoint, idle time.Duration)
}

// validateWindow notes how much of the window is in use after sending, and
// lets an unused one shrink (RFC 2861, as Linux does).
func (e *endpoint) validateWindow(limited bool) {
	w := &e.window
	out := e.sent.len()
	if e.una >= w.usageEnds || limited || !w.limited && out > w.mostOut {
		w.limited, w.mostOut, w.usageEnds = limited, out, e.nxt
	}
	now := e.clock.Now()
	if w.isLimited() {
		w.used, w.usedSince = 0, now
		return
	}
	w.used = max(w.used, out)
	if e.net.tcp.KeepIdleWindow || now-w.usedSince < e.rtt.rto || e.recovery.state != open {
		return
	}
	if used := max(w.used, e.net.tcp.InitialWindow); used < w.cwnd {
		w.ssthresh = w.kept()
		w.cwnd = (w.cwnd + used) / 2
	}
	w.used, w.usedSince = 0, now
}

// kept is the threshold that remembers most of the present window.
func (w *congestion) kept() int { return max(w.ssthresh, w.cwnd*3/4) }

// restartIdle halves the window for every timeout's worth of idle time before
// sending goes on, down to the initial window (RFC 5681 section 4.1).
func (e *endpoint) restartIdle() {
	if e.sent.len() > 0 || !e.unsent() {
		return
	}
	idle := e.clock.Now() - e.lastSent
	if idle > 0 {
		e.cc.resumed(e, idle)
	}
	if e.net.tcp.KeepIdleWindow || idle <= e.rtt.rto {
		return
	}
	w := &e.window
	w.ssthresh = w.kept()
	least := min(e.net.tcp.InitialWindow, w.cwnd)
	for idle -= e.rtt.rto; idle > 0 && w.cwnd > least; idle -= e.rtt.rto {
		w.cwnd /= 2
	}
	w.cwnd = max(w.cwnd, least)
	w.used, w.usedSince = 0, e.clock.Now()
}

// adjustWindow lets the window follow an acknowledgement.
func (e *endpoint) adjustWindow(a *ackReport) {
	if e.recovery.reducing() {
		e.recovery.reduce(e, a)
		return
	}
	if a.progress && a.delivered > 0 && e.window.isLimited() {
		e.cc.avoid(e, a.delivered)
	}
}
