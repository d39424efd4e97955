package balancer

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"

	"protosim/model/transport"
	"protosim/model/vtime"
)

// front is a listener and what is known of its connections.
type front struct {
	net.Listener
	encrypted bool // below what net/http sees
}

type frontKey struct{}

// client is a client's connection.
type client struct {
	encrypted bool
	rejected  bool // beyond MaxConnections
	key       vtime.Key

	mu       sync.Mutex
	gone     bool
	requests uint64
}

type clientKey struct{}

// admit looks at a new connection.
func (b *Balancer) admit(ctx context.Context, conn net.Conn) context.Context {
	c := &client{encrypted: ctx.Value(frontKey{}).(*front).encrypted}
	if _, ok := conn.(*tls.Conn); ok {
		c.encrypted = true
	}
	if k, ok := conn.(interface{ Key() vtime.Key }); ok {
		c.key = k.Key()
	}
	b.mu.Lock()
	b.clients++
	if b.cfg.MaxConnections > 0 && b.clients > b.cfg.MaxConnections {
		c.rejected = true
		b.stats.Rejected++
	}
	b.fronts[conn] = c
	b.mu.Unlock()
	return context.WithValue(ctx, clientKey{}, c)
}

// follow notes connections that end, or are taken over by an upgrade.
func (b *Balancer) follow(conn net.Conn, state http.ConnState) {
	if state != http.StateClosed && state != http.StateHijacked {
		return
	}
	b.mu.Lock()
	c := b.fronts[conn]
	delete(b.fronts, conn)
	b.mu.Unlock()
	if c != nil && state == http.StateClosed {
		b.leave(c)
	}
}

// leave notes that a client's connection has ended.
func (b *Balancer) leave(c *client) {
	c.mu.Lock()
	gone := c.gone
	c.gone = true
	c.mu.Unlock()
	if !gone {
		b.mu.Lock()
		b.clients--
		b.mu.Unlock()
	}
}

func clientOf(r *http.Request) *client { return r.Context().Value(clientKey{}).(*client) }

// requestKey orders what is done for a request. Without an identity, those of
// one connection share a key, with a number where they follow one another.
func (c *client) requestKey(r *http.Request) vtime.Key {
	if id, err := transport.RequestID(r.Header); err == nil {
		return id.ProxyKey()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	return vtime.Key{A: c.key.A, B: c.key.B | 1<<60 | c.requests<<40}
}
