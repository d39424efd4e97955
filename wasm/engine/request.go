package main

import (
	"encoding/json"
	"fmt"

	"protosim/scenarios"
)

// request is what the page asks for.
type request struct {
	// Do is "describe" for the scenario alone, "simulate" for its runs too, and
	// "judge" to put runs that were simulated side by side into one result.
	Do string `json:"do"`
	edit
	// Only are the strategies to simulate, of those that the scenario has;
	// none for all.
	Only []scenarios.Strategy `json:"only"`
	// Trace asks for what happened in the runs, too.
	Trace bool `json:"trace"`
	// Results are the results to be joined by judge: of one scenario and seed,
	// with runs of different strategies.
	Results []json.RawMessage `json:"results"`
}

func unknownRequest(do string) error {
	return &scenarios.Error{Reason: fmt.Sprintf("the engine cannot %q", do), Remedy: "it can describe, simulate and judge: the page and the engine are of different versions, reload the page"}
}
