package vtime

import (
	"context"
	"time"
)

// WithTimeout returns a context that ends after d of virtual time, with the
// cause context.DeadlineExceeded (its Err is context.Canceled). Unlike those of package context, timeouts due at
// the same time end one after the other, in an order that does not change.
// cancel must be called; it may be called by any goroutine.
func (c *Clock) WithTimeout(parent context.Context, key Key, d time.Duration) (ctx context.Context, cancel func()) {
	ctx, end := context.WithCancelCause(parent)
	deadline := c.Now() + d
	t := c.NewTimer(true, func() { end(context.DeadlineExceeded) })
	c.Post(key, Func(func() {
		if ctx.Err() == nil {
			t.Set(deadline)
		}
	}))
	return ctx, func() {
		end(context.Canceled)
		c.Post(key, Func(t.Stop))
	}
}
