package network

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"protosim/model/vtime"
)

// state is that of RFC 9293 section 3.3.2, as far as the flags for each
// direction's FIN do not say it.
type state uint8

const (
	closed state = iota
	synSent
	synReceived
	established
)

// endpoint is the TCP of one end of a connection. It lives on the conductor.
type endpoint struct {
	conn     *Conn
	host     *Host
	peer     *Host
	net      *Network
	clock    *vtime.Clock
	listener *Listener // until accepted
	state    state
	began    time.Duration // the handshake
	syns     int           // SYN or SYN-ACK segments sent

	// Sending. Sequence numbers: una <= nxt <= end (+1 for a FIN).
	stream     stream
	kept       kept  // for taps
	una        int64 // oldest not acknowledged
	nxt        int64 // next to send for the first time
	end        int64 // behind the last byte written
	finQueued  bool  // a FIN follows the last byte
	right      int64 // the other side's window ends here
	sent       flight
	sends      uint64 // segments with data or a FIN sent so far
	window     congestion
	recovery   recovery
	rtt        estimator
	timer      *vtime.Timer
	timing     timing // what the timer is for
	backoff    int    // timeouts in a row
	unanswered int    // window probes in a row without an answer
	lastSent   time.Duration
	cc         control

	// Receiving.
	in receiver
}

func newEndpoint(c *Conn) *endpoint {
	e := &endpoint{conn: c, host: c.local, peer: c.remote, net: c.local.net, clock: c.local.net.Clock}
	e.end, e.una, e.nxt = 0, 0, 0
	e.rtt.init()
	e.window.init(e.net.tcp.InitialWindow)
	if e.net.tcp.Reno {
		e.cc = &reno{}
	} else {
		e.cc = newCubic(!e.net.tcp.NoHyStart)
	}
	e.timer = e.clock.NewTimer(false, e.timeout)
	e.in.init(e)
	return e
}

func (e *endpoint) flow() flow { return flow{e.peer.id, e.conn.localPort, e.conn.remotePort} }

// register makes the host hand the connection's segments to the endpoint.
func (e *endpoint) register() {
	e.host.ends[e.flow()] = e
	e.began = e.clock.Now()
}

// write appends data to the stream.
func (e *endpoint) write(out outbox) {
	if e.state == closed || e.finQueued {
		return
	}
	e.stream.append(out.pieces)
	if e.tapped() {
		e.kept.append(out.pieces)
	}
	e.end += int64(out.size)
	e.output()
}

// shut sends a FIN behind the last byte written.
func (e *endpoint) shut() {
	if e.state == closed || e.finQueued {
		return
	}
	e.finQueued = true
	e.output()
}

// close ends the program's interest in the connection: what arrives from now
// on is answered by a reset.
func (e *endpoint) close() {
	e.in.gone = true
	e.shut()
	e.finish()
}

// abort resets the connection: nothing more is sent or received.
func (e *endpoint) abort(err error) {
	if e.state != closed && e.state != synSent {
		s := e.segment(rst|ack, e.nxt, e.nxt)
		e.host.transmit(s)
	}
	e.die(err)
}

// die ends the connection at once. Its program gets err from what it calls.
func (e *endpoint) die(err error) {
	was := e.state
	e.release(err)
	c := e.conn
	c.update(func() {
		if c.inErr == nil {
			c.inErr = err
		}
		if c.outErr == nil {
			c.outErr = err
			if err == io.EOF {
				c.outErr = syscall.EPIPE
			}
		}
		if err == net.ErrClosed {
			c.closed = true
		}
	})
	c.mu.Lock()
	drained := c.drained
	c.mu.Unlock()
	if drained != nil {
		drained()
	}
	if was == synReceived && e.listener != nil {
		e.listener.pending--
	}
	if was == established && err == syscall.ECONNRESET {
		e.host.stats.Resets++
	}
}

// release frees what the connection holds, but for the stream: segments that
// are still under way find their payload there. err is why it has not ended of
// itself.
func (e *endpoint) release(err error) {
	if e.state == established {
		e.host.opened(-1, e.listener != nil)
		e.traceClosed(err)
	}
	e.state = closed
	e.timer.Stop()
	e.in.delayed.Stop()
	if e.host.ends[e.flow()] == e {
		delete(e.host.ends, e.flow())
	}
	e.sent = flight{}
}

// finish releases the connection once both directions have ended and this
// side's program has closed it. There is no TIME-WAIT: ports are not reused
// early, and a late segment is answered by a reset that its sender ignores.
func (e *endpoint) finish() {
	if e.state == established && e.in.gone && e.in.fin && e.finAcked() {
		e.release(nil)
	}
}

// finSent reports whether a FIN has been sent.
func (e *endpoint) finSent() bool { return e.finQueued && e.nxt > e.end }

func (e *endpoint) finAcked() bool { return e.finQueued && e.una > e.end }

// segment makes a segment of the connection that acknowledges all received.
func (e *endpoint) segment(f flags, seq, end int64) *segment {
	s := e.net.newSegment()
	s.from, s.fromPort = e.host, e.conn.localPort
	s.to, s.toPort = e.peer, e.conn.remotePort
	s.flags, s.seq, s.end = f, seq, end
	s.source = e
	if f&ack != 0 {
		e.in.stamp(s)
	}
	return s
}

// receive takes a segment that is addressed to the connection.
func (e *endpoint) receive(s *segment) {
	switch {
	case s.flags&rst != 0:
		e.receiveReset(s)
	case e.state == synSent || e.state == synReceived:
		e.receiveHandshake(s)
	case e.state == established:
		if s.flags&syn != 0 { // the other side has not seen the end of the handshake
			e.in.acknowledge()
			return
		}
		e.acknowledged(s)
		if e.state == established {
			e.in.receive(s)
			e.finish()
		}
	}
}

func (e *endpoint) receiveReset(s *segment) {
	switch {
	case e.state == synSent:
		if s.ack == e.nxt {
			e.host.stats.Refused++
			e.die(os.NewSyscallError("connect", syscall.ECONNREFUSED))
		}
	case e.in.gone && e.finSent():
		e.release(nil) // both programs have closed; nothing is lost
	default:
		e.die(syscall.ECONNRESET)
	}
}
