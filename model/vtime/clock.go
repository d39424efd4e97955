// Package vtime is virtual time: a clock that jumps from one event to the next
// while ordinary Go code, real transports included, runs on it unchanged.
//
// A run lives in a bubble (see bubble.go). One goroutine of it, the conductor,
// owns the queue of events. It waits until all other goroutines are blocked,
// takes what they asked for in the order of their keys, fires exactly one
// event that lets one goroutine go on, and waits again. So at most one chain
// of cause and effect is under way at a time, whatever the number of cores,
// and a run is the same on each of its repetitions.
//
// Two kinds of code use a Clock. Code on the conductor (the Fire method of
// events) schedules with At, Wake and Timer and must not block. Code on
// goroutines waits with Sleep and Yield, hands work to the conductor with
// Post, and may block on channels, conditions and connections as it likes, but
// not for ever on a mutex.
package vtime

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// ErrStalled is returned by Run when goroutines wait for something that no
// event will ever bring.
var ErrStalled = errors.New("vtime: stalled: goroutines are waiting, and nothing is left that could wake them")

const (
	// slack is how far quiet events may run ahead of the bubble's own clock,
	// which is slow to move: a timer of the standard library may fire that
	// much late, never a timer or event of this package.
	slack = time.Millisecond
	// patience is how long, in virtual time, the conductor waits for a timer
	// of the standard library when its own queue is empty.
	patience = 24 * time.Hour
	// pollEvery is how many steps the conductor takes between two looks at the outer context.
	pollEvery = 256
)

// Clock is the virtual time of one run, and its conductor.
type Clock struct {
	now    atomic.Int64 // the conductor's time, since the start of the run
	start  time.Time    // the bubble's time at the start of the run
	bubble time.Duration
	queue  queue
	seq    uint64
	inbox  inbox
	fired  atomic.Uint64

	asleep  atomic.Bool   // the conductor lets the bubble's time move
	until   atomic.Int64  // up to this time
	kick    chan struct{} // wakes it from that
	alarm   *time.Timer
	ctx     context.Context
	cancel  context.CancelCauseFunc
	failing sync.Mutex
	failure error
	failed  atomic.Bool

	waiters waiterPool
}

// Run opens a bubble, calls main on a goroutine of it at time zero, and
// conducts until main has returned and the events that are left have fired.
// It returns main's error, or the first panic of main, of an event or of a
// goroutine started with Go, or an error when goroutines stay blocked.
//
// When ctx ends, the context that main sees (Clock.Context) ends with it, and
// main is expected to clean up and return. Several Runs may go on side by
// side; nothing of one may be used in another.
func Run(ctx context.Context, main func(*Clock) error) error {
	var result error
	stuck := bubble(func() {
		c := &Clock{start: time.Now(), kick: make(chan struct{}, 1), alarm: time.NewTimer(patience)}
		c.ctx, c.cancel = context.WithCancelCause(context.Background())
		defer c.cancel(nil)
		defer c.alarm.Stop()
		finished := false
		c.post(Key{}, Func(func() {
			c.Wake(0, Func(func() {
				c.spawn(func() {
					err := main(c)
					c.Post(Key{}, Func(func() { result, finished = err, true }))
				})
			}))
		}))
		c.conduct(ctx, &finished)
		if c.failure != nil {
			result = c.failure
		}
	})
	if result == nil {
		result = stuck
	}
	return result
}

// Now returns the virtual time since the start of the run.
func (c *Clock) Now() time.Duration {
	now := time.Duration(c.now.Load())
	if c.asleep.Load() { // a timer of the standard library may have woken the caller
		now = max(now, min(time.Since(c.start), time.Duration(c.until.Load())))
	}
	return now
}

// Fired returns how many events have been fired.
func (c *Clock) Fired() uint64 { return c.fired.Load() }

// Context ends when the run is interrupted from outside.
func (c *Clock) Context() context.Context { return c.ctx }

// At schedules a quiet event: one that changes state and lets no goroutine
// run. Times that have passed mean now. Only the conductor may call it.
func (c *Clock) At(at time.Duration, e Event) { c.schedule(at, e, false) }

// Wake schedules an event that may let goroutines run: it fires with the
// bubble's clock brought up to date, and the conductor waits for quiet behind
// it. Only the conductor may call it.
func (c *Clock) Wake(at time.Duration, e Event) { c.schedule(at, e, true) }

func (c *Clock) schedule(at time.Duration, e Event, wakes bool) uint64 {
	c.seq++
	c.queue.push(entry{at: max(at, c.Now()), seq: c.seq, event: e, wakes: wakes})
	return c.seq
}

// Post hands e to the conductor, which fires it once all goroutines are
// blocked, after all others posted in the same instant with a lower key.
// Any goroutine may call it.
func (c *Clock) Post(key Key, e Event) {
	c.post(key, e)
	if c.asleep.Load() {
		select {
		case c.kick <- struct{}{}:
		default:
		}
	}
}

func (c *Clock) post(key Key, e Event) { c.inbox.put(post{key, e}) }

// Go starts f on a goroutine of its own, at the current time and after all
// that were started in the same instant with a lower key. A panic in f ends
// the run and becomes its error.
func (c *Clock) Go(key Key, f func()) {
	c.Post(key, Func(func() { c.Wake(0, Func(func() { c.spawn(f) })) }))
}

func (c *Clock) spawn(f func()) {
	go func() {
		defer c.catch()
		f()
	}()
}

// catch turns a panic into the run's error.
func (c *Clock) catch() {
	if p := recover(); p != nil {
		c.Fail(fmt.Errorf("panic at %v: %v\n%s", c.Now(), p, debug.Stack()))
	}
}

// Fail ends the run at once with err. The first failure counts.
func (c *Clock) Fail(err error) {
	c.failing.Lock()
	defer c.failing.Unlock()
	if c.failure == nil {
		c.failure = err
		c.failed.Store(true)
		c.Post(Key{}, Func(func() {})) // should the conductor be asleep
	}
}

// conduct fires events until main has finished and none is left.
func (c *Clock) conduct(outer context.Context, finished *bool) {
	defer c.catch()
	c.settle()
	for n := 0; !c.failed.Load(); n++ {
		if n%pollEvery == 0 && outer.Err() != nil && c.ctx.Err() == nil {
			c.sync(c.Now())
			c.cancel(context.Cause(outer))
			c.settle()
		}
		if len(c.queue) == 0 {
			if *finished {
				return
			}
			if !c.sync(c.Now() + patience) {
				continue
			}
			c.Fail(ErrStalled)
			return
		}
		next := &c.queue[0]
		if t, ok := next.event.(*Timer); ok && t.stale(next.seq) {
			c.queue.pop() // not worth moving the bubble's clock for
			continue
		}
		if next.wakes || next.at > c.bubble+slack {
			if !c.sync(next.at) {
				continue // something happened before it
			}
		}
		e := c.queue.pop()
		c.now.Store(int64(e.at))
		c.fired.Add(1)
		e.event.Fire()
		if e.wakes {
			c.settle()
		} else {
			c.admit()
		}
	}
}

// settle waits until all goroutines are blocked and does what they asked for.
func (c *Clock) settle() {
	quiesce()
	c.admit()
}

// admit fires what was posted, in the order of the keys, until nothing is left.
func (c *Clock) admit() {
	for {
		posts := c.inbox.take()
		if len(posts) == 0 {
			return
		}
		for i := range posts {
			posts[i].event.Fire()
			posts[i].event = nil
		}
	}
}

// sync brings the bubble's clock to the time at, letting timers of the
// standard library fire on the way. It reports whether it got there
// undisturbed: when goroutines asked for something before, it stops at that
// time, does what they asked for, and returns false.
func (c *Clock) sync(at time.Duration) bool {
	if at <= c.bubble {
		return true
	}
	c.alarm.Reset(at - c.bubble)
	c.until.Store(int64(at))
	c.asleep.Store(true)
	arrived := false
	select {
	case <-c.alarm.C:
		arrived = true
	case <-c.kick:
	}
	quiesce() // others may have woken at the same instant
	c.bubble = time.Since(c.start)
	c.now.Store(int64(c.Now()))
	c.asleep.Store(false)
	select {
	case <-c.kick:
		arrived = false
	default:
	}
	if !arrived {
		c.alarm.Stop()
		c.admit()
	}
	return arrived
}

// Since returns the time t of the bubble's clock (time.Now) as a time since the
// start of the run.
func (c *Clock) Since(t time.Time) time.Duration { return t.Sub(c.start) }
