package main

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Packet is one line of a trace: when a packet came to the link, what its TCP
// header says, and what became of it.
type Packet struct {
	Down bool // from server to client
	// Entered is when the link read it, Due when it should arrive, Arrived when
	// it did; all since the link began.
	Entered, Due, Arrived time.Duration
	Fate                  Fate
	Size                  int // of the IP packet
	Backlog               int // bytes in the queue before it
	Segment
}

// Segment is what a trace keeps of a TCP header (RFC 9293, 3.1).
type Segment struct {
	Port     uint16 // the client's: names the connection
	Seq, Ack uint32
	Window   uint16 // not scaled
	Flags    uint8
	Payload  int
	Scale    int8 // window scale option, -1 without (RFC 7323)
	Sacks    [4][2]uint32
	SackN    int
}

const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
)

// parseSegment reads the headers of an IPv4 TCP packet. It reports false for
// anything else, which the link then does not carry.
func parseSegment(p []byte, down bool) (s Segment, ok bool) {
	if len(p) < 20 || p[0]>>4 != 4 {
		return s, false
	}
	ihl := int(p[0]&15) * 4
	total := int(binary.BigEndian.Uint16(p[2:]))
	if p[9] != 6 || total > len(p) || total < ihl+20 {
		return s, false
	}
	t := p[ihl:total]
	offset := int(t[12]>>4) * 4
	if offset < 20 || offset > len(t) {
		return s, false
	}
	s = Segment{
		Port:    binary.BigEndian.Uint16(t[0:]),
		Seq:     binary.BigEndian.Uint32(t[4:]),
		Ack:     binary.BigEndian.Uint32(t[8:]),
		Flags:   t[13],
		Window:  binary.BigEndian.Uint16(t[14:]),
		Payload: len(t) - offset,
		Scale:   -1,
	}
	if down {
		s.Port = binary.BigEndian.Uint16(t[2:])
	}
	for o := t[20:offset]; len(o) > 0; {
		switch {
		case o[0] == 0:
			return s, true
		case o[0] == 1:
			o = o[1:]
			continue
		case len(o) < 2 || int(o[1]) < 2 || int(o[1]) > len(o):
			return s, true
		case o[0] == 3 && o[1] == 3:
			s.Scale = int8(o[2])
		case o[0] == 5: // RFC 2018
			for b := o[2:o[1]]; len(b) >= 8 && s.SackN < len(s.Sacks); b = b[8:] {
				s.Sacks[s.SackN] = [2]uint32{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
				s.SackN++
			}
		}
		o = o[o[1]:]
	}
	return s, true
}

// flow is what a trace must remember of one direction of a connection to print
// sequence numbers from 0 and windows in bytes.
type flow struct {
	start uint32
	scale int8
}

type flowKey struct {
	port uint16
	down bool
}

// formatTrace prints packets one a line, in the order in which they entered.
// Times are in milliseconds since zero.
func formatTrace(packets []Packet, zero time.Duration) string {
	var b strings.Builder
	b.WriteString("#  entered   arrived   late_us dir  port flags      seq  len        ack   window backlog fate sacks\n")
	flows := map[flowKey]flow{}
	for _, p := range packets {
		mine, theirs := flowKey{p.Port, p.Down}, flowKey{p.Port, !p.Down}
		if p.Flags&flagSYN != 0 {
			flows[mine] = flow{p.Seq, p.Scale}
		}
		window := int(p.Window)
		// The window of a SYN itself is never scaled (RFC 7323, 2.2).
		if s := flows[mine].scale; p.Flags&flagSYN == 0 && s > 0 && flows[theirs].scale >= 0 {
			window <<= s
		}
		dir := ">"
		if p.Down {
			dir = "<"
		}
		arrived := "-"
		late := time.Duration(0)
		if p.Fate == Delivered && p.Arrived > 0 {
			arrived = fmt.Sprintf("%.3f", millis(p.Arrived-zero))
			late = p.Arrived - p.Due
		}
		var ack uint32
		if p.Flags&flagACK != 0 {
			ack = p.Ack - flows[theirs].start
		}
		fmt.Fprintf(&b, "%10.3f %9s %9d %s %5d %-5s %8d %4d %10d %8d %7d %s", millis(p.Entered-zero), arrived,
			late.Microseconds(), dir, p.Port, flagNames(p.Flags), p.Seq-flows[mine].start, p.Payload, ack, window, p.Backlog, p.Fate)
		for _, s := range p.Sacks[:p.SackN] {
			fmt.Fprintf(&b, " %d-%d", s[0]-flows[theirs].start, s[1]-flows[theirs].start)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func flagNames(f uint8) string {
	var s []byte
	for i, c := range []byte("FSRPA") {
		if f&(1<<i) != 0 {
			s = append(s, c)
		}
	}
	return string(s)
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
