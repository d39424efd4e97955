package vtime_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"protosim/model/vtime"
)

// A timer fires at the latest time set, whether that was moved back or forth,
// once, and not after Stop.
func TestTimer(t *testing.T) {
	for name, test := range map[string]struct {
		use  func(*vtime.Timer)
		want []time.Duration
	}{
		"set":               {func(tm *vtime.Timer) { tm.Set(5 * ms) }, []time.Duration{5 * ms}},
		"later":             {func(tm *vtime.Timer) { tm.Set(5 * ms); tm.Set(9 * ms) }, []time.Duration{9 * ms}},
		"earlier":           {func(tm *vtime.Timer) { tm.Set(5 * ms); tm.Set(2 * ms) }, []time.Duration{2 * ms}},
		"earlier and later": {func(tm *vtime.Timer) { tm.Set(5 * ms); tm.Set(2 * ms); tm.Set(7 * ms) }, []time.Duration{7 * ms}},
		"stopped":           {func(tm *vtime.Timer) { tm.Set(5 * ms); tm.Stop() }, nil},
		"stopped and set":   {func(tm *vtime.Timer) { tm.Set(5 * ms); tm.Stop(); tm.Set(3 * ms) }, []time.Duration{3 * ms}},
		"stopped and later": {func(tm *vtime.Timer) { tm.Set(5 * ms); tm.Stop(); tm.Set(8 * ms) }, []time.Duration{8 * ms}},
		"past":              {func(tm *vtime.Timer) { tm.Set(-5 * ms) }, []time.Duration{0}},
		"never set":         {func(tm *vtime.Timer) { tm.Stop() }, nil},
	} {
		for _, wakes := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var fired []time.Duration
				run(t, func(c *vtime.Clock) error {
					conduct(c, func() {
						tm := c.NewTimer(wakes, func() { fired = append(fired, c.Now()) })
						test.use(tm)
						if tm.Armed() != (test.want != nil) {
							t.Errorf("armed: %v", tm.Armed())
						}
						if tm.Armed() && tm.Deadline() != test.want[0] {
							t.Errorf("deadline %v, want %v", tm.Deadline(), test.want[0])
						}
					})
					return nil
				})
				if !slices.Equal(fired, test.want) {
					t.Errorf("fired at %v, want %v", fired, test.want)
				}
			})
		}
	}
}

// Whatever is done to a timer, it fires exactly when the last instruction said.
func TestTimerProperty(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		var fired, want []time.Duration
		run(t, func(c *vtime.Clock) error {
			conduct(c, func() {
				armed, deadline := false, time.Duration(0)
				tm := c.NewTimer(r.IntN(2) == 0, func() {
					fired = append(fired, c.Now())
					want = append(want, deadline)
					if !armed {
						t.Errorf("seed %d: fired at %v after Stop", seed, c.Now())
					}
					armed = false
				})
				for i := range 50 {
					// A microsecond aside, so that firing and setting never meet.
					c.At(time.Duration(i)*ms+time.Microsecond, vtime.Func(func() {
						if armed && deadline < c.Now() {
							t.Errorf("seed %d: not fired at %v", seed, deadline)
						}
						switch r.IntN(4) {
						case 0:
							tm.Stop()
							armed = false
						case 1, 2:
							deadline = c.Now().Truncate(ms) + time.Duration(1+r.IntN(10))*ms
							tm.Set(deadline)
							armed = true
						}
					}))
				}
			})
			return nil
		})
		if !slices.Equal(fired, want) {
			t.Fatalf("seed %d: fired at %v, want %v", seed, fired, want)
		}
	}
}

// An entry of the queue that no longer counts does not move the clock: a
// timer that was stopped does not prolong the run.
func TestStaleTimer(t *testing.T) {
	var began, ended time.Time
	var c *vtime.Clock
	run(t, func(clock *vtime.Clock) error {
		c, began = clock, time.Now()
		conduct(c, func() {
			stopped := c.NewTimer(true, func() { t.Error("a stopped timer fired") })
			stopped.Set(time.Hour)
			stopped.Stop()
			moved := c.NewTimer(true, func() { ended = time.Now() })
			moved.Set(2 * time.Hour)
			moved.Set(ms)
		})
		return nil
	})
	if c.Now() != ms || ended.Sub(began) != ms {
		t.Errorf("the run ended at %v, want 1ms", c.Now())
	}
}

// A timer can be set again from its own function.
func TestTimerSetsItself(t *testing.T) {
	n := 0
	var c *vtime.Clock
	run(t, func(clock *vtime.Clock) error {
		c = clock
		conduct(c, func() {
			var tick *vtime.Timer
			tick = c.NewTimer(false, func() {
				if n++; n < 100 {
					tick.Set(c.Now() + 10*ms)
				}
			})
			tick.Set(0)
		})
		return nil
	})
	if n != 100 || c.Now() != 990*ms {
		t.Errorf("%d ticks until %v, want 100 until 990ms", n, c.Now())
	}
}
