package main

import (
	"bytes"
	"slices"

	"protosim/model/result"
	"protosim/scenarios"
)

// judge joins results of one scenario with runs of different strategies, which
// were simulated side by side, into the one result that they would have been.
func (r *request) judge(out *frames) error {
	var joined *result.Result
	for _, data := range r.Results {
		res, err := result.Read(bytes.NewReader(data))
		if err != nil {
			return err
		}
		if joined == nil {
			joined = res
			continue
		}
		joined.Runs = append(joined.Runs, res.Runs...)
	}
	if joined == nil {
		return &scenarios.Error{Reason: "there are no results to join"}
	}
	order := joined.Scenario.Strategies
	slices.SortStableFunc(joined.Runs, func(a, b result.Run) int {
		return slices.Index(order, a.Strategy) - slices.Index(order, b.Strategy)
	})
	return finish(joined, out)
}
