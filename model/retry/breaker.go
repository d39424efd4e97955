package retry

import "time"

// State is that of a Breaker.
type State string

// A closed breaker lets everything through, an open one nothing, and a
// half-open one a few probes.
const (
	Closed   State = "closed"
	Open     State = "open"
	HalfOpen State = "half-open"
)

// Breaker is a circuit breaker (Nygard, Release It!): after Failures failures
// in a row it opens, and fails everything at once for the time of OpenFor. Then
// it lets Probes calls through: when all of them succeed it closes, and the
// first that fails opens it again.
type Breaker struct {
	Failures int           // in a row; default 5
	OpenFor  time.Duration // default 60 s, as sony/gobreaker's
	Probes   int           // default 1

	state     State
	failed    int // in a row
	opened    time.Duration
	probing   int // let through while half open
	succeeded int // of them
	round     int // of states: calls of an earlier one tell nothing
}

// Ticket is permission for one call, whose end is told to Done.
type Ticket struct{ round int }

// Allow reports whether a call may be made now.
func (b *Breaker) Allow(now time.Duration) (Ticket, bool) {
	switch b.State(now) {
	case Open:
		return Ticket{}, false
	case HalfOpen:
		if b.probing >= orDefault(b.Probes, 1) {
			return Ticket{}, false
		}
		b.probing++
	}
	return Ticket{b.round}, true
}

// Done tells how an allowed call ended.
func (b *Breaker) Done(t Ticket, now time.Duration, ok bool) {
	state := b.State(now)
	if t.round != b.round {
		return
	}
	switch {
	case state == Closed && ok:
		b.failed = 0
	case state == Closed:
		if b.failed++; b.failed >= orDefault(b.Failures, 5) {
			b.enter(Open)
			b.opened = now
		}
	case ok:
		if b.succeeded++; b.succeeded >= orDefault(b.Probes, 1) {
			b.enter(Closed)
		}
	default:
		b.enter(Open)
		b.opened = now
	}
}

// State returns the state now.
func (b *Breaker) State(now time.Duration) State {
	switch {
	case b.state == "":
		b.state = Closed
	case b.state == Open && now-b.opened >= orDefault(b.OpenFor, time.Minute):
		b.enter(HalfOpen)
	}
	return b.state
}

func (b *Breaker) enter(s State) {
	b.state = s
	b.round++
	b.failed, b.probing, b.succeeded = 0, 0, 0
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
