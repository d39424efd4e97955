package result

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"protosim/scenarios"
)

// Check reports the first thing that makes r something other than a complete
// and consistent result, naming the field. Write and Read check, so that
// what is stored can be relied on.
func (r *Result) Check() error {
	switch {
	case r.Schema != Schema:
		return schemaError(r.Schema)
	case r.Scenario == nil:
		return fmt.Errorf("scenario: missing")
	case r.Fidelity == "":
		return fmt.Errorf("fidelity: missing")
	case len(r.Runs) == 0 && !r.Partial:
		return fmt.Errorf("runs: there are none")
	}
	if err := checkRuns("runs", r.Runs); err != nil {
		return err
	}
	for i, run := range r.Runs {
		for k, o := range run.Faults {
			if o.Fault < 0 || o.Fault >= len(r.Scenario.Faults) {
				return fmt.Errorf("runs[%d].faults[%d].fault: %d, but the scenario has %d", i, k, o.Fault, len(r.Scenario.Faults))
			}
			if !(o.FromMS >= 0 && o.ToMS >= o.FromMS) || math.IsInf(o.ToMS, 0) {
				return fmt.Errorf("runs[%d].faults[%d]: from %v to %v ms", i, k, o.FromMS, o.ToMS)
			}
		}
	}
	return r.checkReplicates()
}

// schemaError says what is wrong with a schema other than ours.
func schemaError(found string) error {
	if found == "" {
		return fmt.Errorf("schema: missing; a result of protosim has %q", Schema)
	}
	return fmt.Errorf("schema: %q, but this protosim reads %q", found, Schema)
}

// checkRuns checks each run, and that no strategy has two.
func checkRuns(field string, runs []Run) error {
	var seen []scenarios.Strategy
	for i := range runs {
		field := fmt.Sprintf("%s[%d]", field, i)
		if slices.Contains(seen, runs[i].Strategy) {
			return fmt.Errorf("%s.strategy: a second run of %q", field, runs[i].Strategy)
		}
		seen = append(seen, runs[i].Strategy)
		if err := runs[i].check(field); err != nil {
			return err
		}
	}
	return nil
}

func (run *Run) check(field string) error {
	switch {
	case run.Strategy == "":
		return fmt.Errorf("%s.strategy: missing", field)
	case run.Digest == "":
		return fmt.Errorf("%s.digest: missing", field)
	case run.Metrics == nil:
		return fmt.Errorf("%s.metrics: missing", field)
	}
	if err := run.Metrics.check(field + ".metrics"); err != nil {
		return err
	}
	if err := run.CI95.check(field + ".ci95"); err != nil {
		return err
	}
	for _, name := range run.CI95.Names() {
		if _, ok := run.Metrics[name]; !ok {
			return fmt.Errorf("%s.ci95[%q]: there is no such metric", field, name)
		}
	}
	for i := range run.Series {
		if err := run.Series[i].check(fmt.Sprintf("%s.series[%d]", field, i)); err != nil {
			return err
		}
	}
	for i := range run.Distributions {
		if err := run.Distributions[i].check(fmt.Sprintf("%s.distributions[%d]", field, i)); err != nil {
			return err
		}
	}
	if err := run.checkPercentiles(field); err != nil {
		return err
	}
	for i := range run.Waterfall {
		if err := run.Waterfall[i].check(fmt.Sprintf("%s.waterfall[%d]", field, i)); err != nil {
			return err
		}
	}
	if err := run.checkSums(field); err != nil {
		return err
	}
	return run.checkLost(field)
}

// sums are metrics that come to the same, where a run has them all: each request,
// event and byte is counted in exactly one.
var sums = []struct{ whole, parts []string }{
	{[]string{"requests.total"}, []string{"requests.ok", "requests.failed", "requests.abandoned"}},
	{[]string{"push.sent"}, []string{"push.delivered", "push.missed", "push.undelivered"}},
	{[]string{"bytes.sent", "bytes.received"}, []string{"bytes.payload", "bytes.overhead"}},
	{[]string{"bytes.overhead"}, []string{"bytes.headers", "bytes.framing", "bytes.tls", "bytes.tcp_ip", "bytes.retransmitted"}},
}

