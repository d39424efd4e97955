package result

import (
	"errors"

	"protosim/scenarios"
)

// Judge evaluates the scenario's expectations on the runs of r, and keeps the
// outcomes in r.Expectations. It can be repeated. An expectation that compares
// a strategy without a run is skipped.
func (r *Result) Judge() error {
	r.Expectations = nil
	expectations, err := r.Scenario.Expectations()
	if err != nil {
		return err
	}
	measured := map[scenarios.Strategy]map[string]float64{}
	var ran []scenarios.Strategy
	for _, run := range r.Runs {
		measured[run.Strategy] = run.Metrics
		ran = append(ran, run.Strategy)
	}
	for _, e := range expectations {
		held, reason, err := e.Evaluate(measured)
		if err != nil && !errors.Is(err, scenarios.ErrNotEvaluated) {
			return err
		}
		r.Expectations = append(r.Expectations, Expectation{
			Expr:    e.String(),
			Held:    held,
			Skipped: err != nil && comparesOthers(e, ran),
			Reason:  reason,
		})
	}
	return nil
}

// comparesOthers says that e is about a strategy that is none of those that
// ran. If all did, a metric that is missing is a failure: a page load time is
// missing when no page was loaded.
func comparesOthers(e *scenarios.Expectation, ran []scenarios.Strategy) bool {
	_, err := scenarios.CompileExpectation(e.String(), ran)
	return err != nil
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
