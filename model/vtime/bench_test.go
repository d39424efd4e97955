package vtime_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"protosim/model/vtime"
)

// chain is an event that schedules itself again until none is left.
type chain struct {
	clock *vtime.Clock
	left  int
}

func (e *chain) Fire() {
	if e.left--; e.left > 0 {
		e.clock.At(e.clock.Now()+time.Microsecond, e)
	}
}

func BenchmarkEvents(b *testing.B) {
	b.ReportAllocs()
	run(b, func(c *vtime.Clock) error {
		const chains = 64 // events in the queue at a time
		conduct(c, func() {
			for range chains {
				c.At(0, &chain{c, b.N/chains + 1})
			}
		})
		return nil
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkTimer(b *testing.B) {
	b.ReportAllocs()
	run(b, func(c *vtime.Clock) error {
		conduct(c, func() {
			retransmission := c.NewTimer(false, func() {})
			n := 0
			var tick *vtime.Timer
			tick = c.NewTimer(false, func() {
				retransmission.Set(c.Now() + time.Second)
				if n++; n < b.N {
					tick.Set(c.Now() + time.Microsecond)
				}
			})
			tick.Set(0)
		})
		return nil
	})
}

func BenchmarkSleep(b *testing.B) {
	b.ReportAllocs()
	run(b, func(c *vtime.Clock) error {
		for range b.N {
			c.Sleep(context.Background(), vtime.Key{}, time.Microsecond)
		}
		return nil
	})
}

// BenchmarkYield has a hundred goroutines yield at a time.
func BenchmarkYield(b *testing.B) {
	b.ReportAllocs()
	run(b, func(c *vtime.Clock) error {
		const crowd = 100
		var wg sync.WaitGroup
		for i := range crowd {
			wg.Go(func() {
				for range b.N/crowd + 1 {
					c.Yield(vtime.Key{A: uint64(i)})
				}
			})
		}
		wg.Wait()
		return nil
	})
}

// The loop over quiet events allocates nothing.
func TestEventsDoNotAllocate(t *testing.T) {
	if got := allocations(t, func(c *vtime.Clock, n int) { c.At(0, &chain{c, n}) }); got > 0 {
		t.Errorf("%v allocations for each event", got)
	}
}

// A timer that is moved with every event allocates nothing either.
func TestTimersDoNotAllocate(t *testing.T) {
	got := allocations(t, func(c *vtime.Clock, n int) {
		moved := c.NewTimer(false, func() {})
		var tick *vtime.Timer
		tick = c.NewTimer(false, func() {
			moved.Set(c.Now() + time.Second)
			if n--; n > 0 {
				tick.Set(c.Now() + time.Microsecond)
			}
		})
		tick.Set(0)
	})
	if got > 0 {
		t.Errorf("%v allocations for each event", got)
	}
}

// allocations returns how many allocations each of n events costs beyond those
// of a run with few.
func allocations(t *testing.T, start func(c *vtime.Clock, n int)) float64 {
	const few, many = 100, 20_100
	measure := func(n int) float64 {
		return testing.AllocsPerRun(3, func() {
			err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
				conduct(c, func() { start(c, n) })
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	// Whole thousandths, for the runtime allocates now and then.
	return float64(int(1000*(measure(many)-measure(few))/(many-few))) / 1000
}
