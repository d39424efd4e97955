package vtime

import (
	"context"
	"sync"
	"time"
)

// Idle watches over something that should move while anybody waits for it, as one
// may for what comes from the one side while another waits for the other to take
// it. Instead of moving a timer with each byte, it looks when the time is over
// whether anything has moved, and waits for the rest.
type Idle struct {
	Time   Time
	Key    Key
	Limit  time.Duration // not positive: never
	Expire func()        // called whenever it is over, by a goroutine of its own

	mu      sync.Mutex
	last    time.Duration // something moved
	waiting int           // how many wait for it to move
	running bool
	ended   bool
	stop    func()
}

// Expect tells that somebody waits from now on, until Met.
func (i *Idle) Expect() { i.moved(1) }

// Met tells that somebody waits no longer: what was expected has come.
func (i *Idle) Met() { i.moved(-1) }

// Touch tells that something has moved.
func (i *Idle) Touch() { i.moved(0) }

func (i *Idle) moved(waiting int) {
	if i.Limit <= 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = i.Time.Now()
	i.waiting += waiting
	if i.waiting > 0 && !i.running && !i.ended {
		i.running = true
		i.wait(i.Limit)
	}
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
	if i.waiting > 0 {
		rest = i.last + i.Limit - i.Time.Now()
	}
	if rest > 0 {
		i.wait(rest)
		i.mu.Unlock()
		return
	}
	i.wait(i.Limit) // for what is tried next, as long as the watch has no end
	i.mu.Unlock()
	i.Expire()
}
