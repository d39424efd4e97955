package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// interruptible is a context that Ctrl-C ends. A second Ctrl-C then ends the
// program, as if nobody had been listening.
func (p *process) interruptible() (ctx context.Context, stop func()) {
	ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// simulateOne simulates one scenario and judges its expectations. When it is
// interrupted it returns what is complete, if anything is, along with an error
// for exit code 130.
func (p *process) simulateOne(ctx context.Context, s *scenarios.Scenario, f *runFlags, name string) (*result.Result, error) {
	r, err := p.shown(ctx, s, f, f.options(s), name)
	switch {
	case ctx.Err() != nil:
		return p.interrupted(r)
	case err != nil:
		return nil, err
	}
	if err := r.Judge(); err != nil {
		return nil, bug(err, reproduce(f, name, r))
	}
	return r, nil
}

// shown simulates with its progress shown. Unless it was interrupted, an error
// is a bug.
func (p *process) shown(ctx context.Context, s *scenarios.Scenario, f *runFlags, opt world.Options, name string) (*result.Result, error) {
	if !f.quiet {
		if shown := p.showProgress(s, opt); shown != nil {
			defer shown.stop()
			opt.Progress = shown.observe
		}
	}
	r, err := p.recovering(ctx, s, opt)
	if err != nil && ctx.Err() == nil {
		return nil, bug(err, reproduce(f, name, &result.Result{Seed: opt.Seed}))
	}
	return r, err
}

// interrupted makes the best of what the simulation had when it was.
func (p *process) interrupted(r *result.Result) (*result.Result, error) {
	if r == nil || len(r.Runs) == 0 {
		return nil, &exit{exitInterrupted, "interrupted before the first run was complete: there are no results"}
	}
	r.Partial = true
	if err := r.Judge(); err != nil {
		return nil, &exit{exitInterrupted, "interrupted: " + err.Error()}
	}
	return r, &exit{exitInterrupted, "interrupted: the results are partial"}
}

// bug is the error for a simulation that failed although its input was fine.
func bug(err error, command string) error {
	message := fmt.Sprintf(`the simulation failed: %v
This is a bug in protosim, not in your scenario. Please report it with the scenario and
  %s
  protosim %s`, err, command, versionLine())
	if p := (*panicked)(nil); errors.As(err, &p) {
		message += "\n" + string(p.stack)
	}
	return &exit{exitBug, message}
}
