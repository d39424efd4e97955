package main

import (
	"context"

	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
)

// progress is how a run is doing.
type progress struct {
	Strategy scenarios.Strategy `json:"strategy"`
	NowMS    float64            `json:"now_ms"` // virtual time reached
	Events   uint64             `json:"events"`
	Clients  int                `json:"clients"` // that have finished
	Of       int                `json:"of"`
	Done     bool               `json:"done"`
}

// describe writes the edited scenario, as a file and in full.
func (r *request) describe(out *frames) (*scenarios.Scenario, error) {
	s, text, err := r.apply()
	if err != nil {
		return nil, err
	}
	if err := out.write(kindYAML, text); err != nil {
		return nil, err
	}
	return s, out.writeJSON(kindScenario, s)
}

// simulate writes the edited scenario and the result of its runs.
func (r *request) simulate(out *frames) error {
	s, err := r.describe(out)
	if err != nil {
		return err
	}
	var traces []*traced
	watch := func(strategy scenarios.Strategy, _ uint64) trace.Sink {
		t := traceInto(out, strategy)
		traces = append(traces, t)
		return t.observe
	}
	if !r.Trace {
		watch = nil
	}
	res, err := world.Simulate(context.Background(), s, world.Options{
		Trace:      watch,
		Strategies: r.Only,
		Version:    version,
		Parallel:   1, // there is one core
		Progress: func(p world.Progress) {
			// A page that does not listen is no reason to stop.
			_ = out.writeJSON(kindProgress, progress{
				Strategy: p.Strategy, NowMS: float64(p.Now) / 1e6, Events: p.Events,
				Clients: p.Clients, Of: p.Of, Done: p.Done,
			})
		},
	})
	if err != nil {
		return err
	}
	for _, t := range traces {
		if err := t.close(); err != nil {
			return err
		}
	}
	return finish(res, out)
}

// finish writes a result with its verdicts.
func finish(res *result.Result, out *frames) error {
	if err := res.Judge(); err != nil {
		return err
	}
	if err := out.writeJSON(kindResult, res); err != nil {
		return err
	}
	return out.writeJSON(kindTable, tabulate(res))
}
