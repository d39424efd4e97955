package firewall

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"protosim/model/vtime"
)

// passage is one client's connection on its way through.
type passage struct {
	f      *Firewall
	key    vtime.Key
	target string
	client *metered
	watch  *watch
	reach  sync.Once // it is the first time that a server is reached
	linger sync.Once
	asking atomic.Bool // a request is on its way, or its response

	mu      sync.Mutex
	server  *metered // the present one
	stopped bool     // refused or cut off
	muted   bool     // and nobody is told
	aborted bool
	parted  bool     // the client has been told that it is over
	ends    []func() // to be called when it ends
}

func (f *Firewall) admit(client net.Conn, target string) *passage {
	p := &passage{f: f, key: keyOf(client), target: target}
	p.client = &metered{Conn: client, p: p, client: true}
	p.watch = newWatch(p)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ctx.Err() != nil {
		p.watch.end()
		return nil
	}
	f.stats.Connections++
	f.passages[p] = struct{}{}
	return p
}

// leave ends what remains. A client that is not to know waits until it gives up.
func (p *passage) leave() {
	p.mu.Lock()
	muted := p.muted
	server := p.server
	ends := p.ends
	p.ends = nil
	p.mu.Unlock()
	if server != nil {
		server.Conn.Close()
	}
	if muted {
		io.Copy(io.Discard, p.client)
	}
	p.watch.end()
	for _, end := range ends {
		end()
	}
	p.client.Conn.Close()
	p.f.mu.Lock()
	delete(p.f.passages, p)
	p.f.mu.Unlock()
}

// stop refuses the connection or cuts it off. The first reason counts.
func (p *passage) stop(why Reason) {
	p.mu.Lock()
	first := !p.stopped && !p.aborted
	p.stopped = true
	if first && p.f.cfg.Silent {
		p.muted = true
	}
	p.mu.Unlock()
	if !first {
		return
	}
	p.refused(why)
	if why == Killed {
		p.f.count(func(s *Stats) { s.UpgradesKilled++ })
	}
	if !p.f.cfg.Silent {
		p.abort()
	}
}

// abort resets both sides.
func (p *passage) abort() {
	p.mu.Lock()
	server := p.server
	p.aborted = true
	p.mu.Unlock()
	abort(p.client.Conn)
	if server != nil {
		abort(server.Conn)
	}
}

func (p *passage) isMuted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.muted
}

// over reports whether the client is not to be answered any more.
func (p *passage) over() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.muted || p.aborted || p.parted
}

func (p *passage) isAborted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.aborted
}

// connect dials a server.
func (p *passage) connect(target string) (*metered, error) {
	ctx, cancel := p.f.time.WithTimeout(p.f.ctx, p.key, p.f.cfg.ConnectTimeout)
	defer cancel()
	conn, err := p.f.dial(ctx, "tcp", target)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, err
	}
	m := &metered{Conn: conn, p: p}
	p.mu.Lock()
	p.server = m
	aborted := p.aborted
	p.mu.Unlock()
	if aborted { // meanwhile
		abort(conn)
		return nil, net.ErrClosed
	}
	p.reach.Do(func() { p.f.count(func(s *Stats) { s.Passed++ }) })
	return m, nil
}

// part says good-bye to the client: its stream ends, and what it still sends is
// read and forgotten, or a reset might overtake what was written last. That
// does not take for ever.
func (p *passage) part(client net.Conn) {
	if p.isMuted() {
		return
	}
	p.linger.Do(func() {
		p.mu.Lock()
		p.parted = true
		p.mu.Unlock()
		closeWrite(client)
		ctx, cancel := p.f.time.WithTimeout(context.Background(), p.key, lingering)
		stop := context.AfterFunc(ctx, func() {
			cancel()
			p.abort()
		})
		p.mu.Lock()
		p.ends = append(p.ends, func() { stop(); cancel() })
		p.mu.Unlock()
	})
}
