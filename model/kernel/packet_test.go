package main

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

// packet builds an IPv4 packet with a TCP header and options.
func packet(from, to uint16, seq, ack uint32, flags uint8, window uint16, options []byte, payload int) []byte {
	p := make([]byte, 40+len(options)+payload)
	p[0], p[9] = 0x45, 6
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	t := p[20:]
	binary.BigEndian.PutUint16(t, from)
	binary.BigEndian.PutUint16(t[2:], to)
	binary.BigEndian.PutUint32(t[4:], seq)
	binary.BigEndian.PutUint32(t[8:], ack)
	t[12] = byte((20 + len(options)) / 4 << 4)
	t[13] = flags
	binary.BigEndian.PutUint16(t[14:], window)
	copy(t[20:], options)
	return p
}

func TestParseSegment(t *testing.T) {
	sack := []byte{1, 1, 5, 10, 0, 0, 0, 10, 0, 0, 0, 20}
	s, ok := parseSegment(packet(8080, 5000, 7, 9, flagACK|flagPSH, 63, sack, 100), true)
	want := Segment{Port: 5000, Seq: 7, Ack: 9, Window: 63, Flags: flagACK | flagPSH, Payload: 100, Scale: -1, SackN: 1}
	want.Sacks[0] = [2]uint32{10, 20}
	if !ok || s != want {
		t.Errorf("got %+v, %v\nwant %+v", s, ok, want)
	}
	syn := []byte{2, 4, 5, 180, 4, 2, 1, 3, 3, 10, 0, 0}
	if s, ok := parseSegment(packet(5000, 8080, 1, 0, flagSYN, 64240, syn, 0), false); !ok || s.Scale != 10 || s.Port != 5000 {
		t.Errorf("SYN: %+v, %v", s, ok)
	}
}

func TestOtherPacketsAreNotCarried(t *testing.T) {
	tcp := packet(1, 2, 0, 0, flagACK, 0, nil, 0)
	udp := append([]byte(nil), tcp...)
	udp[9] = 17
	ipv6 := append([]byte(nil), tcp...)
	ipv6[0] = 0x60
	badOffset := append([]byte(nil), tcp...)
	badOffset[32] = 0xf0
	for name, p := range map[string][]byte{"empty": nil, "UDP": udp, "IPv6": ipv6, "cut short": tcp[:30], "bad offset": badOffset} {
		if _, ok := parseSegment(p, false); ok {
			t.Errorf("%s: taken for a TCP packet", name)
		}
	}
	// A broken option ends the options, not the packet.
	if _, ok := parseSegment(packet(1, 2, 0, 0, flagACK, 0, []byte{5, 0, 0, 0}, 0), false); !ok {
		t.Error("a broken option made the packet unreadable")
	}
}

// exchange is a connection on which the server sends two segments, then after a
// round trip four, of which one is dropped and later repeated.
func exchange() (all []Packet) {
	up := func(at float64, seq, ack uint32, flags uint8, scale int8, payload int) {
		in := time.Duration(at * float64(time.Millisecond))
		all = append(all, Packet{Entered: in, Arrived: in + 50*ms, Due: in + 50*ms,
			Segment: Segment{Port: 5000, Seq: seq, Ack: ack, Flags: flags, Window: 60, Scale: scale, Payload: payload}})
	}
	down := func(at float64, seq uint32, flags uint8, scale int8, payload int, fate Fate) {
		in := time.Duration(at * float64(time.Millisecond))
		p := Packet{Down: true, Entered: in, Fate: fate,
			Segment: Segment{Port: 5000, Seq: seq, Ack: 1001, Flags: flags, Window: 60, Scale: scale, Payload: payload}}
		if fate == Delivered {
			p.Due, p.Arrived = in+50*ms, in+50*ms
		}
		all = append(all, p)
	}
	up(0, 1000, 0, flagSYN, 10, 0)
	down(50, 0xfffff000, flagSYN|flagACK, 10, 0, Delivered)
	up(100, 1001, 0xfffff001, flagACK, -1, 0)
	down(150, 0xfffff001, flagACK, -1, 3000, Delivered) // crosses sequence number 0
	down(151, 0xfffffbb9, flagACK, -1, 3000, Delivered)
	up(201, 1001, 0x771, flagACK, -1, 0)
	down(251, 0x771, flagACK, -1, 1000, Delivered)
	down(252, 0xb59, flagACK, -1, 1000, Dropped)
	down(300, 0xb59, flagACK, -1, 1000, Delivered)
	return all
}

func TestTraceIsRelativeToTheHandshake(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(formatTrace(exchange(), 0)), "\n")
	if len(lines) != 10 {
		t.Fatalf("%d lines, want 10", len(lines))
	}
	for i, want := range map[int][]string{
		1: {"0.000", "50.000", "0", ">", "5000", "S", "0", "0", "0", "60", "0", "ok"},
		4: {"150.000", "200.000", "0", "<", "5000", "A", "1", "3000", "1", "61440", "0", "ok"},
		6: {"201.000", "251.000", "0", ">", "5000", "A", "1", "0", "6001", "61440", "0", "ok"},
		8: {"252.000", "-", "0", "<", "5000", "A", "7001", "1000", "1", "61440", "0", "DROP"},
	} {
		if got := strings.Fields(lines[i]); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("line %d:\ngot  %v\nwant %v", i, got, want)
		}
	}
}

func TestFlights(t *testing.T) {
	got := flights(exchange(), 5000)
	window := 60 << 10
	want := []Flight{
		{From: 150 * ms, To: 151 * ms, Segments: 2, Bytes: 6000, Acks: 1, InFlight: 6000, Room: window - 6000},
		{From: 251 * ms, To: 252 * ms, Segments: 2, Bytes: 2000, Dropped: 1, Acks: 1, Acked: 6000, InFlight: 2000, Room: window - 2000},
		{From: 300 * ms, To: 300 * ms, Segments: 1, Bytes: 1000, Repeated: 1, InFlight: 2000, Room: window - 2000},
	}
	if len(got) != len(want) {
		t.Fatalf("%d flights, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("flight %d:\ngot  %+v\nwant %+v", i, got[i], want[i])
		}
	}
}
