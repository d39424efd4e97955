// Package world turns a scenario into a running world and its outcome into a
// result: it is the one entrance to the model.
package world

import (
	"context"

	"protosim/model/result"
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

	// Progress, when set, is told now and then how each run is doing. It is
	// called from several goroutines, one call at a time, in wall time: it
	// must not influence the run.
	Progress func(Progress)
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

// Simulate runs the scenario under each strategy and seed and gathers what
// they measured. If ctx ends first, it returns what is complete, marked as
// partial, together with ctx's error.
func Simulate(ctx context.Context, s *scenarios.Scenario, opt Options) (*result.Result, error) {
	panic("TODO")
}
