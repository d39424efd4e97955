package network

import (
	"bytes"
	"time"
)

// Tap sees the segments of one host as a packet capture on it does: those that
// leave, before its uplink can lose them, and those that arrive. It is called
// on the conductor and must not change what it is given.
type Tap func(*Sighting)

// Sighting is one segment as a tap sees it.
type Sighting struct {
	At       time.Duration
	Leaving  bool // and not arriving
	From, To *Host

	FromPort, ToPort        uint16
	Seq, Ack                int64 // both streams begin at 0 with the SYN and never wrap
	Window                  int64 // bytes, not scaled
	SYN, ACK, FIN, RST, PSH bool
	SACK                    [][2]int64 // blocks from the first up to but not including the second (RFC 2018)
	Payload                 [][]byte   // the data, in pieces; they do not change later
	Length                  int        // of the payload

	MSS         int // what both ends announce in their SYNs
	WindowScale int // the same, in bits (RFC 7323 section 2)
}

// tapped reports whether somebody sees what the endpoint sends.
func (e *endpoint) tapped() bool { return e.host.Tap != nil || e.peer.Tap != nil }

// attach gives a segment that somebody will see its payload: by the time it
// arrives, the sender's stream may no longer have it.
func (s *segment) attach() {
	e := s.source
	if e == nil || !e.tapped() {
		return
	}
	s.data = e.kept.slice(s.seq, s.seq+int64(s.payload()))
}

// see shows a segment to the host's tap.
func (h *Host) see(s *segment, leaving bool) {
	v := &Sighting{
		At: h.net.now(), Leaving: leaving,
		From: s.from, To: s.to, FromPort: s.fromPort, ToPort: s.toPort,
		Seq: s.seq, Ack: s.ack, Window: s.window,
		SYN: s.flags&syn != 0, ACK: s.flags&ack != 0, FIN: s.flags&fin != 0, RST: s.flags&rst != 0, PSH: s.flags&psh != 0,
		Payload: s.data, Length: s.payload(),
		MSS: h.net.tcp.MSS, WindowScale: windowScale(h.net.tcp.ReceiveBuffer),
	}
	for _, b := range s.sack[:s.sacks] {
		v.SACK = append(v.SACK, [2]int64{b.start, b.end})
	}
	h.Tap(v)
}

// windowScale is the least shift by which a window of so many bytes fits into
// 16 bits, at most 14 (RFC 7323 section 2.3).
func windowScale(buffer int) int {
	shift := 0
	for 0xffff<<shift < buffer && shift < 14 {
		shift++
	}
	return shift
}

// kept is what an endpoint has been given to send and does not yet know to be
// received, for taps: its stream ends where the receiving program has read.
type kept struct {
	chunks [][]byte
	base   int64 // sequence number of the first byte
}

// append takes a copy: the memory of pieces is used again once they are read.
func (k *kept) append(pieces []piece) {
	if k.base == 0 {
		k.base = 1 // behind the SYN
	}
	for _, p := range pieces {
		k.chunks = append(k.chunks, bytes.Clone(p.bytes))
	}
}

// release forgets what is before seq.
func (k *kept) release(seq int64) {
	n := 0
	for n < len(k.chunks) && k.base+int64(len(k.chunks[n])) <= seq {
		k.base += int64(len(k.chunks[n]))
		k.chunks[n] = nil
		n++
	}
	k.chunks = k.chunks[n:]
}

// slice returns the bytes from one sequence number up to another.
func (k *kept) slice(from, to int64) (data [][]byte) {
	at := k.base
	for _, c := range k.chunks {
		if at >= to {
			break
		}
		end := at + int64(len(c))
		if end > from {
			data = append(data, c[max(from-at, 0):min(to, end)-at])
		}
		at = end
	}
	return data
}
