package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// panicked is a panic of the simulator as an error.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// recovering simulates and turns a panic into an error.
func (p *process) recovering(ctx context.Context, s *scenarios.Scenario, opt world.Options) (r *result.Result, err error) {
	defer func() {
		if value := recover(); value != nil {
			r, err = nil, &panicked{value, debug.Stack()}
		}
	}()
	return p.simulate(ctx, s, opt)
}
