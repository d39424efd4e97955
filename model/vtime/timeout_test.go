package vtime_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"protosim/model/vtime"
)

// A timeout ends its context at its time with DeadlineExceeded, unless cancel
// or the parent comes first; none of them delays the run's end.
func TestWithTimeout(t *testing.T) {
	var c *vtime.Clock
	run(t, func(clock *vtime.Clock) error {
		c = clock
		ctx, cancel := c.WithTimeout(context.Background(), vtime.Key{A: 1}, 30*ms)
		defer cancel()
		<-ctx.Done()
		if c.Now() != 30*ms || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			t.Errorf("ended at %v with %v", c.Now(), context.Cause(ctx))
		}

		ctx, cancel = c.WithTimeout(context.Background(), vtime.Key{A: 2}, time.Hour)
		cancel()
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), context.Canceled) {
			t.Errorf("cancelled, and ended with %v", context.Cause(ctx))
		}

		parent, end := context.WithCancel(context.Background())
		ctx, cancel = c.WithTimeout(parent, vtime.Key{A: 3}, time.Hour)
		end()
		<-ctx.Done()
		cancel()
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("the parent ended, and the child with %v", ctx.Err())
		}
		return nil
	})
	if c.Now() != 30*ms {
		t.Errorf("the run ended at %v, want 30ms", c.Now())
	}
}

// Timeouts due at the same time end in the order of their keys.
func TestWithTimeoutOrder(t *testing.T) {
	atCores(t, func(t *testing.T) {
		const n = 200
		var order []int
		run(t, func(c *vtime.Clock) error {
			release, wg := crowd(n, func(i int) {
				ctx, cancel := c.WithTimeout(context.Background(), vtime.Key{A: uint64(i)}, 10*ms)
				defer cancel()
				<-ctx.Done()
				order = append(order, i)
			})
			release()
			wg.Wait()
			return nil
		})
		if len(order) != n || !slices.IsSorted(order) {
			t.Errorf("order %v", order)
		}
	})
}
