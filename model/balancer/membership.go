package balancer

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

// Add puts a backend into service. One of a known name returns to service,
// perhaps at another address: after a drain, after Remove, or after SetDown.
func (b *Balancer) Add(backend Backend) { b.add(backend, true) }

// add starts a backend's share slowly where that is configured, except for
// those that are there from the beginning.
func (b *Balancer) add(backend Backend, slowly bool) {
	b.mu.Lock()
	m := b.member(backend.Name)
	if m == nil {
		m = &member{
			candidate: candidate{hash: hash(backend.Name), weight: 1},
			Backend:   backend,
			number:    len(b.members),
			cookie:    fmt.Sprintf("%016x", mix(hash(backend.Name))), // the same after a restart, and from every balancer
			carries:   map[*carried]struct{}{},
			load:      load{step: b.cfg.LoadStep},
		}
		m.ctx, m.remove = context.WithCancel(b.ctx)
		b.members = append(b.members, m)
		b.open(m)
	} else {
		if m.ctx.Err() != nil {
			m.ctx, m.remove = context.WithCancel(b.ctx)
			m.Address = backend.Address
			b.open(m)
		}
		m.Address = backend.Address
		m.down, m.unhealthy, m.suspended, m.failures = false, false, 0, window{}
		m.endDrain()
		m.draining = false
	}
	if slowly {
		m.rising, m.since = true, b.time.Now()
	}
	b.mu.Unlock()
}

// open makes what a member has while it is not removed. The mutex is held.
func (b *Balancer) open(m *member) {
	if b.cfg.Kind == L7 {
		m.transport = b.newTransport(func(ctx context.Context) (net.Conn, error) { return b.connect(ctx, m) })
	}
	b.startChecks(m)
}

// Remove takes a backend out at once, with all that it carries. Drain first
// to let that finish.
func (b *Balancer) Remove(name string) {
	m := b.find(name)
	if m == nil {
		return
	}
	m.remove()
	b.cut(m, errRemoved)
	m.closeConnections()
	b.mu.Lock()
	m.endDrain()
	b.mu.Unlock()
}

// Drain gives a backend nothing new. What it carries may finish; after grace
// (0: Config.DrainTimeout) the rest is cut off, requests as well as upgraded
// connections. done is closed when nothing is left. Add ends a drain.
func (b *Balancer) Drain(name string, grace time.Duration) (done <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.member(name)
	if m == nil || m.ctx.Err() != nil {
		none := make(chan struct{})
		close(none)
		return none
	}
	if m.draining && m.drained != nil {
		return m.drained
	}
	m.draining = true
	drained := make(chan struct{})
	m.drained = drained
	if m.active == 0 {
		m.endDrain()
		return drained
	}
	preset(&grace, b.cfg.DrainTimeout)
	m.dials++
	ctx, cancel := b.time.WithTimeout(m.ctx, b.key(m, m.dials), grace)
	stop := context.AfterFunc(ctx, func() {
		if context.Cause(ctx) == context.DeadlineExceeded {
			b.cut(m, errDrained)
		}
	})
	m.timer = func() { stop(); cancel() }
	return drained
}

// endDrain tells that a drain is over. The mutex is held.
func (m *member) endDrain() {
	if m.drained != nil {
		close(m.drained)
		m.drained = nil
	}
	if m.timer != nil {
		m.timer()
		m.timer = nil
	}
	if m.transport != nil && m.draining {
		m.transport.CloseIdleConnections()
	}
}

// SetDown takes a backend out of the choice, or puts it back, as a health
// check would: what it carries goes on.
func (b *Balancer) SetDown(name string, down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := b.member(name); m != nil && m.down != down {
		m.down = down
		if !down {
			m.rising, m.since = true, b.time.Now()
		}
	}
}

// Backends returns the backends that have not been removed.
func (b *Balancer) Backends() []Backend {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Backend
	for _, m := range b.members {
		if m.ctx.Err() == nil {
			list = append(list, m.Backend)
		}
	}
	return list
}

// member returns the member of that name, or nil. The mutex is held.
func (b *Balancer) member(name string) *member {
	i := slices.IndexFunc(b.members, func(m *member) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return b.members[i]
}

func (b *Balancer) find(name string) *member {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.member(name)
}

// newTransport returns what carries requests to one backend.
func (b *Balancer) newTransport(dial func(context.Context) (net.Conn, error)) *http.Transport {
	t := &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DisableCompression:  true,
		DisableKeepAlives:   b.cfg.KeepAlive < 0,
		MaxIdleConnsPerHost: b.cfg.KeepAlive,
		IdleConnTimeout:     b.cfg.BackendKeepAlive,
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}
