package network

import (
	"io"
	"net"
	"slices"
	"time"

	"protosim/model/vtime"
)

const (
	delayedAck = 40 * time.Millisecond // Linux's least; RFC 1122 allows up to 500 ms
	quickAcks  = 16                    // acknowledged at once when a connection begins
)

// receiver is the receiving half of an endpoint: it puts segments in order,
// acknowledges them and says how much more may come.
type receiver struct {
	e      *endpoint
	next   int64  // the next byte in order
	spans  []span // received out of order, ascending
	recent span   // the block that changed last, reported first (RFC 2018 section 4)
	double span   // received twice, to be reported once (RFC 2883)
	fin    bool   // the other side's stream has ended
	gone   bool   // the program has closed the connection
	finSeq int64  // where the other side's FIN is, 0 if not seen

	tuning  autotune
	right   int64 // the right edge of the window that was last announced
	unread  int   // handed to the program and not yet read
	unacked int   // bytes in order since the last acknowledgement
	pushed  int   // short or pushed segments since then
	quick   int   // acknowledgements still to be sent at once
	talking bool  // the program answers what it receives, so acknowledgements wait for the answer
	started bool
	lastIn  time.Duration
	earlier int // bytes that were unread before this instant
	delayed *vtime.Timer
}

func (r *receiver) init(e *endpoint) {
	r.e = e
	r.tuning.init(e.net.tcp)
	r.delayed = e.clock.NewTimer(false, r.acknowledge)
}

// stamp writes into an outgoing segment what has been received and what may come.
func (r *receiver) stamp(s *segment) {
	s.ack = r.next
	free := int64(max(r.tuning.window-r.unread, 0))
	r.right = max(r.right, r.next+free)
	s.window = r.right - r.next
	if r.double.end > 0 {
		s.sack[0], s.sacks = r.double, 1
		r.double = span{}
	}
	if len(r.spans) > 0 {
		s.sack[s.sacks] = r.recent
		s.sacks++
		for i := len(r.spans) - 1; i >= 0 && s.sacks < maxSackBlocks; i-- {
			if r.spans[i] != r.recent {
				s.sack[s.sacks] = r.spans[i]
				s.sacks++
			}
		}
	}
	r.unacked, r.pushed = 0, 0
	r.quick = max(r.quick-1, 0)
	r.delayed.Stop()
}

// acknowledge sends an acknowledgement of its own.
func (r *receiver) acknowledge() {
	e := r.e
	if e.state != established {
		return
	}
	e.host.transmit(e.segment(ack, e.nxt, e.nxt))
}

// dataSent notes that the program sends: if it speaks first, or soon after
// receiving, acknowledgements will ride on what it sends.
func (r *receiver) dataSent() {
	if !r.started || r.e.clock.Now()-r.lastIn < delayedAck {
		r.talking = true
	}
}

