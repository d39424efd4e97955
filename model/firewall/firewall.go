// Package firewall is the middleboxes that stand between some clients and
// everything else: ordinary Go over net.Conn and a dial function, so that the
// same code runs on the simulated network and on real sockets.
//
// Each of them works on the bytes that pass, by one connection to the client
// and another to the server:
//
//	kind.go       the kinds, and what each makes of a connection
//	pass.go       carries it as it is; what other kinds do with what they cannot read
//	block.go      refuses it by its port
//	proxy.go      HTTP/1.1 through a proxy, a request at a time
//	response.go   and the way back
//	upgrade.go    what becomes of an Upgrade: forwarded, stripped, forbidden, killed
//	intercept.go  TLS ended and begun anew, with an authority of its own (authority.go)
//	explicit.go   the proxy that clients know of, with CONNECT
//	limit.go      idle timeout, limits of bytes and time
//
// On the simulated network a Gateway puts a firewall in the way of clients'
// dials.
package firewall

import (
	"context"
	"errors"
	"net"
	"sync"

	"protosim/model/vtime"
)

// Dial connects to an address, like net.Dialer.DialContext.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Firewall is one middlebox. Its methods may be called by any goroutine.
type Firewall struct {
	time vtime.Time
	cfg  Config
	dial Dial

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu        sync.Mutex
	listeners []net.Listener
	passages  map[*passage]struct{}
	stats     Stats
}

// New returns a firewall that reaches servers by dial. It panics if the
// configuration is not valid.
func New(t vtime.Time, cfg Config, dial Dial) *Firewall {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	f := &Firewall{time: t, cfg: cfg.withDefaults(), dial: dial, passages: map[*passage]struct{}{}}
	f.stats.Refused = map[Reason]int{}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// Serve serves the connections that l accepts, until Close: clients of an
// explicit proxy, or connections that were meant for Config.Target.
func (f *Firewall) Serve(l net.Listener) error { return f.serve(l, f.cfg.Target) }

func (f *Firewall) serve(l net.Listener, target string) error {
	f.mu.Lock()
	closed := f.ctx.Err() != nil
	f.listeners = append(f.listeners, l)
	f.mu.Unlock()
	if closed {
		l.Close()
		return net.ErrClosed
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			if f.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return net.ErrClosed
			}
			return err
		}
		f.time.Go(keyOf(conn), func() { f.Handle(conn, target) })
	}
}

// Handle serves one intercepted connection, which the client meant for target,
// to its end. Each has a goroutine of its own.
func (f *Firewall) Handle(client net.Conn, target string) {
	p := f.admit(client, target)
	if p == nil {
		abort(client)
		return
	}
	defer p.leave()
	p.run()
}

// Close ends the firewall and all that passes through it.
func (f *Firewall) Close() {
	f.cancel()
	f.mu.Lock()
	listeners := f.listeners
	f.listeners = nil
	var open []*passage
	for p := range f.passages {
		open = append(open, p)
	}
	f.mu.Unlock()
	for _, l := range listeners {
		l.Close()
	}
	for _, p := range open {
		p.abort()
	}
}

// keyOf orders what is done for a connection. Those of real sockets need no order.
func keyOf(conn net.Conn) vtime.Key {
	var key vtime.Key
	if k, ok := conn.(interface{ Key() vtime.Key }); ok {
		key = k.Key()
	}
	key.B |= 1 << 59
	return key
}

// abort ends a connection with a reset, or as it can.
func abort(c net.Conn) {
	switch c := c.(type) {
	case interface{ Abort() error }:
		c.Abort()
		return
	case *net.TCPConn:
		c.SetLinger(0)
	}
	c.Close()
}

// closeWrite ends the stream to the other side.
func closeWrite(c net.Conn) {
	if c, ok := c.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
		return
	}
	c.Close()
}
