// Package world turns a scenario into a running world and its outcome into a
// result: it is the one entrance to the model.
package world

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"protosim/model/page"
	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// Options says which part of a scenario to simulate, and how. The zero value
// simulates all of its strategies with its own seed.
type Options struct {
	Strategies []scenarios.Strategy // default: the scenario's
	Seed       uint64               // default: the scenario's
	Seeds      int                  // replicates: Seed, Seed+1, …; default 1
	Parallel   int                  // runs side by side; default: the number of cores
	Version    string               // written into the result

	// Trace, when set, returns who gets the trace of a run, or nil for nobody.
	// Runs go on side by side, each with its own sink.
	Trace func(scenarios.Strategy, uint64) trace.Sink

	// Capture, when set, returns who looks at a run's packets.
	Capture func(scenarios.Strategy, uint64) Capture

	// Progress, when set, is told now and then how each run is doing. It is
	// called from several goroutines, one call at a time, in wall time: it
	// must not influence the run.
	Progress func(Progress)

	// Run, when set, does a single run in Run's place: somewhere else, with the
	// same outcome.
	Run func(context.Context, *scenarios.Scenario, scenarios.Strategy, uint64, Options) (*result.Run, error)
}

// Progress tells how one run is doing.
type Progress struct {
	Strategy scenarios.Strategy
	Seed     uint64
	Now      scenarios.Duration // virtual time reached
	Events   uint64             // events executed so far
	Clients  int                // clients that have finished
	Of       int                // clients in all
	Done     bool               // the run is over
}

// progressEvery is the wall time between two reports of a run's progress.
const progressEvery = 100 * time.Millisecond

// Simulate runs the scenario under each strategy and seed and gathers what
// they measured. If ctx ends first, it returns what is complete, marked as
// partial, together with ctx's error.
func Simulate(ctx context.Context, s *scenarios.Scenario, opt Options) (*result.Result, error) {
	if len(opt.Strategies) == 0 {
		opt.Strategies = s.Strategies
	}
	if opt.Seed == 0 {
		opt.Seed = s.Seed
	}
	opt.Seeds = max(opt.Seeds, 1)
	if opt.Run == nil {
		opt.Run = Run
	}
	if opt.Parallel <= 0 {
		opt.Parallel = runtime.GOMAXPROCS(0)
	}
	if report := opt.Progress; report != nil {
		var mu sync.Mutex
		opt.Progress = func(p Progress) {
			mu.Lock()
			defer mu.Unlock()
			report(p)
		}
	}
	runs := make([][]*result.Run, opt.Seeds)
	group, limited := errgroup.WithContext(ctx)
	group.SetLimit(opt.Parallel)
	for i := range runs {
		runs[i] = make([]*result.Run, len(opt.Strategies))
		for j, strategy := range opt.Strategies {
			group.Go(func() error {
				if limited.Err() != nil {
					return context.Cause(limited)
				}
				run, err := opt.Run(limited, s, strategy, opt.Seed+uint64(i), opt)
				runs[i][j] = run
				return err
			})
		}
	}
	err := group.Wait()
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	return gather(s, opt, runs), ctx.Err()
}

// gather makes a result of the runs that are complete.
func gather(s *scenarios.Scenario, opt Options, runs [][]*result.Run) *result.Result {
	r := &result.Result{Schema: result.Schema, Version: opt.Version, Scenario: s, Seed: opt.Seed, Fidelity: "wire"}
	var replicates []result.Replicate
	for i, ofSeed := range runs {
		replicate := result.Replicate{Seed: opt.Seed + uint64(i)}
		for _, run := range ofSeed {
			if run == nil {
				r.Partial = true
				continue
			}
			replicate.Runs = append(replicate.Runs, *run)
			if i > 0 {
				replicate.Runs[len(replicate.Runs)-1].Waterfall = nil // one is enough to look at
			}
		}
		if len(replicate.Runs) > 0 {
			replicates = append(replicates, replicate)
		}
	}
	if len(replicates) > 0 {
		r.Runs = result.Summarize(replicates)
	}
	if opt.Seeds > 1 {
		r.Replicates = replicates
	}
	return r
}

// Run simulates the scenario once, under one strategy and seed. Of the options
// it heeds Trace, Capture and Progress.
func Run(ctx context.Context, s *scenarios.Scenario, strategy scenarios.Strategy, seed uint64, opt Options) (*result.Run, error) {
	p, err := page.Resolve(s, seed)
	if err != nil {
		return nil, err
	}
	w := &world{scenario: s, strategy: strategy, seed: seed, page: p}
	if opt.Trace != nil {
		w.sink = opt.Trace(strategy, seed)
	}
	if opt.Capture != nil {
		w.capture = opt.Capture(strategy, seed)
	}
	if opt.Progress != nil {
		stop := w.reportProgress(opt.Progress)
		defer stop()
	}
	err = vtime.Run(ctx, w.run)
	if w.gatherer != nil {
		w.gatherer.Flush()
	}
	if err != nil {
		return nil, fmt.Errorf("%s, %s, seed %d: %w", s.Name, strategy, seed, err)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := w.checkConnections(); err != nil {
		return nil, fmt.Errorf("%s, %s, seed %d: %w", s.Name, strategy, seed, err)
	}
	return &result.Run{
		Strategy: strategy,
		Digest:   w.net.Digest(),
		Metrics:  w.metrics(),
		Series:   w.recorder.Series(w.recorder.Finished),

		Distributions: w.recorder.Distributions(),
		Waterfall:     w.recorder.Waterfall(),
		Faults:        w.occurrences(),
		Lost:          w.lost(),
		Sources:       w.sources(),
	}, nil
}
