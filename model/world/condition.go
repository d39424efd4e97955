package world

import (
	"context"
	"time"

	"protosim/model/measure"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// conditionStep is how often conditions are looked at.
const conditionStep = 100 * time.Millisecond

// comesTrue waits for a fault's time and then for its condition, if it has one.
// It reports false if the run ends before.
func (w *world) comesTrue(ctx context.Context, key vtime.Key, f scenarios.Fault) bool {
	if w.clock.Sleep(ctx, key, f.At.Std()) != nil {
		return false
	}
	if f.When == "" {
		return true
	}
	condition, err := scenarios.CompileCondition(f.When)
	for err == nil {
		var held bool
		if held, err = condition.Holds(w.counter); held {
			return true
		}
		if err == nil && w.clock.Sleep(ctx, key, conditionStep) != nil {
			return false
		}
	}
	w.must(err)
	return false
}

// counter returns what a counter of scenarios.Counters says now.
func (w *world) counter(name string) float64 {
	r := w.recorder.Now()
	open := r.Started - r.Ended[measure.OK] - r.Ended[measure.Failed] - r.Ended[measure.Abandoned]
	switch name {
	case "time":
		return w.clock.Now().Seconds()
	case "connections.open":
		return float64(w.open)
	case "clients.unserved":
		return float64(r.Unserved)
	case "clients.finished":
		return float64(w.pulse.done.Load())
	case "requests.total":
		return float64(r.Started)
	case "requests.open":
		return float64(open)
	case "requests.ok":
		return float64(r.Ended[measure.OK])
	case "requests.failed":
		return float64(r.Ended[measure.Failed])
	case "sessions.total", "sessions.lost":
		created, lost := w.book.Totals()
		if name == "sessions.lost" {
			return float64(lost)
		}
		return float64(created)
	case "disconnects.total":
		return float64(r.Disconnects)
	case "reconnects.total":
		return float64(r.Reconnects)
	case "servers.running":
		n := 0
		for _, f := range w.fleets {
			for _, m := range f.machines {
				if m.running.Load() {
					n++
				}
			}
		}
		return float64(n)
	}
	panic("world: no counter " + name)
}

// firstFault returns when the first fault happened: by the scenario where it has
// a time, and otherwise when its condition came true.
func (w *world) firstFault() (first time.Duration, ok bool) {
	note := func(at time.Duration) {
		if !ok || at < first {
			first, ok = at, true
		}
	}
	for i, f := range w.scenario.Faults {
		if f.When == "" {
			note(f.At.Std())
		} else if w.happened[i] >= 0 {
			note(w.happened[i])
		}
	}
	return first, ok
}
