package trace

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Clock is what a Gatherer needs of a run's clock (vtime.Clock).
type Clock interface {
	Now() time.Duration
	// Fired returns how many steps the run has taken.
	Fired() uint64
}

// Gatherer makes one ordered trace of what the goroutines of a run report.
// Steps of the run follow one another, but goroutines that one step has woken
// race; so the events of a step are kept until the next one, and then handed
// on in the order of what they say.
type Gatherer struct {
	clock Clock
	sink  Sink

	mu     sync.Mutex
	at     time.Duration
	step   uint64
	events []Event
}

// NewGatherer returns a gatherer that hands events on to the sink.
func NewGatherer(clock Clock, sink Sink) *Gatherer {
	return &Gatherer{clock: clock, sink: sink}
}

// Emit takes an event that happens now, whatever its At says. Any goroutine of
// the run may call it.
func (g *Gatherer) Emit(e Event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, step := g.clock.Now(), g.clock.Fired()
	if at != g.at || step != g.step {
		g.handOn()
		g.at, g.step = at, step
	}
	e.At = at
	g.events = append(g.events, e)
}

// Flush hands on what is left, at the end of the run.
func (g *Gatherer) Flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.handOn()
}

func (g *Gatherer) handOn() {
	if len(g.events) > 1 {
		slices.SortFunc(g.events, Event.compare)
	}
	for i := range g.events {
		g.sink(g.events[i])
	}
	clear(g.events)
	g.events = g.events[:0]
}

// compare orders the events of one step. Events that compare equal are equal.
func (e Event) compare(f Event) int {
	return cmp.Or(
		cmp.Compare(e.At, f.At),
		cmp.Compare(e.Kind, f.Kind),
		cmp.Compare(e.Host, f.Host),
		cmp.Compare(e.Peer, f.Peer),
		cmp.Compare(e.Conn, f.Conn),
		cmp.Compare(e.Client, f.Client),
		cmp.Compare(e.Serial, f.Serial),
		cmp.Compare(e.Until, f.Until),
		cmp.Compare(e.Bytes, f.Bytes),
		cmp.Compare(e.Code, f.Code),
		strings.Compare(e.Text, f.Text),
	)
}
