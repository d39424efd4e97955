package vtime_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"protosim/model/vtime"
)

// Events fire in the order of their times, and at the same time in the order
// in which they were scheduled, those included that events schedule.
func TestEventOrder(t *testing.T) {
	type record struct {
		at time.Duration
		id int
	}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		var fired, want []record
		run(t, func(c *vtime.Clock) error {
			id := 0
			var schedule func(depth int)
			schedule = func(depth int) {
				id++
				e := record{c.Now() + time.Duration(r.IntN(5))*500*time.Microsecond, id}
				want = append(want, e)
				event := vtime.Func(func() {
					fired = append(fired, record{c.Now(), e.id})
					for range depth {
						schedule(depth - 1)
					}
				})
				if r.IntN(2) == 0 {
					c.At(e.at, event)
				} else {
					c.Wake(e.at, event)
				}
			}
			conduct(c, func() {
				for range 10 {
					schedule(3)
				}
			})
			return nil
		})
		slices.SortStableFunc(want, func(a, b record) int { return int(a.at - b.at) })
		if !slices.Equal(fired, want) {
			t.Fatalf("seed %d: order %v\nwant %v", seed, fired, want)
		}
	}
}

// A time that has passed means now: the clock never goes back.
func TestPastMeansNow(t *testing.T) {
	var at time.Duration
	run(t, func(c *vtime.Clock) error {
		conduct(c, func() {
			c.At(5*ms, vtime.Func(func() {
				c.At(2*ms, vtime.Func(func() { at = c.Now() }))
			}))
		})
		return nil
	})
	if at != 5*ms {
		t.Errorf("an event for 2ms scheduled at 5ms fired at %v", at)
	}
}

// Run ends when main has returned and the last event has fired, and counts
// each of them.
func TestRunFiresWhatIsLeft(t *testing.T) {
	var last time.Duration
	var fired uint64
	run(t, func(c *vtime.Clock) error {
		conduct(c, func() {
			for i := range 9 {
				c.At(time.Duration(i)*time.Second, vtime.Func(func() { last, fired = c.Now(), c.Fired() }))
			}
		})
		return nil
	})
	if last != 8*time.Second {
		t.Errorf("the last event fired at %v, want 8s", last)
	}
	if fired != 10 {
		t.Errorf("%d events were counted, want 10: main's start and nine more", fired)
	}
}

func TestRunReturnsMainsError(t *testing.T) {
	want := errors.New("main failed")
	if err := vtime.Run(context.Background(), func(*vtime.Clock) error { return want }); err != want {
		t.Errorf("Run returned %v", err)
	}
}

// A panic on any goroutine that the clock knows of is an error of the run, with
// the virtual time and the stack.
func TestPanicBecomesError(t *testing.T) {
	for name, main := range map[string]func(*vtime.Clock) error{
		"main": func(*vtime.Clock) error { panic("ouch") },
		"goroutine": func(c *vtime.Clock) error {
			c.Go(vtime.Key{}, func() { panic("ouch") })
			return nil
		},
		"event": func(c *vtime.Clock) error {
			conduct(c, func() { c.At(3*ms, vtime.Func(func() { panic("ouch") })) })
			return nil
		},
		"post": func(c *vtime.Clock) error {
			conduct(c, func() { panic("ouch") })
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := vtime.Run(context.Background(), main)
			if err == nil || !strings.Contains(err.Error(), "ouch") || !strings.Contains(err.Error(), "clock_test.go") {
				t.Errorf("Run returned %v, want the panic and where it was", err)
			}
		})
	}
}

// Goroutines that wait for what never comes are an error, and do not hang the
// program.
func TestStalled(t *testing.T) {
	err := vtime.Run(context.Background(), func(*vtime.Clock) error {
		select {}
	})
	if !errors.Is(err, vtime.ErrStalled) {
		t.Errorf("Run returned %v, want ErrStalled", err)
	}
}

// A goroutine that outlives the run is an error even if main was content.
func TestLeftBehind(t *testing.T) {
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		go func() { select {} }()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "deadlock") {
		t.Errorf("Run returned %v, want a report of the goroutine left behind", err)
	}
}

