package measure

import (
	"time"

	"protosim/model/result"
)

// Connect is how clients got connected.
type Connect struct {
	Clients   int            // that tried
	Connected int            // that got through at last
	Attempts  int            // tries of clients that had not got through yet
	Fallbacks int            // transports given up for the next
	First     result.Latency // until the first event, of those that got one
}

// Connecting notes an attempt to connect, a client's first or not.
func (r *Recorder) Connecting(first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Connect.Attempts++
	if first {
		r.Connect.Clients++
	}
}

// Connected notes that a client has got through for the first time.
func (r *Recorder) Connected() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Connect.Connected++
}

// FellBack notes that a client gives a transport up for the next.
func (r *Recorder) FellBack() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Connect.Fallbacks++
}

// FirstEvent notes a client's first event, d after it began.
func (r *Recorder) FirstEvent(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Connect.First.Record(d)
}
