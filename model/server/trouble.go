package server

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Trouble is what faults do to a server while they last. Those that last at the
// same time add up: factors multiply, and a request fails if one of them lets it
// fail. The zero Trouble is none, and so is nil.
type Trouble struct {
	mu     sync.Mutex
	faults []*fault
}

type fault struct {
	factor int     // on the time that work takes
	rate   float64 // share of requests that fail
}

// Slow multiplies the time that work takes by factor until end is called.
func (t *Trouble) Slow(factor int) (end func()) { return t.add(&fault{factor: factor}) }

// Fail lets the share rate of requests fail, from 0 to 1, until end is called.
func (t *Trouble) Fail(rate float64) (end func()) { return t.add(&fault{factor: 1, rate: rate}) }

func (t *Trouble) add(f *fault) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, f)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.faults = slices.DeleteFunc(t.faults, func(other *fault) bool { return other == f })
	}
}

// sum returns what the faults come to.
func (t *Trouble) sum() (factor int, rate float64) {
	if t == nil {
		return 1, 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	factor = 1
	for _, f := range t.faults {
		factor *= f.factor
		rate += f.rate - rate*f.rate
	}
	return factor, rate
}

// State reports whether work is slowed down, and whether some of it fails.
func (t *Trouble) State() (slow, failing bool) {
	factor, rate := t.sum()
	return factor > 1, rate > 0
}

// Slowed returns the time that work takes which otherwise takes d.
func (t *Trouble) Slowed(d time.Duration) time.Duration {
	factor, _ := t.sum()
	return d * time.Duration(factor)
}

// Fails decides whether a request fails. It draws only if some do.
func (t *Trouble) Fails(draw *rand.Rand) bool {
	_, rate := t.sum()
	return rate > 0 && draw.Float64() < rate
}
