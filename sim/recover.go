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

// caught makes an error of what recover returned, while the stack is there.
func caught(value any) *panicked {
	if value == nil {
		return nil
	}
	return &panicked{value, debug.Stack()}
}

// recovering simulates and turns a panic into an error.
func (p *process) recovering(ctx context.Context, s *scenarios.Scenario, opt world.Options) (r *result.Result, err error) {
	defer func() {
		if p := caught(recover()); p != nil {
			r, err = nil, p
		}
	}()
	return p.simulate(ctx, s, opt)
}
