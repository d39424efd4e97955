package network

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"

	"protosim/model/vtime"
)

const firstPort = 32768 // of the dynamic ports that Linux dials from

// Host is a machine on the network.
type Host struct {
	Name string
	Addr netip.Addr
	Up   *Link // from the host to the core
	Down *Link // from the core to the host
	// Tap, when set before the host's first connection, sees its segments.
	Tap Tap

	id        uint64
	net       *Network
	listeners map[uint16]*Listener
	ends      map[flow]*endpoint
	nextPort  uint16
	conns     atomic.Uint64 // made so far, dialled and accepted
	vanished  int           // faults that cut it off
	stats     HostStats
}

// HostStats counts connections as a host sees them.
type HostStats struct {
	Opened  int // connections dialled or accepted that were established
	Open    int // now
	Peak    int // most at a time
	Refused int // dials that were answered by a reset
	Resets  int // established connections ended by a reset from the other side

	Accepted int // of those open now, the ones that the other side dialled

	// Bytes of the connections' streams. Each counts once, also if it arrives
	// when its connection has ended.
	Sent, Received int64
}

// Stats returns the host's counters.
func (h *Host) Stats() HostStats { return h.stats }

// opened counts a connection that is established (1) or ends (-1).
func (h *Host) opened(n int, accepted bool) {
	h.stats.Open += n
	if accepted {
		h.stats.Accepted += n
	}
	h.stats.Peak = max(h.stats.Peak, h.stats.Open)
	if h.net.Watch != nil {
		h.net.Watch(h, n)
	}
}

// ID returns the host's identity, unique in its network.
func (h *Host) ID() uint64 { return h.id }

// flow identifies a connection at one of its hosts.
type flow struct {
	peer      uint64
	port, far uint16
}

// Key orders what happens on the host's behalf in one instant; n tells
// different things on the same host apart.
func (h *Host) Key(n uint64) vtime.Key { return vtime.Key{A: h.id, B: n} }

// Listen starts accepting connections on a port (":80").
func (h *Host) Listen(address string) (*Listener, error) {
	_, port, err := split(address)
	if err != nil {
		return nil, err
	}
	if l := h.listeners[port]; l != nil && !l.isClosed() {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: h.tcpAddr(port), Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	l := newListener(h, port)
	h.listeners[port] = l
	return l, nil
}

// Dial connects to "name:port" or "address:port". Its signature is that of
// net.Dialer.DialContext; the network must be "tcp" or "tcp4".
//
// Goroutines of one host that dial in the same instant must have yielded
// before, for the order of dials decides the ports.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	fail := func(addr net.Addr, err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: addr, Err: err}
	}
	if network != "tcp" && network != "tcp4" {
		return fail(nil, net.UnknownNetworkError(network))
	}
	name, port, err := split(address)
	if err != nil {
		return nil, err
	}
	peer := h.net.names[name]
	if peer == nil {
		if a, err := netip.ParseAddr(name); err == nil {
			peer = h.net.addrs[a]
		}
	}
	if peer == nil {
		return fail(nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true})
	}
	if ctx.Err() != nil {
		return fail(peer.tcpAddr(port), mapErr(context.Cause(ctx)))
	}
	c := newConn(h, peer, port)
	c.request(func() { c.connecting = true })
	stop := context.AfterFunc(ctx, func() {
		c.request(func() { c.giveUp = mapErr(context.Cause(ctx)) })
	})
	err = c.awaitEstablished()
	stop()
	if err != nil {
		return fail(peer.tcpAddr(port), err)
	}
	return c, nil
}

// mapErr says what net.Dialer says when its context ends for that cause.
func mapErr(err error) error {
	if err == context.DeadlineExceeded {
		return os.ErrDeadlineExceeded
	}
	return err
}

