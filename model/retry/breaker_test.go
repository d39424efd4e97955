package retry_test

import (
	"testing"
	"time"

	"protosim/model/retry"
)

// breaker makes calls, and checks states.
type breaker struct {
	*testing.T
	retry.Breaker
	now time.Duration
}

func (b *breaker) call(ok bool) {
	b.Helper()
	ticket, allowed := b.Allow(b.now)
	if !allowed {
		b.Fatalf("a call is refused while %s", b.State(b.now))
	}
	b.Done(ticket, b.now, ok)
}

func (b *breaker) expect(want retry.State) {
	b.Helper()
	if got := b.State(b.now); got != want {
		b.Fatalf("the breaker is %s, want %s", got, want)
	}
}

func newBreaker(t *testing.T) *breaker {
	return &breaker{T: t, Breaker: retry.Breaker{Failures: 3, OpenFor: 10 * time.Second, Probes: 2}}
}

// A breaker opens after failures in a row, lets nothing through while open,
// then a few probes, and closes when all of them succeed.
func TestBreaker(t *testing.T) {
	b := newBreaker(t)
	for _, ok := range []bool{false, false, true, false, false, true} {
		b.call(ok)
		b.expect(retry.Closed) // never three in a row
	}
	for range 3 {
		b.call(false)
	}
	b.expect(retry.Open)
	b.now += 10*time.Second - 1
	if _, allowed := b.Allow(b.now); allowed {
		t.Error("an open breaker lets a call through")
	}
	b.now++
	b.expect(retry.HalfOpen)
	first, ok1 := b.Allow(b.now)
	second, ok2 := b.Allow(b.now)
	_, ok3 := b.Allow(b.now)
	if !ok1 || !ok2 || ok3 {
		t.Fatalf("half open, three calls are let through: %v %v %v, want the first two", ok1, ok2, ok3)
	}
	b.Done(first, b.now, true)
	b.expect(retry.HalfOpen)
	b.Done(second, b.now, true)
	b.expect(retry.Closed)
	b.call(false)
	b.call(false)
	b.expect(retry.Closed) // the count began anew
}

// The first probe that fails opens the breaker again, for the whole time.
func TestBreakerReopens(t *testing.T) {
	b := newBreaker(t)
	for range 3 {
		b.call(false)
	}
	b.now += 10 * time.Second
	probe, _ := b.Allow(b.now)
	late, _ := b.Allow(b.now)
	b.Done(probe, b.now, false)
	b.expect(retry.Open)
	b.now += 10 * time.Second
	b.expect(retry.HalfOpen)
	b.Done(late, b.now, false) // of the last time: tells nothing about now
	b.expect(retry.HalfOpen)
}

// Calls let through before the breaker opened do not close it.
func TestBreakerStragglers(t *testing.T) {
	b := newBreaker(t)
	straggler, _ := b.Allow(b.now)
	for range 3 {
		b.call(false)
	}
	b.Done(straggler, b.now, true)
	b.expect(retry.Open)
}

func TestBreakerDefaults(t *testing.T) {
	b := &breaker{T: t}
	for range 5 {
		b.expect(retry.Closed)
		b.call(false)
	}
	b.expect(retry.Open)
	b.now = time.Minute
	b.call(true)
	b.expect(retry.Closed)
}
