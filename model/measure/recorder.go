// Package measure gathers what a run's clients experience.
package measure

import (
	"sync"
	"time"

	"protosim/model/result"
)

// Outcome is how a request ended.
type Outcome int

// The outcomes. Every request ends in exactly one.
const (
	OK        Outcome = iota // the whole response arrived, with a status of success
	Failed                   // an error, a timeout, or a status of failure
	Abandoned                // the run ended first
)

// String returns the outcome's name.
func (o Outcome) String() string { return [...]string{"ok", "failed", "abandoned"}[o] }

// Recorder gathers one run's experience. Its methods may be called by any
// goroutine; the order within one instant does not matter.
type Recorder struct {
	mu sync.Mutex
	Totals
	timeline  *Timeline
	waterfall []result.Load
	service   service
	// InTime is how long a request may take to be a success for the service
	// level objective; 0 for any time. It is set before the run.
	InTime time.Duration
}

// Totals are the sums of a run.
type Totals struct {
	PageLoad, Request  result.Latency // of pages loaded and of requests that were ok
	Pages, PagesLoaded int
	Started            int
	Ended              [3]int // by Outcome
	Retried            int
	TooLate            int           // requests that were ok, but not in time
	Payload            int64         // bytes of bodies sent and received
	Finished           time.Duration // when the last client was done
	Disconnects        int
	Reconnects         int
	ReconnectPeak      int // in one second
	Events             Events
	Origin             Origin
	Connect            Connect
	OutdatedCount      int // responses older than what the servers had
	Care               Care
}

// NewRecorder returns a recorder whose series have the given step.
func NewRecorder(step time.Duration) *Recorder {
	return &Recorder{timeline: NewTimeline(step)}
}

// RequestStarted notes the start of a request.
func (r *Recorder) RequestStarted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Started++
}

// RequestEnded notes the end of a client's request that took d up to now and
// carried payload bytes of bodies in both directions.
func (r *Recorder) RequestEnded(client uint32, now, d time.Duration, o Outcome, payload, retries int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended(client, now, o, payload)
	r.Retried += retries
	if o == OK {
		r.Request.Record(d)
		if r.InTime > 0 && d > r.InTime {
			r.TooLate++
		}
	}
}

// ended counts the end of a request, with the mutex held.
func (r *Recorder) ended(client uint32, now time.Duration, o Outcome, payload int) {
	r.Ended[o]++
	r.Payload += int64(payload)
	switch o {
	case OK:
		r.timeline.Add("requests.ok", now, 1)
	case Failed:
		r.timeline.Add("requests.failed", now, 1)
		r.service.disturb(client)
	}
	r.timeline.Add("bytes.payload", now, float64(payload))
}

// PageStarted notes the start of a visit.
func (r *Recorder) PageStarted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Pages++
}

// PageLoaded notes that a visit has all its objects, d after its start.
func (r *Recorder) PageLoaded(now, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.PagesLoaded++
	r.PageLoad.Record(d)
	r.timeline.Add("pages.loaded", now, 1)
}

// Loaded notes an object of the page that the waterfall shows.
func (r *Recorder) Loaded(l result.Load) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waterfall = append(r.waterfall, l)
}

// Waterfall returns the loads noted, in order.
func (r *Recorder) Waterfall() []result.Load {
	r.mu.Lock()
	defer r.mu.Unlock()
	result.SortLoads(r.waterfall)
	return r.waterfall
}

// Distributions tabulates the durations recorded.
func (r *Recorder) Distributions() []result.Distribution {
	r.mu.Lock()
	defer r.mu.Unlock()
	tables := []result.Distribution{
		result.Distribute("page_load_ms", &r.PageLoad),
		result.Distribute("request_ms", &r.Request),
	}
	if r.Events.Latency.Count() > 0 {
		tables = append(tables, result.Distribute("push.latency_ms", &r.Events.Latency))
	}
	return tables
}

// ClientDone notes that a client will do nothing more.
func (r *Recorder) ClientDone(now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Finished = max(r.Finished, now)
}

// Count counts one event of a series.
func (r *Recorder) Count(series string, now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timeline.Add(series, now, 1)
}

// Connections notes how many connections are open from now on.
func (r *Recorder) Connections(now time.Duration, open int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timeline.Set("connections.open", now, float64(open))
}

// AtServer notes how many connections a server has open.
func (r *Recorder) AtServer(now time.Duration, name string, open int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timeline.Set("connections at "+name, now, float64(open))
}

// Series returns the series up to the end.
func (r *Recorder) Series(end time.Duration) []result.Series {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.timeline.Series(end)
}