// checkSums checks that no metric contradicts those that it is the sum of.
func (run *Run) checkSums(field string) error {
	m := run.Metrics
	if _, ok := m["bytes.framing"]; ok {
		if _, ok := m["bytes.headers"]; !ok {
			return fmt.Errorf("%s.metrics: no bytes.headers; an earlier protosim counted them as bytes.framing: simulate anew", field)
		}
	}
	for _, s := range sums {
		whole, ok1 := m.sum(s.whole)
		parts, ok2 := m.sum(s.parts)
		if ok1 && ok2 && math.Abs(whole-parts) > 1e-6*(1+math.Abs(whole)) {
			return fmt.Errorf("%s.metrics: %s: %v, but %s: %v", field, strings.Join(s.whole, " + "), whole, strings.Join(s.parts, " + "), parts)
		}
	}
	return nil
}

// sum adds metrics up, if there are all of them.
func (m Metrics) sum(names []string) (sum float64, all bool) {
	for _, name := range names {
		v, ok := m[name]
		if !ok {
			return 0, false
		}
		sum += v
	}
	return sum, true
}

// checkLost checks that the sessions lost for each reason are those lost.
func (run *Run) checkLost(field string) error {
	sum := 0.
	for _, reason := range slices.Sorted(maps.Keys(run.Lost)) {
		n := run.Lost[reason]
		if !(n >= 0) || math.IsInf(n, 0) {
			return fmt.Errorf("%s.sessions_lost[%q]: %v", field, reason, n)
		}
		sum += n
	}
	if lost := run.Metrics["sessions.lost"]; len(run.Lost) > 0 && math.Abs(sum-lost) > 1e-6*(1+lost) {
		return fmt.Errorf("%s.sessions_lost: %v in all, but the metric sessions.lost is %v", field, sum, lost)
	}
	return nil
}

// checkReplicates checks that the replicates, if there are any, are those
// that Runs sums up.
func (r *Result) checkReplicates() error {
	if len(r.Replicates) == 0 {
		return nil
	}
	for i, replicate := range r.Replicates {
		if err := checkRuns(fmt.Sprintf("replicates[%d].runs", i), replicate.Runs); err != nil {
			return err
		}
		for j, earlier := range r.Replicates[:i] {
			if earlier.Seed == replicate.Seed {
				return fmt.Errorf("replicates[%d].seed: %d, as replicates[%d]", i, replicate.Seed, j)
			}
		}
	}
	for _, want := range Summarize(r.Replicates) {
		i := slices.IndexFunc(r.Runs, func(run Run) bool { return run.Strategy == want.Strategy })
		if i < 0 {
			return fmt.Errorf("runs: %s is missing, though the replicates have it", want.Strategy)
		}
		if err := r.Runs[i].equal(want, fmt.Sprintf("runs[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

// equal says where run departs from what the replicates give.
func (run *Run) equal(want Run, field string) error {
	if run.Digest != want.Digest {
		return fmt.Errorf("%s.digest: %q, but its replicates give %q", field, run.Digest, want.Digest)
	}
	for _, pair := range []struct {
		field      string
		have, want Metrics
	}{
		{field + ".metrics", run.Metrics, want.Metrics},
		{field + ".ci95", run.CI95, want.CI95},
	} {
		for _, name := range pair.want.Names() {
			if have, ok := pair.have[name]; !ok || have != pair.want[name] {
				return fmt.Errorf("%s[%q]: %v, but its replicates give %v", pair.field, name, have, pair.want[name])
			}
		}
		for _, name := range pair.have.Names() {
			if _, ok := pair.want[name]; !ok {
				return fmt.Errorf("%s[%q]: no replicate has it", pair.field, name)
			}
		}
	}
	return nil
}
