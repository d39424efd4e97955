package network

import (
	"net"
	"sync"

	"protosim/model/vtime"
)

// backlog is how many established connections may wait to be accepted (Linux's somaxconn).
const backlog = 4096

// Listener accepts the connections to one port of a host.
type Listener struct {
	host    *Host
	port    uint16
	mu      sync.Mutex
	changed sync.Cond
	blocked int
	waiting []*Conn
	pending int // in the handshake
	closed  bool
}

func newListener(h *Host, port uint16) *Listener {
	l := &Listener{host: h, port: port}
	l.changed.L = &l.mu
	return l
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed && len(l.waiting) == 0 {
		l.blocked++
		l.changed.Wait()
		l.blocked--
	}
	if l.closed {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	c := l.waiting[0]
	l.waiting = l.waiting[1:]
	return c, nil
}

// Close stops listening. Connections that wait to be accepted are reset.
func (l *Listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	l.closed = true
	l.changed.Broadcast()
	l.mu.Unlock()
	l.host.net.Clock.Post(l.host.Key(0), vtime.Func(l.shut))
	return nil
}

// Addr returns the address listened on, a *net.TCPAddr.
func (l *Listener) Addr() net.Addr { return l.host.tcpAddr(l.port) }

// incoming answers a SYN, on the conductor.
func (l *Listener) incoming(s *segment) {
	l.mu.Lock()
	full := l.pending+len(l.waiting) >= backlog
	l.mu.Unlock()
	if full {
		return // the client tries again, as with Linux
	}
	c := newConn(l.host, s.from, s.fromPort)
	c.localPort, c.number = l.port, s.source.conn.number
	c.accepted = true
	c.end.listener = l
	l.pending++
	c.end.register()
	c.end.receiveSYN(s)
}

// established hands a connection to Accept, on the conductor.
func (l *Listener) established(c *Conn) {
	l.mu.Lock()
	l.waiting = append(l.waiting, c)
	l.pending--
	blocked := l.blocked > 0
	l.mu.Unlock()
	if blocked {
		l.host.net.Clock.Wake(0, vtime.Func(func() {
			l.mu.Lock()
			l.changed.Signal()
			l.mu.Unlock()
		}))
	}
}

func (l *Listener) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// shut frees the port and resets what was not accepted, on the conductor.
func (l *Listener) shut() {
	if l.host.listeners[l.port] == l {
		delete(l.host.listeners, l.port)
	}
	l.mu.Lock()
	l.closed = true
	waiting := l.waiting
	l.waiting = nil
	blocked := l.blocked > 0
	l.mu.Unlock()
	for _, c := range waiting {
		c.end.abort(net.ErrClosed)
	}
	if blocked {
		l.host.net.Clock.Wake(0, vtime.Func(func() {
			l.mu.Lock()
			l.changed.Broadcast()
			l.mu.Unlock()
		}))
	}
}
