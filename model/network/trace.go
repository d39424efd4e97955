package network

import (
	"time"

	"protosim/model/trace"
)

// traceOpened tells the trace of a connection, once: at the end that dialled.
func (e *endpoint) traceOpened() {
	if e.net.Trace != nil && !e.conn.accepted {
		e.net.Trace(e.event(trace.Opened))
	}
}

// traceClosed tells the trace that the connection has ended, and why.
func (e *endpoint) traceClosed(err error) {
	if e.net.Trace == nil || e.conn.accepted {
		return
	}
	event := e.event(trace.Closed)
	switch err {
	case nil:
	case errTimedOut:
		event.Text = "timeout"
	default:
		event.Text = "reset"
	}
	e.net.Trace(event)
}

func (e *endpoint) event(k trace.Kind) trace.Event {
	return trace.Event{Kind: k, Host: uint32(e.host.id), Peer: uint32(e.peer.id), Conn: e.conn.number}
}

// traceFlight tells the trace of a packet with data that travels to the link's
// end until at.
func (l *Link) traceFlight(s *segment, at time.Duration) {
	leg := trace.WholeWay
	up, down := s.from.Up.takesTime(), s.to.Down.takesTime()
	switch {
	case l == s.from.Up && down && !up, l == s.to.Down && !down:
		return // the other link tells the whole way
	case l == s.from.Up && down:
		leg = trace.ToCore
	case l == s.to.Down && up:
		leg = trace.FromCore
	}
	e := s.event(trace.Flight)
	e.Until, e.Code = at, int(leg)
	l.host.net.Trace(e)
}

// takesTime reports whether packets need time on the link.
func (l *Link) takesTime() bool {
	c := l.config
	return c.Delay > 0 || c.Jitter > 0 || c.Bandwidth > 0
}

// lose ends the way of a segment before its end.
func (s *segment) lose(why string) {
	if s.net.Trace != nil {
		e := s.event(trace.Dropped)
		e.Text = why
		s.net.Trace(e)
	}
	s.drop()
}

func (s *segment) event(k trace.Kind) trace.Event {
	e := trace.Event{Kind: k, Host: uint32(s.from.id), Peer: uint32(s.to.id), Bytes: s.payload()}
	if s.source != nil {
		e.Conn = s.source.conn.number
	}
	return e
}
