// Package secure puts TLS 1.3, Go's own, between a transport and the simulated
// network.
//
// How many of a transport's small writes share a record depends on how its
// goroutines happen to be scheduled. So a Conn gathers what is written in one
// instant and hands it to TLS when all goroutines are blocked; transports above
// it speak in clear, HTTP/2 with prior knowledge.
package secure

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"protosim/model/vtime"
)

// Tally counts what connections carry in clear and how they were set up.
type Tally struct {
	Sent, Received atomic.Int64 // bytes above TLS
	Full, Resumed  atomic.Int64 // handshakes
	Handshakes     atomic.Int64 // bytes of them, in both directions
}

// counted is a connection whose bytes are counted.
type counted struct {
	Below
	bytes atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Below.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Below.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

// Below is a connection that TLS can be put onto: *network.Conn, or one that
// wraps it. Its Write never blocks once Buffer has been called.
type Below interface {
	net.Conn
	// Key identifies the connection.
	Key() vtime.Key
	// Buffer lets drained be called whenever the send buffer has room again.
	Buffer(drained func())
	// Room returns how many bytes the send buffer takes, false for any number.
	Room() (n int, limited bool)
}

// Client makes the client's side of TLS over connections of one client.
type Client struct {
	Clock  *vtime.Clock
	Config *tls.Config // its ServerName is set for each connection
	Tally  *Tally
}

// ClientConfig returns the configuration for one client, which trusts the
// authority and offers the given application protocols, the preferred one first.
func (a *Authority) ClientConfig(resume bool, protocols ...string) *tls.Config {
	c := &tls.Config{RootCAs: a.roots, MinVersion: tls.VersionTLS13, NextProtos: protocols}
	if resume {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	}
	return c
}

// ServerConfig returns the configuration of a server of that name.
func (a *Authority) ServerConfig(host string) (*tls.Config, error) {
	cert, err := a.Issue(host)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13, NextProtos: []string{"h2", "http/1.1"}}
	c.SetSessionTicketKeys([][32]byte{{1}})
	return c, nil
}

// Handshake runs the handshake over conn and returns the secured connection.
func (c Client) Handshake(ctx context.Context, conn Below, host string) (*Conn, error) {
	config := c.Config.Clone()
	config.ServerName = host
	below := &counted{Below: conn}
	t := tls.Client(below, config)
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	c.Tally.Handshakes.Add(below.bytes.Load())
	if t.ConnectionState().DidResume {
		c.Tally.Resumed.Add(1)
	} else {
		c.Tally.Full.Add(1)
	}
	s := newConn(c.Clock, conn, t, c.Tally)
	s.ready.Store(true)
	return s, nil
}

// Listener secures the connections that another accepts. The handshake takes
// place in a connection's first Read.
type Listener struct {
	net.Listener // of connections that are Below
	Clock        *vtime.Clock
	Config       *tls.Config
}

// Accept waits for the next connection.
func (l Listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newConn(l.Clock, conn.(Below), tls.Server(conn, l.Config), new(Tally)), nil
}

// Conn is one end of a secured connection.
type Conn struct {
	clock *vtime.Clock
	below Below
	tls   *tls.Conn
	tally *Tally
	ready atomic.Bool // the handshake is over

	mu      sync.Mutex
	free    sync.Cond // room in the send buffer below, or the end
	writing int       // Writes that wait for it
	out     []byte    // written in this instant
	posted  bool
	closing bool
	err     error // of an earlier flush
}

func newConn(clock *vtime.Clock, below Below, t *tls.Conn, tally *Tally) *Conn {
	c := &Conn{clock: clock, below: below, tls: t, tally: tally}
	c.free.L = &c.mu
	below.Buffer(c.drained)
	return c
}

// drained lets blocked Writes go on, on the conductor.
func (c *Conn) drained() {
	c.mu.Lock()
	writing := c.writing
	c.mu.Unlock()
	if writing > 0 {
		c.clock.Wake(0, vtime.Func(c.broadcast))
	}
}

func (c *Conn) broadcast() {
	c.mu.Lock()
	c.free.Broadcast()
	c.mu.Unlock()
}

// Protocol returns the application protocol that both ends have agreed on.
func (c *Conn) Protocol() string { return c.tls.ConnectionState().NegotiatedProtocol }

// Key identifies the connection among all that happens in one instant.
func (c *Conn) Key() vtime.Key {
	k := c.below.Key()
	k.B |= 1 << 63 // apart from the connection below
	return k
}

// Read reads what the other side has written.
func (c *Conn) Read(p []byte) (int, error) {
	if !c.ready.Load() {
		if err := c.tls.Handshake(); err != nil {
			return 0, err
		}
		c.ready.Store(true)
	}
	n, err := c.tls.Read(p)
	c.tally.Received.Add(int64(n))
	return n, err
}

// Write gathers p for the end of the instant. It blocks while the send buffer
// of the connection below is full, which that of a dialled one never is.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for {
		if c.closing {
			return n, net.ErrClosed
		}
		if c.err != nil {
			return n, c.err
		}
		if _, err := c.below.Write(nil); err != nil { // it has ended
			return n, err
		}
		k := len(p) - n
		if room, limited := c.below.Room(); limited {
			k = max(min(k, room-len(c.out)), 0)
		}
		if k > 0 {
			c.tally.Sent.Add(int64(k))
			c.out = append(c.out, p[n:n+k]...)
			n += k
			c.post()
		}
		if n == len(p) {
			return n, nil
		}
		c.writing++
		c.free.Wait()
		c.writing--
	}
}

// Close sends what was written and the closure alert, and ends the connection.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return net.ErrClosed
	}
	c.closing = true
	c.post()
	c.free.Broadcast()
	return nil
}

func (c *Conn) post() {
	if !c.posted {
		c.posted = true
		c.clock.Post(c.Key(), c)
	}
}

// Fire hands what was written to TLS, on the conductor. It does not touch TLS
// during a handshake, whose goroutine holds a mutex while it waits.
func (c *Conn) Fire() {
	c.mu.Lock()
	out := c.out
	c.out, c.posted = nil, false
	closing := c.closing
	c.mu.Unlock()
	var err error
	if len(out) > 0 {
		if c.ready.Load() {
			_, err = c.tls.Write(out) // the connection below does not block
		} else {
			err = errors.New("secure: written to before the handshake")
		}
	}
	if err != nil {
		c.mu.Lock()
		c.err = err
		c.mu.Unlock()
		c.clock.Wake(0, vtime.Func(c.broadcast))
	}
	if closing {
		c.clock.Wake(0, vtime.Func(func() {
			if !c.ready.Load() {
				c.below.Close()
				return
			}
			c.tls.Close()
		}))
	}
}

// LocalAddr returns the address below.
func (c *Conn) LocalAddr() net.Addr { return c.below.LocalAddr() }

// RemoteAddr returns the other side's address.
func (c *Conn) RemoteAddr() net.Addr { return c.below.RemoteAddr() }

// SetDeadline sets the deadlines of the connection below.
func (c *Conn) SetDeadline(t time.Time) error { return c.below.SetDeadline(t) }

// SetReadDeadline sets the deadline for Reads.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.below.SetReadDeadline(t) }

// SetWriteDeadline has no effect: Write does not block.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }
