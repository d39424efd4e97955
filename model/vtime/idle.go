package vtime

import (
	"context"
	"sync"
	"time"
)

// Idle watches over something that should move. Instead of moving a timer
// with each byte, it looks when the time is over whether anything has moved,
// and waits for the rest.
type Idle struct {
	Time   Time
	Key    Key
	Limit  time.Duration // not positive: never
	Expire func()        // called once, by a goroutine of its own

	mu      sync.Mutex
	last    time.Duration // something moved
	paused  bool          // nothing is expected to move
	running bool
	ended   bool
	stop    func()
}

// Touch tells that something has moved, or is expected to from now on.
func (i *Idle) Touch() {
	if i.Limit <= 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last, i.paused = i.Time.Now(), false
	if !i.running && !i.ended {
		i.running = true
		i.wait(i.Limit)
	}
}

// Pause tells that nothing is expected to move until the next touch.
func (i *Idle) Pause() {
	i.mu.Lock()
	i.paused = true
	i.mu.Unlock()
}

// End ends the watch.
func (i *Idle) End() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	if i.stop != nil {
		i.stop()
		i.stop = nil
	}
}

// wait looks again after d. The mutex is held.
func (i *Idle) wait(d time.Duration) {
	ctx, cancel := i.Time.WithTimeout(context.Background(), i.Key, d)
	stop := context.AfterFunc(ctx, func() {
		cancel()
		i.look()
	})
	i.stop = func() { stop(); cancel() }
}

func (i *Idle) look() {
	i.mu.Lock()
	if i.ended {
		i.mu.Unlock()
		return
	}
	rest := i.Limit
	if !i.paused {
		rest = i.last + i.Limit - i.Time.Now()
	}
	if rest > 0 {
		i.wait(rest)
		i.mu.Unlock()
		return
	}
	i.ended = true
	i.mu.Unlock()
	i.Expire()
}
