package measure

import (
	"time"

	"protosim/model/result"
)

// Events is what listeners got of what was published.
type Events struct {
	Latency   result.Latency
	Delivered int
	Missed    int // before one that came
	// Undelivered are those that had not come when their listener left.
	Undelivered int
	Duplicates  int
	Replayed    int
}

// Event notes the arrival of an event d after its publication, and how many
// before it never came.
func (r *Recorder) Event(now, d time.Duration, missed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Events.Latency.Record(d)
	r.Events.Delivered++
	r.Events.Missed += missed
	r.timeline.Add("events.delivered", now, 1)
}

// EventAgain notes the arrival of an event that the listener had.
func (r *Recorder) EventAgain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Events.Duplicates++
}

// EventsUndelivered notes how many events behind the last one that it got were
// published while a client listened that listens no more.
func (r *Recorder) EventsUndelivered(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Events.Undelivered += n
}

// EventReplayed notes that an event had been published before its listener's
// stream was asked for again.
func (r *Recorder) EventReplayed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Events.Replayed++
}

// StreamEnded notes the end of a client's request that was answered by a stream,
// which carried payload bytes. How long it took says nothing about the server.
func (r *Recorder) StreamEnded(client uint32, now time.Duration, o Outcome, payload int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended(client, now, o, payload)
}
