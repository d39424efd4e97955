// Package push is the workload of servers that tell clients of events, and of
// clients that want every event soon: by polling, by long polling, as
// server-sent events, or on a socket.
package push

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"protosim/model/random"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// Feed is the events of a run, as all servers know them at once.
type Feed struct {
	clock  *vtime.Clock
	text   *writer
	seed   uint64
	fanout float64 // the share of the listeners that an event is for
	// Trace, when set, is told of each event.
	Trace trace.Sink

	mu     sync.Mutex
	events []transport.Event // the n-th has the ID n+1
	sent   int
	more   chan struct{} // closed with the next event
	// listeners are the clients that are listening.
	listeners map[uint32]struct{}
}

// NewFeed returns a feed without events. Each will be for that share of the
// clients, 1 for all of them.
func NewFeed(clock *vtime.Clock, seed uint64, fanout float64) *Feed {
	return &Feed{clock: clock, text: newWriter(seed), seed: seed, fanout: fanout, more: make(chan struct{}), listeners: map[uint32]struct{}{}}
}

// Publish adds events until ctx ends.
func (f *Feed) Publish(ctx context.Context, key vtime.Key, config scenarios.Push, seed uint64) {
	draw := random.New(seed, "events")
	for {
		if f.clock.Sleep(ctx, key, time.Duration(random.Draw(config.Interval, draw))) != nil {
			return
		}
		f.Add(int(random.Draw(config.Size, draw)))
	}
}

// Add publishes one event of so many bytes. Its data begins with the time.
func (f *Feed) Add(size int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	data := fmt.Appendf(nil, `{"at":%d,"text":"`, int64(f.clock.Now()))
	if pad := size - len(data) - 2; pad > 0 {
		data = f.text.append(data, pad)
	}
	data = append(data, `"}`...)
	f.events = append(f.events, transport.Event{ID: uint64(len(f.events) + 1), Data: data})
	if f.fanout >= 1 {
		f.sent += len(f.listeners)
	} else {
		for client := range f.listeners { // in any order: they are counted
			f.sent += f.between(client, uint64(len(f.events))-1, uint64(len(f.events)))
		}
	}
	if f.Trace != nil {
		f.Trace(trace.Event{Kind: trace.Published, Serial: uint32(len(f.events)), Bytes: len(data)})
	}
	close(f.more)
	f.more = make(chan struct{})
}

// published reads the time of an event from its data.
func published(data []byte) (time.Duration, error) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"at":`))
	number, _, found := bytes.Cut(rest, []byte{','})
	n, err := strconv.ParseInt(string(number), 10, 64)
	if !ok || !found || err != nil {
		return 0, fmt.Errorf("push: an event that says %.60q", data)
	}
	return time.Duration(n), nil
}

// After returns the events behind the one with that ID, and a channel that is
// closed when there are more.
func (f *Feed) After(id uint64) ([]transport.Event, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if id >= uint64(len(f.events)) {
		return nil, f.more
	}
	return f.events[id:len(f.events):len(f.events)], f.more
}

// newest returns the ID of the newest event, 0 if there is none.
func (f *Feed) newest() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return uint64(len(f.events))
}

// Listen counts a client among those that listen. It returns the ID of the
// newest event.
func (f *Feed) Listen(client uint32) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners[client] = struct{}{}
	return uint64(len(f.events))
}

// Leave counts it no longer.
func (f *Feed) Leave(client uint32) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.listeners, client)
	return uint64(len(f.events))
}

// isFor reports whether an event is for a client: by lot, the same on all
// servers and under all strategies.
func (f *Feed) isFor(client uint32, id uint64) bool {
	return f.fanout >= 1 || random.New(f.seed, "fan-out", id, uint64(client)).Float64() < f.fanout
}

// between counts the events for a client behind the one with the ID after, up to
// the one with the ID last.
func (f *Feed) between(client uint32, after, last uint64) int {
	if last <= after {
		return 0
	}
	if f.fanout >= 1 {
		return int(last - after)
	}
	n := 0
	for id := after + 1; id <= last; id++ {
		if f.isFor(client, id) {
			n++
		}
	}
	return n
}

// of returns those of some events that are for a client.
func (f *Feed) of(client uint32, events []transport.Event) []transport.Event {
	if f.fanout >= 1 {
		return events
	}
	var its []transport.Event
	for _, e := range events {
		if f.isFor(client, e.ID) {
			its = append(its, e)
		}
	}
	return its
}

// Sent returns the number of events published, each times the clients listening
// that it was for.
func (f *Feed) Sent() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent
}
