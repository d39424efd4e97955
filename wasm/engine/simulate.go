package main

import (
	"context"

	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/wasm/requests"
)

// request is a scenario, and what is wanted of it.
type request struct {
	Do string `json:"do"`
	edit
	// Only are the strategies to simulate, of those that the scenario has;
	// none for all.
	Only []scenarios.Strategy `json:"only"`
	// Trace asks for what happened in the runs, too.
	Trace bool `json:"trace"`
}

// progress is how a run is doing.
type progress struct {
	Strategy scenarios.Strategy `json:"strategy"`
	NowMS    float64            `json:"now_ms"` // virtual time reached
	Events   uint64             `json:"events"`
	Clients  int                `json:"clients"` // that have finished
	Of       int                `json:"of"`
	Done     bool               `json:"done"`
	// TracedMS is the virtual time before which the trace, as far as it has been
	// written, is complete.
	TracedMS float64 `json:"traced_ms"`
	// MemoryBytes is what a connection takes of a server, 0 if that differs.
	MemoryBytes float64 `json:"memory_bytes"`
}

// read reads a request and makes the scenario that it is about.
func read(raw []byte) (r request, s *scenarios.Scenario, err error) {
	if err := requests.Decode(raw, &r); err != nil {
		return r, nil, err
	}
	s, err = r.apply()
	return r, s, err
}

// describe writes the edited scenario, as a file and in full. Whoever downloads
// the file and runs it gets the same run: reading it back gives the scenario.
func describe(raw []byte, out *requests.Frames) error {
	_, s, err := read(raw)
	if err != nil {
		return err
	}
	text, err := scenarios.MarshalBrief(s)
	if err != nil {
		return err
	}
	if err := out.Write(requests.KindYAML, text); err != nil {
		return err
	}
	return out.JSON(requests.KindScenario, s)
}

// simulate writes the result of the edited scenario's runs.
func simulate(raw []byte, out *requests.Frames) error {
	r, s, err := read(raw)
	if err != nil {
		return err
	}
	var traces []*traced // one run after the other: progress is of the last one
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
		Version:    result.MadeBy(version),
		Parallel:   1, // there is one core
		Progress: func(p world.Progress) {
			told := progress{
				Strategy: p.Strategy, NowMS: float64(p.Now) / 1e6, Events: p.Events,
				Clients: p.Clients, Of: p.Of, Done: p.Done,
				MemoryBytes: world.MemoryPerConnection(s, p.Strategy),
			}
			if n := len(traces); n > 0 {
				told.TracedMS = float64(traces[n-1].flush()) / 1e6
			}
			// A page that does not listen is no reason to stop.
			_ = out.JSON(requests.KindProgress, told)
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
	return requests.Finish(res, out)
}
