package network

// output sends what may be sent now: first what is presumed lost, then new
// data within both windows (RFC 9293 section 3.8.6). The programs have set
// TCP_NODELAY, as Go's do, so a short segment does not wait for more.
func (e *endpoint) output() {
	if e.state != established {
		return
	}
	e.restartIdle()
	before := e.sent.len()
	e.resendLost()
	limited := false
	for e.unsent() {
		if e.sent.inFlight() >= e.window.cwnd {
			limited = true
			break
		}
		if !e.sendNext() {
			break
		}
	}
	limited = limited || e.sent.inFlight() >= e.window.cwnd
	if e.sent.len() > before || limited {
		e.validateWindow(limited)
	}
	if n := e.sent.len() - before; n > 0 {
		e.recovery.out += n
		e.armAfterSend(before == 0)
	}
	e.armPersist()
}

// unsent reports whether there is data or a FIN that has never been sent.
func (e *endpoint) unsent() bool {
	return e.nxt < e.end || e.finQueued && e.nxt == e.end
}

// sendNext sends one segment of new data. It returns false if the other side's
// window has no room for it; a short segment only because of the window is not
// sent while others are under way (RFC 1122 section 4.2.3.4).
func (e *endpoint) sendNext() bool {
	n := min(e.end-e.nxt, int64(e.net.tcp.MSS))
	if room := e.right - e.nxt; room < n {
		if room <= 0 || e.sent.len() > 0 {
			return false
		}
		n = room
	}
	e.sendNew(n)
	return true
}

// sendNew sends the next n bytes for the first time, with the FIN if they are the last.
func (e *endpoint) sendNew(n int64) {
	end := e.nxt + n
	f := ack
	if end == e.end && n > 0 {
		f |= psh
	}
	if e.finQueued && end == e.end {
		f |= fin
		end++
	}
	e.sent.push(transmission{seq: e.nxt, end: end})
	s := e.segment(f, e.nxt, end)
	e.nxt = end
	e.host.stats.Sent += n
	e.dispatch(s, e.sent.at(e.sent.len()-1))
}

// resend sends a segment again.
func (e *endpoint) resend(t *transmission) {
	f := ack
	if t.end > e.end {
		f |= fin
	}
	if !t.resent {
		t.resent = true
		e.sent.resent++
	}
	t.repeated = true
	s := e.segment(f, t.seq, t.end)
	s.again = true
	e.dispatch(s, t)
}

// dispatch puts a segment that carries t on its way.
func (e *endpoint) dispatch(s *segment, t *transmission) {
	e.sends++
	t.nth, t.at = e.sends, e.clock.Now()
	e.lastSent = t.at
	e.in.dataSent()
	e.host.transmit(s)
}