// The first failure counts, and ends the run at once.
func TestFail(t *testing.T) {
	first := errors.New("first")
	later := false
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		conduct(c, func() {
			c.At(ms, vtime.Func(func() {
				c.Fail(first)
				c.Fail(errors.New("second"))
			}))
			c.At(2*ms, vtime.Func(func() { later = true }))
		})
		return nil
	})
	if err != first || later {
		t.Errorf("Run returned %v and went on: %v; want the first failure at once", err, later)
	}
}

// A goroutine may fail the run while the conductor waits for a timer of the
// standard library.
func TestFailWhileAsleep(t *testing.T) {
	want := errors.New("from a timer")
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		time.Sleep(time.Second)
		c.Fail(want)
		<-c.Context().Done()
		return nil
	})
	if err != want {
		t.Errorf("Run returned %v", err)
	}
}

// When the outer context ends, main sees it in virtual time, cleans up and
// returns, and its error is the run's.
func TestInterrupted(t *testing.T) {
	outer, interrupt := context.WithCancelCause(context.Background())
	reason := errors.New("the user pressed a key")
	var slept error
	cleaned := false
	err := vtime.Run(outer, func(c *vtime.Clock) error {
		for i := 0; ; i++ {
			if i == 1000 {
				interrupt(reason)
			}
			if err := c.Sleep(c.Context(), vtime.Key{}, time.Second); err != nil {
				slept = err
				break
			}
			if i == 1_000_000 {
				return errors.New("not interrupted")
			}
		}
		cleaned = c.Sleep(context.Background(), vtime.Key{}, time.Second) == nil
		return slept
	})
	if err != reason || !cleaned {
		t.Errorf("Run returned %v, cleaned up: %v; want the cause and true", err, cleaned)
	}
}

// A run whose context has ended before it began sees that from the start,
// however short it is.
func TestInterruptedBefore(t *testing.T) {
	outer, interrupt := context.WithCancel(context.Background())
	interrupt()
	err := vtime.Run(outer, func(c *vtime.Clock) error { return c.Context().Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v, want context.Canceled", err)
	}
}

// Timers of the standard library fire at their own time between the clock's
// events, and what they start is served at that time.
func TestStandardTimers(t *testing.T) {
	var order []string
	run(t, func(c *vtime.Clock) error {
		note := func(what string) { order = append(order, what+" "+c.Now().String()) }
		var wg sync.WaitGroup
		wg.Add(2)
		time.AfterFunc(15*ms, func() {
			c.Post(vtime.Key{}, vtime.Func(func() {
				note("AfterFunc")
				c.Wake(0, vtime.Func(wg.Done))
			}))
		})
		ctx, cancel := context.WithTimeout(context.Background(), 25*ms)
		defer cancel()
		c.Go(vtime.Key{A: 1}, func() {
			defer wg.Done()
			c.Sleep(ctx, vtime.Key{A: 1}, time.Hour)
			note("timeout")
		})
		for i := range 4 {
			conduct(c, func() {
				c.At(time.Duration(i)*10*ms, vtime.Func(func() { note("event") }))
			})
		}
		wg.Wait()
		return nil
	})
	want := []string{"event 0s", "event 10ms", "AfterFunc 15ms", "event 20ms", "timeout 25ms", "event 30ms"}
	if !slices.Equal(order, want) {
		t.Errorf("order %q\nwant  %q", order, want)
	}
}

// A goroutine that a timer of the standard library has woken sees the right
// time, and sleeps from it.
func TestSleepAfterStandardTimer(t *testing.T) {
	run(t, func(c *vtime.Clock) error {
		time.Sleep(25 * ms)
		if c.Now() != 25*ms {
			t.Errorf("woken at %v, want 25ms", c.Now())
		}
		c.Sleep(context.Background(), vtime.Key{}, 10*ms)
		if c.Now() != 35*ms {
			t.Errorf("slept until %v, want 35ms", c.Now())
		}
		return nil
	})
}

// The bubble's own clock is right whenever a goroutine looks at it.
func TestBubblesClock(t *testing.T) {
	run(t, func(c *vtime.Clock) error {
		began := time.Now()
		for i := range 100 {
			d := time.Duration(i) * 17 * time.Microsecond
			before := c.Now()
			if err := c.Sleep(context.Background(), vtime.Key{}, d); err != nil {
				return err
			}
			if c.Now() != before+d || time.Since(began) != c.Now() || c.Since(time.Now()) != c.Now() {
				t.Fatalf("slept %v from %v: it is %v by the clock and %v by the bubble", d, before, c.Now(), time.Since(began))
			}
		}
		return nil
	})
}
