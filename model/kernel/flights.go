package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Flight is what a server sent on one connection without a pause: in slow start
// all that one round trip's acknowledgements released.
type Flight struct {
	From, To time.Duration
	// Segments and Bytes count data, repeated data too; Repeated and Dropped
	// count the segments sent again and those that did not arrive.
	Segments, Bytes, Repeated, Dropped int
	Acks, Acked                        int // packets, bytes
	// InFlight is how many bytes were sent and not yet acknowledged at its end,
	// Room how many more the receiver's window allowed: a flight that ends with
	// little room was limited by the receiver, not by congestion control.
	InFlight, Room int
}

// pause is the silence that ends a flight: longer than a link's gaps within
// one, shorter than a delayed acknowledgement.
const pause = 8 * time.Millisecond

// flights divides one connection of a trace into flights, seen at the server.
func flights(packets []Packet, port uint16) (all []Flight) {
	type event struct {
		at time.Duration
		Packet
	}
	var events []event
	for _, p := range packets {
		switch {
		case p.Port != port:
		case p.Down:
			events = append(events, event{p.Entered, p})
		case p.Fate == Delivered && p.Arrived > 0:
			events = append(events, event{p.Arrived, p})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return int(a.at - b.at) })

	var start, sent, acked, edge uint32 // sequence numbers of the server's
	var scale int8
	var f *Flight
	for _, e := range events {
		if e.Flags&flagSYN != 0 {
			if e.Down {
				start = e.Seq + 1
				sent, acked, edge = start, start, start
			} else {
				scale = max(e.Scale, 0)
			}
			continue
		}
		if e.Flags&flagRST != 0 {
			continue
		}
		if f == nil || e.at-f.To > pause {
			all = append(all, Flight{From: e.at})
			f = &all[len(all)-1]
		}
		f.To = e.at
		if !e.Down {
			f.Acks++
			if d := int32(e.Ack - acked); d > 0 {
				f.Acked += int(d)
				acked = e.Ack
			}
			if right := e.Ack + uint32(e.Window)<<scale; int32(right-edge) > 0 {
				edge = right
			}
		} else if e.Payload > 0 {
			f.Segments++
			f.Bytes += e.Payload
			if int32(e.Seq-sent) < 0 {
				f.Repeated++
			}
			if e.Fate != Delivered {
				f.Dropped++
			}
			if end := e.Seq + uint32(e.Payload); int32(end-sent) > 0 {
				sent = end
			}
		}
		f.InFlight, f.Room = int(sent-acked), int(edge-sent)
	}
	return all
}

// formatFlights prints the flights of every connection of a trace, with times
// in milliseconds since zero.
func formatFlights(packets []Packet, zero time.Duration) string {
	var ports []uint16
	for _, p := range packets {
		if p.Flags&flagSYN != 0 && !slices.Contains(ports, p.Port) {
			ports = append(ports, p.Port)
		}
	}
	var b strings.Builder
	for i, port := range ports {
		fmt.Fprintf(&b, "connection %d\n      from       to  segments    bytes repeated dropped | acks    acked | in flight     room\n", i+1)
		for _, f := range flights(packets, port) {
			fmt.Fprintf(&b, "%10.1f %8.1f  %8d %8d %8d %7d | %4d %8d | %9d %8d\n", millis(f.From-zero), millis(f.To-zero),
				f.Segments, f.Bytes, f.Repeated, f.Dropped, f.Acks, f.Acked, f.InFlight, f.Room)
		}
	}
	return b.String()
}