// connect starts the handshake of a dialled connection.
func (h *Host) connect(c *Conn) {
	port, ok := h.freePort(c.remote.id, c.remotePort)
	if !ok {
		c.end.die(os.NewSyscallError("connect", syscall.EADDRNOTAVAIL))
		return
	}
	c.localPort = port
	h.net.dials++
	c.number = h.net.dials
	c.end.register()
	c.end.sendSYN()
}

// freePort finds a port for a connection to the peer's port far.
func (h *Host) freePort(peer uint64, far uint16) (uint16, bool) {
	for range 65536 - firstPort {
		p := h.nextPort
		h.nextPort++
		if h.nextPort < firstPort {
			h.nextPort = firstPort
		}
		if h.ends[flow{peer, p, far}] == nil {
			return p, true
		}
	}
	return 0, false
}

// transmit puts a segment on its way.
func (h *Host) transmit(s *segment) {
	if h.vanished > 0 {
		s.lose("vanished")
		return
	}
	s.attach()
	if h.Tap != nil {
		h.see(s, true)
	}
	h.Up.send(s)
}

// receive takes a segment from the downlink.
func (h *Host) receive(s *segment) {
	if h.vanished > 0 {
		s.lose("vanished")
		return
	}
	h.net.hash.add(h.net.now(), s)
	if h.Tap != nil {
		h.see(s, false)
	}
	if e := h.ends[flow{s.from.id, s.toPort, s.fromPort}]; e != nil {
		e.receive(s)
	} else if l := h.listeners[s.toPort]; l != nil && s.flags&(syn|ack|rst) == syn {
		l.incoming(s)
	} else if s.flags&rst == 0 {
		if !s.again {
			h.stats.Received += int64(s.payload())
		}
		h.sendReset(s)
	}
	s.drop()
}

// sendReset answers a segment that belongs to no connection (RFC 9293 section 3.10.7.1).
func (h *Host) sendReset(s *segment) {
	r := h.net.newSegment()
	r.from, r.fromPort, r.to, r.toPort = h, s.toPort, s.from, s.fromPort
	r.flags = rst | ack
	r.seq, r.end, r.ack = s.ack, s.ack, s.end
	h.transmit(r)
}

// resetBy lets a connection of the host end as by a reset from its peer.
func (h *Host) resetBy(port uint16, peer *Host, far uint16) {
	if e := h.ends[flow{peer.id, port, far}]; e != nil {
		e.die(syscall.ECONNRESET)
	}
}

// Crash ends every program on the host as a killed process ends: listeners
// close, connections are reset. The host's kernel stays up and answers what
// arrives later with resets. On the conductor, in an event that wakes.
func (h *Host) Crash() {
	for _, l := range h.sortedListeners() {
		l.shut()
	}
	for _, e := range h.sortedEnds() {
		e.abort(net.ErrClosed)
	}
}

// Vanish cuts the host off: nothing that it sends leaves it and nothing
// reaches it, until Return. The other side learns of it by timeouts alone.
func (h *Host) Vanish() { h.vanished++ }

// Return ends a Vanish. A host that vanished twice is back after the second.
func (h *Host) Return() { h.vanished-- }

// Vanished reports whether the host is cut off.
func (h *Host) Vanished() bool { return h.vanished > 0 }

func (h *Host) tcpAddr(port uint16) *net.TCPAddr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(h.Addr, port))
}

func split(address string) (host string, port uint16, err error) {
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return "", 0, &net.AddrError{Err: fmt.Sprintf("port %q is not a number from 0 to 65535", p), Addr: address}
	}
	return host, uint16(n), nil
}

// sortedEnds returns the host's connections in the order in which they began.
func (h *Host) sortedEnds() []*endpoint {
	ends := slices.Collect(maps.Values(h.ends))
	slices.SortFunc(ends, func(a, b *endpoint) int { return cmp.Compare(a.conn.id, b.conn.id) })
	return ends
}

func (h *Host) sortedListeners() []*Listener {
	listeners := slices.Collect(maps.Values(h.listeners))
	slices.SortFunc(listeners, func(a, b *Listener) int { return cmp.Compare(a.port, b.port) })
	return listeners
}
