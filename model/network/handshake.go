package network

import (
	"net"
	"time"
)

// Connection set-up, RFC 9293 section 3.5. A SYN is sent again after one
// second (RFC 6298 section 2.1), four times at that distance and six times at
// distances that double, as Linux has done since 6.5: the last one after 67
// seconds, and after 131 seconds the dial fails. A SYN-ACK is sent again at
// distances that double from the first.
const (
	synTimeout    = time.Second
	linearSYNs    = 4
	synRetries    = linearSYNs + 6
	synAckRetries = 5
	// fallbackRTO is the retransmission timeout of a connection whose
	// handshake gave no round trip to go by (RFC 6298 section 5.7).
	fallbackRTO = 3 * time.Second
)

// sendSYN begins or repeats the handshake of a dialled connection.
func (e *endpoint) sendSYN() {
	e.state = synSent
	e.nxt, e.end = 1, 1
	s := e.segment(syn, 0, 1)
	s.window = int64(e.net.tcp.ReceiveWindow)
	e.sendHandshake(s)
}

// receiveSYN answers a SYN to a listener.
func (e *endpoint) receiveSYN(s *segment) {
	e.state = synReceived
	e.nxt, e.end = 1, 1
	e.in.next = 1
	e.right = s.window
	e.sendHandshake(e.segment(syn|ack, 0, 1))
}

func (e *endpoint) sendHandshake(s *segment) {
	s.again = e.syns > 0
	wait := synTimeout << e.syns
	if e.state == synSent {
		wait = synTimeout << max(0, e.syns-linearSYNs)
	}
	e.syns++
	e.lastSent = e.clock.Now()
	e.host.transmit(s)
	e.setTimer(handshake, e.clock.Now()+wait)
}

// handshakeTimeout sends the SYN or SYN-ACK again, or gives up.
func (e *endpoint) handshakeTimeout() {
	switch {
	case e.state == synSent && e.syns <= synRetries:
		e.sendSYN()
	case e.state == synReceived && e.syns <= synAckRetries:
		e.sendHandshake(e.segment(syn|ack, 0, 1))
	default:
		e.die(errTimedOut)
	}
}

// receiveHandshake takes a segment before the connection is established.
func (e *endpoint) receiveHandshake(s *segment) {
	if s.flags&ack == 0 {
		if s.flags&syn != 0 && e.state == synReceived { // the SYN came again
			s := e.segment(syn|ack, 0, 1)
			s.again = true
			e.host.transmit(s)
		}
		return
	}
	if s.ack != 1 || e.state == synSent && s.flags&syn == 0 {
		return
	}
	dialled := e.state == synSent
	if !dialled && e.listener.isClosed() {
		e.abort(net.ErrClosed)
		return
	}
	e.state = established
	e.una = 1
	e.right = s.ack + s.window
	e.timer.Stop()
	e.timing = idle
	if e.syns == 1 {
		e.rtt.sample(e.clock.Now()-e.lastSent, true)
		e.cc.acked(e, e.clock.Now()-e.lastSent)
	} else {
		e.rtt.rto = fallbackRTO
	}
	if e.syns > 2 { // RFC 5681 section 3.1, as Linux applies it
		e.window.cwnd = 1
	}
	e.host.stats.Opened++
	e.host.opened(1, e.listener != nil)
	e.traceOpened()
	c := e.conn
	room := e.room()
	if dialled {
		e.in.next = 1
		e.in.acknowledge()
		c.update(func() { c.established = true })
		e.output()
		return
	}
	c.mu.Lock()
	c.established, c.room = true, room
	c.mu.Unlock()
	e.listener.established(c)
	e.acknowledged(s)
	e.in.receive(s)
}

// room is how many bytes the endpoint of an accepted connection may hold.
func (e *endpoint) room() int {
	switch n := e.net.tcp.SendBuffer; {
	case n > 0:
		return n
	case n < 0:
		return 0
	}
	return max(64<<10, 2*e.window.cwnd*e.net.tcp.MSS)
}