// receive takes the data and the FIN of a segment.
func (r *receiver) receive(s *segment) {
	e := r.e
	if s.seq == s.end {
		if s.seq < r.next { // a window probe
			r.acknowledge()
		}
		return
	}
	n := s.payload()
	if r.gone && s.seq+int64(n) > r.next { // new, and nobody will read it
		if !s.again {
			e.host.stats.Received += s.seq + int64(n) - max(s.seq, r.next)
		}
		e.abort(net.ErrClosed)
		return
	}
	now := e.clock.Now()
	if !r.started || now-r.lastIn > e.rtt.rto { // the sender starts slowly
		r.started = true
		r.quick = quickAcks
	}
	if now != r.lastIn {
		r.earlier = r.unread
	}
	r.lastIn = now
	switch {
	case s.end <= r.next:
		r.double = span{s.seq, s.end}
		r.quick, r.talking = quickAcks, false
		r.acknowledge()
		return
	case s.seq > r.right || s.seq > r.next && s.end > r.right+int64(e.net.tcp.MSS):
		r.acknowledge() // outside the window
		return
	}
	if s.flags&fin != 0 {
		r.finSeq = s.end - 1
	}
	if s.seq > r.next {
		r.insert(span{s.seq, s.end})
		r.tuning.beyond = r.spans[len(r.spans)-1].end - r.next
		r.tuning.disordered(n, e.net.tcp.MSS)
		r.acknowledge()
		return
	}
	r.advance(s.source, s.end, s)
	filled := len(r.spans) > 0
	for len(r.spans) > 0 && r.spans[0].start <= r.next {
		if r.spans[0].end > r.next {
			r.advance(s.source, r.spans[0].end, nil)
		}
		r.spans = r.spans[1:]
	}
	if len(r.spans) > 0 && r.recent.end <= r.next {
		r.recent = r.spans[len(r.spans)-1]
	}
	if r.finSeq > 0 && r.next > r.finSeq && !r.fin {
		r.ended()
		r.acknowledge()
		return
	}
	r.unacked += n
	if n < e.net.tcp.MSS || s.flags&psh != 0 {
		r.pushed++
		if n < e.net.tcp.MSS && r.pushed > 1 {
			r.pushed++
		}
	}
	r.tuning.beyond = 0
	if k := len(r.spans); k > 0 {
		r.tuning.beyond = r.spans[k-1].end - r.next
	}
	// What arrives in one instant counts as read at once if what came before
	// has been.
	r.tuning.arrived(now, r.next, n, r.earlier, e.net.tcp.MSS)
	switch {
	case filled || len(r.spans) > 0 || r.quick > 0 && !r.talking || r.unacked > e.net.tcp.MSS:
		r.acknowledge()
	case !r.delayed.Armed():
		r.delayed.Set(now + delayedAck)
	}
}

// advance takes everything up to end in order and hands it to the program, in
// pieces no larger than a segment.
func (r *receiver) advance(from *endpoint, end int64, s *segment) {
	e := r.e
	last := end
	if r.finSeq > 0 {
		last = min(last, r.finSeq)
	}
	for r.next < last {
		n := min(last-r.next, int64(e.net.tcp.MSS))
		d := e.net.newDelivery(e.conn)
		d.data = from.stream.take(d.data, int(n))
		r.next += n
		r.unread += int(n)
		e.host.stats.Received += n
		e.clock.Wake(0, d)
	}
	r.next = end
}

// ended tells the program that the other side's stream is over.
func (r *receiver) ended() {
	r.fin = true
	c := r.e.conn
	c.update(func() {
		if c.inErr == nil {
			c.inErr = io.EOF
		}
	})
}

// insert notes what has been received out of order.
func (r *receiver) insert(s span) {
	i, _ := slices.BinarySearchFunc(r.spans, s.start, func(t span, at int64) int {
		return int(max(min(t.end-at, 1), -1))
	})
	// spans[i] is the first that ends at s.start or behind it.
	j := i
	for j < len(r.spans) && r.spans[j].start <= s.end {
		if r.spans[j].start <= s.start && r.spans[j].end >= s.end {
			r.double = s
		}
		s.start = min(s.start, r.spans[j].start)
		s.end = max(s.end, r.spans[j].end)
		j++
	}
	r.spans = slices.Replace(r.spans, i, j, s)
	r.recent = s
}

// consumed notes that the program has read n bytes, and unread are left. An
// acknowledgement goes out if one was due anyway, or if the window that can be
// announced now is twice the last one (RFC 9293 section 3.8.6.2.2).
func (e *endpoint) consumed(n, unread int) {
	r := &e.in
	r.unread -= n
	if e.state != established || r.fin {
		return
	}
	due := r.delayed.Armed() && unread == 0 && (r.pushed > 1 || r.pushed == 1 && !r.talking)
	announced := r.right - r.next
	possible := int64(r.tuning.window - r.unread)
	if due || 2*announced <= int64(r.tuning.window) && possible >= 2*announced && possible >= int64(e.net.tcp.MSS) {
		r.acknowledge()
	}
}
