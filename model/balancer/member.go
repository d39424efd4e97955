package balancer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// member is a backend and what the balancer knows of it. The balancer's mutex
// guards it.
type member struct {
	candidate
	Backend
	number    int
	cookie    string
	transport *http.Transport // L7

	ctx       context.Context // ends when it is removed
	remove    context.CancelFunc
	down      bool // by SetDown
	unhealthy bool // says the active check
	draining  bool
	suspended time.Duration // not used before this time: passive check
	failures  window        // of late
	rising    bool          // slow start is on
	since     time.Duration // it began

	carries map[*carried]struct{}
	drained chan struct{} // closed when a drain is over
	timer   func()        // stops the drain's timer

	conns connections
	dials uint64
	stats BackendStats
	load  load
}

// carried is a request or a connection under way at a member.
type carried struct {
	cut func(error) // ends it
}

// Why a balancer ends what a backend carries.
var (
	errClosed  = errors.New("balancer: closed")
	errRemoved = errors.New("balancer: the backend was removed")
	errDrained = errors.New("balancer: the backend's time to drain is over")
)

// available reports whether the member may get something new, disregarding
// what passive checks say. The mutex is held.
func (m *member) available() bool {
	return m.ctx.Err() == nil && !m.down && !m.unhealthy && !m.draining
}

// start counts something that begins at the member. The mutex is held.
func (b *Balancer) start(m *member, c *carried) {
	m.carries[c] = struct{}{}
	m.load.set(b.time.Now(), m.active, true)
	m.active++
	m.stats.Requests++
	m.stats.Peak = max(m.stats.Peak, m.active)
}

// finish counts its end.
func (b *Balancer) finish(m *member, c *carried) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := m.carries[c]; !ok {
		return
	}
	delete(m.carries, c)
	m.load.set(b.time.Now(), m.active, false)
	m.active--
	if m.draining && m.active == 0 {
		m.endDrain()
	}
}

// cut ends all that a member carries.
func (b *Balancer) cut(m *member, cause error) {
	b.mu.Lock()
	var all []*carried
	for c := range m.carries { // in any order: none of them acts before it has yielded
		all = append(all, c)
	}
	b.mu.Unlock()
	for _, c := range all {
		c.cut(cause)
	}
}

// closeConnections closes the connections to the member.
func (m *member) closeConnections() {
	if m.transport != nil {
		m.transport.CloseIdleConnections()
	}
	m.conns.closeAll()
}

// connect dials the member.
func (b *Balancer) connect(ctx context.Context, m *member) (net.Conn, error) {
	b.mu.Lock()
	m.dials++
	key, removed := b.key(m, m.dials), m.ctx
	b.mu.Unlock()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer context.AfterFunc(removed, func() { end(errRemoved) })()
	ctx, cancel := b.time.WithTimeout(ctx, key, b.cfg.ConnectTimeout)
	defer cancel()
	conn, err := b.dial(ctx, "tcp", m.Address)
	if err != nil {
		return nil, fmt.Errorf("backend %s: %w", m.Name, err)
	}
	if removed.Err() != nil { // in the same instant
		conn.Close()
		return nil, errRemoved
	}
	return m.conns.add(conn), nil
}

// connections is the set of open connections to a member.
type connections struct {
	mu     sync.Mutex
	open   map[*connection]struct{}
	opened int
}

// connection is one of them.
type connection struct {
	net.Conn
	set *connections
}

func (s *connections) add(c net.Conn) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	wrapped := &connection{c, s}
	if s.open == nil {
		s.open = map[*connection]struct{}{}
	}
	s.open[wrapped] = struct{}{}
	return wrapped
}

func (s *connections) counts() (open, opened int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open), s.opened
}

func (s *connections) closeAll() {
	s.mu.Lock()
	var all []*connection
	for c := range s.open { // in any order: the network orders what is asked in one instant
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
}

// Close closes the connection.
func (c *connection) Close() error {
	c.set.mu.Lock()
	delete(c.set.open, c)
	c.set.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite ends the stream to the backend.
func (c *connection) CloseWrite() error { return closeWrite(c.Conn) }

// Abort ends the connection with a reset.
func (c *connection) Abort() error {
	c.set.mu.Lock()
	delete(c.set.open, c)
	c.set.mu.Unlock()
	return abort(c.Conn)
}

// closeWrite ends the stream to the other side, or the connection if it cannot.
func closeWrite(c net.Conn) error {
	if c, ok := c.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return c.Close()
}

// abort ends a connection with a reset, or as it can.
func abort(c net.Conn) error {
	switch c := c.(type) {
	case interface{ Abort() error }:
		return c.Abort()
	case *net.TCPConn:
		c.SetLinger(0)
	}
	return c.Close()
}
