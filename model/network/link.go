package network

import (
	"math/rand/v2"
	"time"

	"protosim/model/random"
)

// LinkConfig says how one direction of an access link treats packets. The zero
// value passes them at once.
type LinkConfig struct {
	// Delay is the propagation delay.
	Delay time.Duration
	// Jitter is the most extra delay, drawn evenly for each packet. Packets
	// stay in order.
	Jitter time.Duration
	// Bandwidth in bits per second of IP packets; 0 for no limit.
	Bandwidth int64
	// Queue is how many bytes of IP packets may wait for the link, not
	// counting the one being sent; what finds it full is dropped (drop tail).
	// Used only with a limited Bandwidth; 0 for no limit.
	Queue int
	// Loss is the probability that a packet is lost, from 0 to 1.
	Loss float64
}

// LinkStats counts what a link has carried, in packets and bytes of IP packets.
type LinkStats struct {
	Packets, Bytes            int64 // offered to the link
	Lost, LostBytes           int64 // by chance, of those offered
	Dropped, DroppedBytes     int64 // by the full queue, of those offered
	DataBytes                 int64 // TCP payload offered, retransmissions included
	Retransmits               int64 // packets sent again, of those offered
	RetransmitBytes           int64 // TCP payload sent again, of DataBytes
	HeaderBytes               int64 // IP and TCP headers with options
	HandshakeBytes            int64 // of them, packets that begin or end connections: SYN, FIN and RST without payload
	Delivered, DeliveredBytes int64 // packets that reached the other end
	DeliveredData             int64 // TCP payload that reached the other end
	DeliveredAgain            int64 // of it, sent again
	DeliveredHandshake        int64 // bytes of packets that began or ended connections
	PeakQueue                 int   // most bytes that waited at a time
}

// Link is one direction of a host's access link.
type Link struct {
	host         *Host
	plain        LinkConfig // as configured
	config       LinkConfig // as it is now
	stats        LinkStats
	forward      func(*segment) // the next stage behind the link
	arrive       func(*segment) // bound once
	loss         *rand.Rand
	jitter       *rand.Rand
	name         string
	degradations []*Degradation
	last         time.Duration // arrival of the newest packet, which no later one overtakes
	queue        []*segment    // waiting; the head is being sent
	head         int
	queued       int // bytes waiting, without the head
}

func newLink(h *Host, name string, forward func(*segment)) *Link {
	l := &Link{host: h, name: name, forward: forward}
	l.arrive = l.arrived
	return l
}

// Config returns how the link treats packets when nothing degrades it.
func (l *Link) Config() LinkConfig { return l.plain }

// Now returns how the link treats packets at the moment.
func (l *Link) Now() LinkConfig { return l.config }

// Set changes how the link treats packets from now on. Packets under way keep
// their delay, those in the queue get the new bandwidth. Before the run, or on
// the conductor.
func (l *Link) Set(c LinkConfig) {
	l.plain = c
	l.degrade()
}

// Stats returns what the link has carried.
func (l *Link) Stats() LinkStats { return l.stats }

// send puts a segment on the link.
func (l *Link) send(s *segment) {
	size := s.size()
	l.stats.Packets++
	l.stats.Bytes += int64(size)
	l.stats.DataBytes += int64(s.payload())
	l.stats.HeaderBytes += int64(size - s.payload())
	if s.handshakes() {
		l.stats.HandshakeBytes += int64(size)
	}
	if s.again {
		l.stats.Retransmits++
		l.stats.RetransmitBytes += int64(s.payload())
	}
	if l.config.Loss > 0 && l.random(&l.loss, "loss").Float64() < l.config.Loss {
		l.stats.Lost++
		l.stats.LostBytes += int64(size)
		s.lose("loss")
		return
	}
	if l.config.Bandwidth == 0 && l.head == len(l.queue) {
		l.propagate(s)
		return
	}
	if l.head < len(l.queue) { // busy
		if l.config.Queue > 0 && l.queued+size > l.config.Queue {
			l.stats.Dropped++
			l.stats.DroppedBytes += int64(size)
			s.lose("queue")
			return
		}
		l.queued += size
		l.stats.PeakQueue = max(l.stats.PeakQueue, l.queued)
		s.travelled = true
		l.queue = append(l.queue, s)
		return
	}
	l.queue = append(l.queue, s)
	s.travelled = true
	l.transmit()
}

// transmit starts sending the packet at the head of the queue.
func (l *Link) transmit() {
	var t time.Duration
	if l.config.Bandwidth > 0 {
		t = time.Duration(int64(l.queue[l.head].size()) * 8 * int64(time.Second) / l.config.Bandwidth)
	}
	l.host.net.Clock.At(l.host.net.now()+t, l)
}

// Fire ends the sending of one packet and begins that of the next.
func (l *Link) Fire() {
	s := l.queue[l.head]
	l.queue[l.head] = nil
	l.head++
	if l.head == len(l.queue) {
		l.queue, l.head = l.queue[:0], 0
	} else {
		if l.head > 64 && l.head*2 > len(l.queue) {
			l.queue = l.queue[:copy(l.queue, l.queue[l.head:])]
			l.head = 0
		}
		l.queued -= l.queue[l.head].size()
		l.transmit()
	}
	l.propagate(s)
}

// propagate lets a packet travel to the end of the link.
func (l *Link) propagate(s *segment) {
	at := l.host.net.now() + l.config.Delay
	if l.config.Jitter > 0 {
		at += time.Duration(l.random(&l.jitter, "jitter").Int64N(int64(l.config.Jitter) + 1))
	}
	at = max(at, l.last)
	l.last = at
	if l.host.net.Trace != nil && s.payload() > 0 {
		l.traceFlight(s, at)
	}
	if at == l.host.net.now() && (l == l.host.Up || s.travelled) {
		l.arrived(s)
		return
	}
	s.next, s.travelled = l.arrive, true
	l.host.net.Clock.At(at, s)
}

func (l *Link) arrived(s *segment) {
	l.stats.Delivered++
	l.stats.DeliveredBytes += int64(s.size())
	l.stats.DeliveredData += int64(s.payload())
	if s.again {
		l.stats.DeliveredAgain += int64(s.payload())
	}
	if s.handshakes() {
		l.stats.DeliveredHandshake += int64(s.size())
	}
	l.forward(s)
}

// random returns the link's stream for one purpose, made when first needed.
func (l *Link) random(r **rand.Rand, purpose string) *rand.Rand {
	if *r == nil {
		*r = random.New(l.host.net.seed, l.name+" "+purpose, l.host.id)
	}
	return *r
}
