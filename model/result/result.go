// Package result is the contract between the model, the charts, the command
// and outside tools: what a simulation measured, and how that is written down.
package result

import "protosim/scenarios"

// Schema identifies the format of a stored Result.
const Schema = "protosim.result/1"

// Result is what one scenario gave under each of its strategies.
type Result struct {
	Schema   string              `json:"schema"`
	Version  string              `json:"version"` // of protosim and of Go: see MadeBy
	Scenario *scenarios.Scenario `json:"scenario"`
	Seed     uint64              `json:"seed"`
	Fidelity string              `json:"fidelity"` // "wire"
	// Partial says that the simulation was interrupted: some strategies or
	// seeds are missing.
	Partial bool `json:"partial,omitempty"`
	// Runs holds one entry per strategy. With several seeds its metrics are means.
	Runs []Run `json:"runs"`
	// Replicates holds every single run when there were several seeds.
	Replicates   []Replicate   `json:"replicates,omitempty"`
	Expectations []Expectation `json:"expectations,omitempty"`
	// Sum is the SHA-256 of all of the above as JSON without white space. Write
	// sets it, and Read refuses what does not have it.
	Sum string `json:"sum,omitempty"`
}

// Run is one strategy's outcome.
type Run struct {
	Strategy scenarios.Strategy `json:"strategy"`
	// Digest covers every time, identity, direction and size of the run:
	// equal digests mean equal runs, bit for bit.
	Digest  string  `json:"digest"`
	Metrics Metrics `json:"metrics"`
	// CI95 is the half-width of each metric's 95 % confidence interval over
	// the seeds; absent for a single seed.
	CI95   Metrics  `json:"ci95,omitempty"`
	Series []Series `json:"series,omitempty"`
	// Distributions are the durations behind the percentiles.
	Distributions []Distribution `json:"distributions,omitempty"`
	// Waterfall is the first page of the first client; with several seeds,
	// that of the first.
	Waterfall []Load `json:"waterfall,omitempty"`
	// Faults are those of the scenario that happened; with several seeds, as they
	// did in the first.
	Faults []Occurrence `json:"faults,omitempty"`
	// Lost says for what reasons sessions were lost, and how many for each: they
	// add up to sessions.lost. With several seeds these are means too.
	Lost map[string]float64 `json:"sessions_lost,omitempty"`
	// Sources says of metrics that rest on measurements of real code beforehand
	// where those come from.
	Sources map[string]string `json:"sources,omitempty"`
}

// Occurrence is when a fault of the scenario happened.
type Occurrence struct {
	Fault  int     `json:"fault"` // its index in the scenario, from 0
	FromMS float64 `json:"from_ms"`
	// ToMS is when it was over: the crashed server back, the last server
	// deployed. It is FromMS where what changed stays so.
	ToMS float64 `json:"to_ms"`
}

// Metrics maps dotted snake_case names, the unit as suffix, to values. The
// names are those of scenarios.Metrics.
type Metrics map[string]float64

// Series is a quantity over virtual time: Values[i] is its value at, or for
// counts its sum over the interval that ends at, (i+1) x StepMS.
type Series struct {
	Name   string    `json:"name"`
	StepMS float64   `json:"step_ms"`
	Values []float64 `json:"values"`
}

// Replicate is the outcome of one of several seeds.
type Replicate struct {
	Seed uint64 `json:"seed"`
	Runs []Run  `json:"runs"`
}

// Expectation is one of the scenario's expectations and how it came out.
type Expectation struct {
	Expr string `json:"expr"`
	Held bool   `json:"held"`
	// Skipped says that the expectation compares a strategy that was not
	// simulated. It has neither held nor failed.
	Skipped bool `json:"skipped,omitempty"`
	// Reason says what the compared metrics were, or what is missing.
	Reason string `json:"reason,omitempty"`
}
