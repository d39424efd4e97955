package vtime

import (
	"context"
	"time"
)

// Time is what model code asks of time. A Clock gives it virtual time; Real
// gives the same code the machine's own, when it is mounted on real sockets.
type Time interface {
	// Now returns the time since the start of the run.
	Now() time.Duration
	// Sleep blocks for d or until ctx ends, and then returns its cause.
	Sleep(ctx context.Context, key Key, d time.Duration) error
	// Yield lets the goroutines that reach it in one instant go on in the order of their keys.
	Yield(key Key)
	// Go starts f on a goroutine of its own.
	Go(key Key, f func())
	// WithTimeout returns a context that ends after d.
	WithTimeout(parent context.Context, key Key, d time.Duration) (context.Context, func())
}

var (
	_ Time = (*Clock)(nil)
	_ Time = (*Real)(nil)
)

// Real is the machine's own time. Goroutines run as they like: keys have no meaning.
type Real struct{ start time.Time }

// NewReal returns a Real that starts now.
func NewReal() *Real { return &Real{start: time.Now()} }

// Now returns the time since NewReal.
func (r *Real) Now() time.Duration { return time.Since(r.start) }

// Sleep blocks for d or until ctx ends.
func (r *Real) Sleep(ctx context.Context, _ Key, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Yield returns at once.
func (r *Real) Yield(Key) {}

// Go starts f.
func (r *Real) Go(_ Key, f func()) { go f() }

// WithTimeout is context.WithTimeout.
func (r *Real) WithTimeout(parent context.Context, _ Key, d time.Duration) (context.Context, func()) {
	return context.WithTimeout(parent, d)
}
