package measure_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"protosim/model/measure"
	"protosim/model/result"
)

const second = time.Second

func series(t *testing.T, all []result.Series, name string) []float64 {
	t.Helper()
	for _, s := range all {
		if s.Name == name {
			return s.Values
		}
	}
	t.Fatalf("no series %s", name)
	return nil
}

func TestRequestsEndOnce(t *testing.T) {
	r := measure.NewRecorder(second)
	for range 4 {
		r.RequestStarted()
	}
	r.RequestEnded(7, 500*time.Millisecond, 100*time.Millisecond, measure.OK, 1000, 0)
	r.RequestEnded(7, 1500*time.Millisecond, 300*time.Millisecond, measure.OK, 10, 2)
	r.RequestEnded(7, 1600*time.Millisecond, 9*second, measure.Failed, 1, 1)
	r.RequestEnded(7, 2*second, 9*second, measure.Abandoned, 0, 0)
	if r.Started != 4 || r.Ended != [3]int{2, 1, 1} || r.Retried != 3 || r.Payload != 1011 {
		t.Errorf("totals %+v", r.Totals)
	}
	if r.Disturbed() != 1 {
		t.Errorf("%d clients were disturbed, and the one had a request fail", r.Disturbed())
	}
	// How long failures took says nothing about answers.
	if n := r.Request.Count(); n != 2 {
		t.Errorf("%d latencies of 2 requests that were ok", n)
	}
	all := r.Series(3 * second)
	for name, want := range map[string][]float64{
		"requests.ok":     {1, 1, 0},
		"requests.failed": {0, 1, 0},
		"bytes.payload":   {1000, 11, 0},
	} {
		if got := series(t, all, name); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// A client is disturbed once, however often: by a disconnect or a failure.
func TestDisturbed(t *testing.T) {
	r := measure.NewRecorder(second)
	r.RequestEnded(1, second, second, measure.OK, 0, 5)
	r.RequestEnded(2, second, second, measure.Abandoned, 0, 0)
	for range 2 {
		r.Disconnected(3)
		r.RequestEnded(3, second, second, measure.Failed, 0, 0)
		r.StreamEnded(4, second, measure.Failed, 0)
	}
	if r.Disturbed() != 2 || r.Disconnects != 2 {
		t.Errorf("%d clients were disturbed by %d disconnects, want 2 and 2", r.Disturbed(), r.Disconnects)
	}
}

// Streams end as requests do, also at the very end of the run, which belongs to
// the last step.
func TestStreamsEnd(t *testing.T) {
	r := measure.NewRecorder(second)
	r.StreamEnded(1, 500*time.Millisecond, measure.Failed, 7)
	r.StreamEnded(1, 2*second, measure.OK, 3)
	if r.Ended != [3]int{1, 1, 0} || r.Payload != 10 || r.Request.Count() != 0 {
		t.Errorf("totals %+v", r.Totals)
	}
	all := r.Series(2 * second)
	for name, want := range map[string][]float64{"requests.ok": {0, 1}, "requests.failed": {1, 0}, "bytes.payload": {7, 3}} {
		if got := series(t, all, name); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// A gauge keeps its value until it is set again, and a step shows it at its end.
func TestGauges(t *testing.T) {
	r := measure.NewRecorder(second)
	r.Connections(100*time.Millisecond, 3)
	r.Connections(900*time.Millisecond, 5)
	r.Connections(3100*time.Millisecond, 1)
	if got := series(t, r.Series(5*second), "connections.open"); !slices.Equal(got, []float64{5, 5, 5, 1, 1}) {
		t.Errorf("connections %v", got)
	}
}

// TestRecovery crashes 300 clients of 1000 at 10 s and lets one come back every
// 10 ms: at most 1 in 100 is without service from when 290 are back.
func TestRecovery(t *testing.T) {
	r := measure.NewRecorder(second)
	for c := range uint32(1000) {
		r.Served(second, c, true)
	}
	crash := 10 * second
	for c := range uint32(300) {
		r.Served(crash, c, false)
	}
	for c := range uint32(300) {
		now := crash + time.Duration(c+1)*10*time.Millisecond
		r.Reconnecting(now)
		r.Served(now, c, true)
	}
	if got, want := r.Recovery(crash, 30*second), 2900*time.Millisecond; got != want {
		t.Errorf("recovery %v, want %v", got, want)
	}
	if r.UnservedPeak() != 300 {
		t.Errorf("%d clients were without service", r.UnservedPeak())
	}
	if r.Reconnects != 300 || r.ReconnectPeak != 100 {
		t.Errorf("%d reconnects, %d in a second, want 300 and 100", r.Reconnects, r.ReconnectPeak)
	}
	if again := r.Recovery(20*second, 30*second); again != 0 {
		t.Errorf("recovery %v after what came later", again)
	}
	for c := range uint32(11) { // of whom nothing more is heard
		r.Served(22*second, c, false)
	}
	if got := r.Recovery(20*second, 30*second); got != 10*second {
		t.Errorf("recovery %v of clients who never came back, want up to the end", got)
	}
}

func TestEvents(t *testing.T) {
	r := measure.NewRecorder(second)
	for i := 1; i <= 100; i++ {
		r.Event(second, time.Duration(i)*time.Millisecond, i%2)
	}
	r.EventAgain()
	if r.Events.Delivered != 100 || r.Events.Missed != 50 || r.Events.Duplicates != 1 {
		t.Errorf("events %+v", r.Events)
	}
	for _, d := range r.Distributions() {
		if d.Name == "push.latency_ms" {
			return
		}
	}
	t.Error("no distribution of push latencies")
}

// The waterfall is in the order of time, whoever comes first with a load.
func TestWaterfall(t *testing.T) {
	r := measure.NewRecorder(second)
	for _, start := range []float64{30, 10, 20} {
		r.Loaded(result.Load{Path: "/", StartMS: start, EndMS: start + 5})
	}
	last := math.Inf(-1)
	for _, l := range r.Waterfall() {
		if l.StartMS < last {
			t.Errorf("a load at %v after one at %v", l.StartMS, last)
		}
		last = l.StartMS
	}
}
