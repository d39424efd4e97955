// Package network is the simulated network: hosts with access links, and
// between them a TCP that carries the bytes of real Go transports in virtual
// time.
//
// Every host hangs on a core, which adds nothing, by an access link of two
// directions, each with its own delay, jitter, bandwidth, queue and loss
// (Link). A packet crosses the sender's uplink and the receiver's downlink.
// Fault rules (Rule) see every packet on its way.
//
// Dial and Listen give net.Conn and net.Listener. Their Write never blocks a
// client, so that transports which hold a mutex while they write (HTTP/2)
// cannot stop the clock; bytes leave once all goroutines are blocked. The TCP
// below is a model of Linux's, one state machine per end (endpoint), each rule
// in the file that names its RFC:
//
//	handshake.go   connection set-up and end           RFC 9293
//	output.go      what may be sent, and when          RFC 9293, 6928, 7661
//	input.go       acknowledgements                    RFC 9293, 2018
//	recovery.go    loss detection and repair           RFC 8985, 6675, 6937
//	timeout.go     retransmission and probe timers     RFC 6298, 8985
//	rtt.go         round-trip estimation               RFC 6298
//	cubic.go       congestion control                  RFC 9438, HyStart
//	reno.go        congestion control                  RFC 5681
//	receive.go     reassembly, acknowledging, windows  RFC 9293, 1122, 2018
//
// Sequence numbers are 64 bits wide and begin at 0 with the SYN, so they never
// wrap and the first byte of data has number 1.
package network

import (
	"fmt"
	"net/netip"
	"time"

	"protosim/model/trace"
	"protosim/model/vtime"
)

// TCP holds what the two ends of all connections of a Network have in common.
// The zero value of each field means the default.
type TCP struct {
	// MSS is the largest payload of one segment, in bytes. Default 1460.
	MSS int
	// InitialWindow is the congestion window of a new connection, in segments
	// (RFC 6928). Default 10.
	InitialWindow int
	// Reno chooses RFC 5681's congestion avoidance instead of CUBIC's.
	Reno bool
	// NoHyStart lets CUBIC's slow start end only with a loss.
	NoHyStart bool
	// KeepIdleWindow keeps the congestion window through idle times, which
	// otherwise shrink it (RFC 7661, and as Linux does RFC 2861).
	KeepIdleWindow bool
	// ReceiveBuffer bounds the receive window, in bytes. Default 6 MB.
	ReceiveBuffer int
	// ReceiveWindow is the receive window of a new connection, in bytes, which
	// grows towards ReceiveBuffer while the application keeps up. Default 64,240.
	ReceiveWindow int
	// SendBuffer is how many bytes a listener's connection takes from its
	// application before Write blocks. 0 means twice the congestion window and
	// at least 64 KiB, as Linux tunes it; negative means no bound. Dialled
	// connections have no bound.
	SendBuffer int
}

func (t TCP) withDefaults() TCP {
	if t.MSS == 0 {
		t.MSS = 1460
	}
	if t.InitialWindow == 0 {
		t.InitialWindow = 10
	}
	if t.ReceiveBuffer == 0 {
		t.ReceiveBuffer = 6_000_000
	}
	if t.ReceiveWindow == 0 {
		t.ReceiveWindow = 64_240
	}
	t.ReceiveWindow = min(t.ReceiveWindow, t.ReceiveBuffer)
	return t
}

// Network is a set of hosts that can reach one another.
type Network struct {
	Clock *vtime.Clock
	// Watch, when set, is told on the conductor when a host has one established
	// connection more (1) or less (-1).
	Watch func(h *Host, change int)
	// Trace, when set, is told of connections and of packets with data. Its
	// events leave their time to it.
	Trace trace.Sink

	tcp   TCP
	seed  uint64
	hosts []*Host
	dials uint64 // connections dialled so far
	names map[string]*Host
	addrs map[netip.Addr]*Host
	rules []Rule
	hash  digest
	free  []*segment

	deliveries []*delivery // for reuse
}

// New returns a network without hosts. The seed decides losses and jitter.
func New(clock *vtime.Clock, tcp TCP, seed uint64) *Network {
	n := &Network{
		Clock: clock,
		tcp:   tcp.withDefaults(),
		seed:  seed,
		names: map[string]*Host{},
		addrs: map[netip.Addr]*Host{},
	}
	n.hash.init()
	return n
}

// Digest returns a hash of the time, identity, direction, kind and size of
// every packet that has arrived anywhere: equal digests mean equal runs.
func (n *Network) Digest() string { return n.hash.String() }

// Held returns the names of the hosts with established connections that their
// programs have not closed. One that they have may wait in FIN-WAIT-2 for ever
// for a host that has vanished.
func (n *Network) Held() []string {
	var names []string
	for _, h := range n.hosts {
		for _, e := range h.ends {
			if e.state == established && !e.conn.isClosed() {
				names = append(names, h.Name)
				break
			}
		}
	}
	return names
}

// NewHost adds a host. Names must be unique, and identities stable from one
// run to the next: they order what happens at the same instant, and they make
// a host's random streams.
func (n *Network) NewHost(name string) *Host {
	if n.names[name] != nil {
		panic(fmt.Sprintf("network: second host named %q", name))
	}
	id := uint32(len(n.hosts) + 1)
	h := &Host{
		Name:      name,
		Addr:      netip.AddrFrom4([4]byte{10, byte(id >> 16), byte(id >> 8), byte(id)}),
		id:        uint64(id),
		net:       n,
		listeners: map[uint16]*Listener{},
		ends:      map[flow]*endpoint{},
		nextPort:  firstPort,
	}
	h.Up = newLink(h, "up", func(s *segment) {
		if n.judge(s) {
			s.to.Down.send(s)
		}
	})
	h.Down = newLink(h, "down", func(s *segment) { s.to.receive(s) })
	n.hosts = append(n.hosts, h)
	n.names[name] = h
	n.addrs[h.Addr] = h
	return h
}

// Host returns the host of that name, or nil.
func (n *Network) Host(name string) *Host { return n.names[name] }

// now is short for the clock's time.
func (n *Network) now() time.Duration { return n.Clock.Now() }
