package network

// flags of a segment.
type flags uint8

const (
	syn flags = 1 << iota
	ack
	fin
	rst
	psh
)

// headerBytes is the size of the IPv4 and TCP headers without options; a SYN
// carries 12 bytes of options (MSS, SACK permitted, window scale), and SACK
// blocks take 4 bytes and 8 for each (RFC 2018). Timestamps are not modelled.
const (
	headerBytes   = 40
	synOptions    = 12
	sackOption    = 4
	sackBlockSize = 8
	maxSackBlocks = 4
)

// span is the sequence numbers from start up to but not including end.
type span struct{ start, end int64 }

// segment is one TCP segment in one IP packet, on its way from one host to
// another. It is an event that fires at each stage of its way. The payload is
// not in it: the receiving end takes it from the sending end's stream.
type segment struct {
	net              *Network
	from, to         *Host
	fromPort, toPort uint16
	seq, end         int64 // sequence numbers [seq, end), SYN and FIN counting one each
	ack              int64
	window           int64 // bytes the sender is ready to receive beyond ack
	flags            flags
	again            bool // a retransmission
	travelled        bool // it has waited for an event since it was sent
	sacks            uint8
	sack             [maxSackBlocks]span
	source           *endpoint // where the payload is
	data             [][]byte  // the payload, where a tap will see it
	next             func(*segment)
}

// Fire lets the segment enter the next stage of its way.
func (s *segment) Fire() { s.next(s) }

// payload returns the number of bytes of data in the segment.
func (s *segment) payload() int {
	n := s.end - s.seq
	if s.flags&syn != 0 {
		n--
	}
	if s.flags&fin != 0 {
		n--
	}
	return int(n)
}

// handshakes says that the segment begins or ends a connection, and that is all.
func (s *segment) handshakes() bool { return s.flags&(syn|fin|rst) != 0 && s.payload() == 0 }

// size returns the length of the IP packet in bytes.
func (s *segment) size() int {
	n := headerBytes + s.payload()
	if s.flags&syn != 0 {
		n += synOptions
	}
	if s.sacks > 0 {
		n += sackOption + sackBlockSize*int(s.sacks)
	}
	return n
}

func (n *Network) newSegment() *segment {
	if k := len(n.free); k > 0 {
		s := n.free[k-1]
		n.free = n.free[:k-1]
		*s = segment{net: n}
		return s
	}
	return &segment{net: n}
}

// drop ends the way of a segment and keeps its memory for another.
func (s *segment) drop() {
	s.source, s.data, s.next = nil, nil, nil
	s.net.free = append(s.net.free, s)
}
