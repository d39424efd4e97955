package network

import (
	"net"
	"time"
)

// Segment is what tests see of a segment.
type Segment struct {
	At                        time.Duration
	From, To                  string
	Seq, End, Ack, Window     int64
	Payload                   int
	SYN, ACK, FIN, RST, Again bool
	SACK                      [][2]int64
}

// Tap shows f every segment that leaves the uplink of a host, before rules
// judge it. Call it after the hosts are made.
func (n *Network) Tap(f func(Segment)) {
	for _, h := range n.hosts {
		forward := h.Up.forward
		h.Up.forward = func(s *segment) {
			seg := Segment{
				At: n.now(), From: s.from.Name, To: s.to.Name,
				Seq: s.seq, End: s.end, Ack: s.ack, Window: s.window, Payload: s.payload(),
				SYN: s.flags&syn != 0, ACK: s.flags&ack != 0, FIN: s.flags&fin != 0, RST: s.flags&rst != 0, Again: s.again,
			}
			for _, b := range s.sack[:s.sacks] {
				seg.SACK = append(seg.SACK, [2]int64{b.start, b.end})
			}
			f(seg)
			forward(s)
		}
	}
}

// Endpoints returns how many connections the host's TCP still knows.
func (h *Host) Endpoints() int { return len(h.ends) }

// Cwnd returns a connection's congestion window and slow start threshold, in segments.
func (c *Conn) Cwnd() (cwnd, ssthresh int) {
	return c.end.window.cwnd, c.end.window.ssthresh
}

// Recovering reports whether the connection is repairing losses.
func (c *Conn) Recovering() bool { return c.end.recovery.state != open }

// RTO returns a connection's retransmission timeout, without backoff.
func (c *Conn) RTO() time.Duration { return c.end.rtt.rto }

// InFlight returns how many bytes are sent and not acknowledged.
func (c *Conn) InFlight() int { return int(c.end.nxt - c.end.una) }

// Held returns how many bytes written to the connection have not been
// acknowledged by the other side.
func (c *Conn) Held() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued + c.out.size
}

// Unlimited is the slow start threshold before the first loss.
const Unlimited = unlimited

// BoundWrites gives a dialled connection the send buffer of an accepted one,
// for tests that write until Write blocks.
func BoundWrites(conn net.Conn) {
	c := conn.(*Conn)
	c.mu.Lock()
	c.accepted, c.room = true, 64<<10
	c.mu.Unlock()
}

// Kept returns how many bytes a connection keeps for taps.
func Kept(conn net.Conn) int {
	n := 0
	for _, c := range conn.(*Conn).end.kept.chunks {
		n += len(c)
	}
	return n
}
