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
	clock *vtime.Clock
	text  *writer
	// Trace, when set, is told of each event.
	Trace trace.Sink

	mu     sync.Mutex
	events []transport.Event // the n-th has the ID n+1
	sent   int
	more   chan struct{} // closed with the next event
	// listeners is how many clients are listening.
	listeners int
}

// NewFeed returns a feed without events.
func NewFeed(clock *vtime.Clock, seed uint64) *Feed {
	return &Feed{clock: clock, text: newWriter(seed), more: make(chan struct{})}
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
	f.sent += f.listeners
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

// Listen counts a client that listens from now on, or no longer if n is
// negative. It returns the ID of the newest event.
func (f *Feed) Listen(n int) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners += n
	return uint64(len(f.events))
}

// Sent returns the number of events published, times the clients listening.
func (f *Feed) Sent() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent
}
