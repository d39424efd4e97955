package cache

import (
	"context"
	"sync"
	"time"

	"protosim/model/vtime"
)

// idle watches over something that should move. Instead of moving a timer
// with each byte, it looks when the time is over whether anything has moved,
// and waits for the rest.
type idle struct {
	time   vtime.Time
	key    vtime.Key
	limit  time.Duration // not positive: never
	expire func()        // called once, by a goroutine of its own

	mu      sync.Mutex
	last    time.Duration // something moved
	paused  bool          // nothing is expected to move
	running bool
	ended   bool
	stop    func()
}

// touch tells that something has moved, or is expected to from now on.
func (i *idle) touch() {
	if i.limit <= 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last, i.paused = i.time.Now(), false
	if !i.running && !i.ended {
		i.running = true
		i.wait(i.limit)
	}
}

// pause tells that nothing is expected to move until the next touch.
func (i *idle) pause() {
	i.mu.Lock()
	i.paused = true
	i.mu.Unlock()
}

// end ends the watch.
func (i *idle) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	if i.stop != nil {
		i.stop()
		i.stop = nil
	}
}

// wait looks again after d. The mutex is held.
func (i *idle) wait(d time.Duration) {
	ctx, cancel := i.time.WithTimeout(context.Background(), i.key, d)
	stop := context.AfterFunc(ctx, func() {
		cancel()
		i.look()
	})
	i.stop = func() { stop(); cancel() }
}

func (i *idle) look() {
	i.mu.Lock()
	if i.ended {
		i.mu.Unlock()
		return
	}
	rest := i.limit
	if !i.paused {
		rest = i.last + i.limit - i.time.Now()
	}
	if rest > 0 {
		i.wait(rest)
		i.mu.Unlock()
		return
	}
	i.ended = true
	i.mu.Unlock()
	i.expire()
}
