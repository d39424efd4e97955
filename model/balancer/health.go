package balancer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"protosim/model/transport"
	"protosim/model/vtime"
)

// checker sends one member its active checks.
type checker struct {
	b         *Balancer
	m         *member
	ctx       context.Context // ends with the member
	transport *http.Transport // nil: open a connection only
	address   string
	n         uint64 // of the present check
	row       int    // checks in a row that went the same way
	good      bool   // which way
}

// startChecks begins the active checks of a member. The first comes after a
// part of the interval, so that those of several members spread out. The mutex
// is held.
func (b *Balancer) startChecks(m *member) {
	h := b.cfg.Health
	if h.Interval <= 0 {
		return
	}
	c := &checker{b: b, m: m, ctx: m.ctx, address: m.Address}
	if h.Path != "" {
		c.transport = b.newTransport(c.dial)
		c.transport.DisableKeepAlives = true
	}
	first := time.Duration(b.random.Int64N(int64(h.Interval)))
	b.time.Go(b.key(m, 0), func() { c.run(first) })
}

// run checks until the member is removed.
func (c *checker) run(wait time.Duration) {
	for {
		c.n++
		if c.b.time.Sleep(c.ctx, c.key(), wait) != nil {
			return
		}
		began := c.b.time.Now()
		err := c.check()
		c.b.time.Yield(c.key())
		if c.ctx.Err() != nil {
			return
		}
		c.note(err == nil)
		wait = max(c.b.cfg.Health.Interval-(c.b.time.Now()-began), 0)
	}
}

// id identifies the present check as a request.
func (c *checker) id() transport.ID {
	return transport.ID{Client: c.b.id, Serial: uint32(c.m.number)<<20 | uint32(c.n&(1<<20-1))}
}

func (c *checker) key() vtime.Key { return c.id().ProxyKey() }

// check does one check.
func (c *checker) check() error {
	ctx, cancel := c.b.time.WithTimeout(c.ctx, c.key(), c.b.cfg.Health.Timeout)
	defer cancel()
	if c.transport == nil {
		conn, err := c.dial(ctx)
		if err == nil {
			conn.Close()
		}
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+c.b.cfg.Health.Path, nil)
	if err != nil {
		return err
	}
	c.id().Mark(r.Header)
	r.Header.Set("User-Agent", "protosim-health")
	res, err := c.transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return fmt.Errorf("balancer: check of %s: %s", c.m.Name, res.Status)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// dial connects past the counters of the member's connections.
func (c *checker) dial(ctx context.Context) (net.Conn, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer context.AfterFunc(c.ctx, func() { end(errors.New("balancer: no more checks")) })()
	return c.b.dial(ctx, "tcp", c.address)
}

// note draws the conclusion from a check's outcome.
func (c *checker) note(good bool) {
	if good != c.good {
		c.good, c.row = good, 0
	}
	c.row++
	b, m, h := c.b, c.m, c.b.cfg.Health
	b.mu.Lock()
	defer b.mu.Unlock()
	m.stats.Checks++
	if !good {
		m.stats.ChecksBad++
	}
	c.address = m.Address
	switch {
	case good && m.unhealthy && c.row >= h.Rise:
		m.unhealthy, m.suspended, m.failures = false, 0, window{}
		m.rising, m.since = true, b.time.Now()
	case !good && c.row >= h.Fall:
		m.unhealthy = true
	}
}
