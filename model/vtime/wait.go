package vtime

import (
	"context"
	"sync"
	"time"
)

// waiter is one goroutine's Sleep or Yield.
type waiter struct {
	clock  *Clock
	at     time.Duration
	ready  chan struct{}
	queued bool
}

// Fire first, when posted, queues the waiter, and then wakes it.
func (w *waiter) Fire() {
	if !w.queued {
		w.queued = true
		w.clock.Wake(w.at, w)
		return
	}
	w.ready <- struct{}{}
}

// waiterPool keeps waiters for reuse, as most of them live for one event.
type waiterPool struct {
	mu   sync.Mutex
	free []*waiter
}

func (c *Clock) newWaiter(at time.Duration) *waiter {
	p := &c.waiters
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		w := p.free[n-1]
		p.free = p.free[:n-1]
		w.at, w.queued = at, false
		return w
	}
	return &waiter{clock: c, at: at, ready: make(chan struct{}, 1)}
}

func (c *Clock) recycle(w *waiter) {
	p := &c.waiters
	p.mu.Lock()
	p.free = append(p.free, w)
	p.mu.Unlock()
}

// Sleep blocks the calling goroutine for d of virtual time, or until ctx ends,
// and then returns its cause. Sleepers that are due at the same time go on one
// by one, in the order in which they fell asleep, and in the order of their
// keys where that was at the same instant.
func (c *Clock) Sleep(ctx context.Context, key Key, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w := c.newWaiter(c.Now() + max(d, 0))
	c.Post(key, w)
	select {
	case <-w.ready:
		c.recycle(w)
		return nil
	case <-ctx.Done(): // the queue still holds w, so it is not recycled
		return context.Cause(ctx)
	}
}

// Yield lets the calling goroutine go on as an event of its own, at the same
// virtual time, after the goroutines that yield in this instant with lower
// keys. Code that many goroutines reach at once, woken by one event, yields
// before it touches what they share.
func (c *Clock) Yield(key Key) {
	w := c.newWaiter(c.Now())
	c.Post(key, w)
	<-w.ready
	c.recycle(w)
}
