package result

import (
	"errors"

	"protosim/scenarios"
)

// Judge evaluates the scenario's expectations on the runs of r, and keeps the
// outcomes in r.Expectations. It can be repeated.
func (r *Result) Judge() error {
	r.Expectations = nil
	expectations, err := r.Scenario.Expectations()
	if err != nil {
		return err
	}
	measured := map[scenarios.Strategy]map[string]float64{}
	for _, run := range r.Runs {
		measured[run.Strategy] = run.Metrics
	}
	for _, e := range expectations {
		held, reason, err := e.Evaluate(measured)
		if err != nil && !errors.Is(err, scenarios.ErrNotEvaluated) {
			return err
		}
		r.Expectations = append(r.Expectations, Expectation{
			Expr:    e.String(),
			Held:    held,
			Skipped: err != nil,
			Reason:  reason,
		})
	}
	return nil
}

// Failed lists the expectations that did not hold.
func (r *Result) Failed() []Expectation {
	var failed []Expectation
	for _, e := range r.Expectations {
		if !e.Held && !e.Skipped {
			failed = append(failed, e)
		}
	}
	return failed
}
