package world

import (
	"sync/atomic"
	"time"

	"protosim/model/vtime"
	"protosim/scenarios"
)

// pulse is what a run shows of itself to those outside its bubble.
type pulse struct {
	clock atomic.Pointer[vtime.Clock]
	done  atomic.Int64 // clients that have finished
}

// reportProgress reports how the run is doing, until stop is called.
func (w *world) reportProgress(report func(Progress)) (stop func()) {
	tell := func(done bool) {
		p := Progress{
			Strategy: w.strategy,
			Seed:     w.seed,
			Clients:  int(w.pulse.done.Load()),
			Of:       w.scenario.Clients.Count,
			Done:     done,
		}
		if clock := w.pulse.clock.Load(); clock != nil {
			p.Now, p.Events = scenarios.Duration(clock.Now()), clock.Fired()
		}
		report(p)
	}
	over, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				tell(false)
			case <-over:
				tell(true)
				return
			}
		}
	}()
	return func() {
		close(over)
		<-stopped
	}
}
