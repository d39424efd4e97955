package vtime_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"protosim/model/vtime"
)

// atCores calls f at several settings of GOMAXPROCS.
func atCores(t *testing.T, f func(t *testing.T)) {
	for _, cores := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", cores), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			f(t)
		})
	}
}

// crowd starts n goroutines in any order, which all go on at once when the
// function that it returns is called.
func crowd(n int, f func(i int)) (release func(), wg *sync.WaitGroup) {
	gate := make(chan struct{})
	wg = new(sync.WaitGroup)
	for _, i := range rand.Perm(n) {
		wg.Go(func() {
			<-gate
			f(i)
		})
	}
	return func() { close(gate) }, wg
}

// Goroutines that yield in one instant go on one by one, in the order of their
// keys, and none before all have asked.
func TestYieldOrder(t *testing.T) {
	atCores(t, func(t *testing.T) {
		const n = 500
		for range 5 {
			var order []int // needs no lock: one goroutine at a time
			run(t, func(c *vtime.Clock) error {
				release, wg := crowd(n, func(i int) {
					for round := range 2 {
						c.Yield(vtime.Key{A: uint64(i / 10), B: uint64(i % 10)})
						order = append(order, round*n+i)
					}
				})
				release()
				wg.Wait()
				if c.Now() != 0 {
					t.Errorf("yielding took %v", c.Now())
				}
				return nil
			})
			if len(order) != 2*n || !slices.IsSorted(order) {
				t.Fatalf("order of %d wakings: %v…", len(order), order[:20])
			}
		}
	})
}

// Sleepers go on by the time at which they are due, then by when they fell
// asleep, then by key.
func TestSleepOrder(t *testing.T) {
	atCores(t, func(t *testing.T) {
		const n = 300
		type waking struct {
			due, asleep time.Duration
			key         int
		}
		var order []waking
		run(t, func(c *vtime.Clock) error {
			release, wg := crowd(n, func(i int) {
				key := vtime.Key{A: uint64(i)}
				for j := range 5 {
					asleep := c.Now()
					d := time.Duration((i*7+j*3)%5) * ms
					if err := c.Sleep(context.Background(), key, d); err != nil {
						t.Error(err)
					}
					if c.Now() != asleep+d {
						t.Errorf("slept %v instead of %v", c.Now()-asleep, d)
					}
					order = append(order, waking{c.Now(), asleep, i})
				}
			})
			release()
			wg.Wait()
			return nil
		})
		byKey := slices.IsSortedFunc(order, func(a, b waking) int {
			if a.due != b.due {
				return int(a.due - b.due)
			}
			return int(a.asleep - b.asleep)
		})
		if len(order) != 5*n || !byKey {
			t.Fatalf("%d wakings, in order: %v", len(order), byKey)
		}
		reference(t, order)
	})
}

// orders holds the first order seen by reference, by test.
var orders = map[string]any{}

// reference fails the test if order differs from what the same test had at
// another number of cores.
func reference[T comparable](t *testing.T, order []T) {
	t.Helper()
	name := t.Name()[:slices.Index([]byte(t.Name()), '/')]
	if first, ok := orders[name]; !ok {
		orders[name] = order
	} else if !slices.Equal(first.([]T), order) {
		t.Error("the order differs from that at another number of cores")
	}
}

// What goroutines started with Go do in one instant happens in the order of
// their keys.
func TestGoOrder(t *testing.T) {
	atCores(t, func(t *testing.T) {
		const n = 300
		var order []int
		run(t, func(c *vtime.Clock) error {
			var done sync.WaitGroup
			done.Add(n)
			release, wg := crowd(n, func(i int) {
				c.Go(vtime.Key{A: uint64(i)}, func() {
					defer done.Done()
					order = append(order, i)
				})
			})
			release()
			wg.Wait()
			done.Wait()
			return nil
		})
		if len(order) != n || !slices.IsSorted(order) {
			t.Fatalf("order: %v", order)
		}
	})
}

// Sleep returns the cause of its context's end, at once if it has ended before.
func TestSleepCancelled(t *testing.T) {
	reason := errors.New("enough")
	run(t, func(c *vtime.Clock) error {
		ctx, cancel := context.WithCancelCause(context.Background())
		c.Go(vtime.Key{A: 1}, func() {
			c.Sleep(context.Background(), vtime.Key{A: 1}, 10*ms)
			cancel(reason)
		})
		if err := c.Sleep(ctx, vtime.Key{}, time.Hour); err != reason || c.Now() != 10*ms {
			t.Errorf("Sleep returned %v at %v, want the cause at 10ms", err, c.Now())
		}
		if err := c.Sleep(ctx, vtime.Key{}, time.Hour); err != reason || c.Now() != 10*ms {
			t.Errorf("Sleep with an ended context returned %v at %v", err, c.Now())
		}
		return nil
	})
}

// A waiter given up by its goroutine does not wake another that sleeps later.
func TestSleepAfterCancelled(t *testing.T) {
	run(t, func(c *vtime.Clock) error {
		for range 10 {
			ctx, cancel := c.WithTimeout(context.Background(), vtime.Key{A: 1}, ms)
			if err := c.Sleep(ctx, vtime.Key{}, 5*ms); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Sleep returned %v", err)
			}
			cancel()
			before := c.Now()
			c.Sleep(context.Background(), vtime.Key{}, 50*ms)
			if d := c.Now() - before; d != 50*ms {
				t.Errorf("slept %v instead of 50ms", d)
			}
		}
		return nil
	})
}
