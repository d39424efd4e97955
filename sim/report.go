package main

import (
	"fmt"
	"io"
	"strings"

	"protosim/model/result"
	"protosim/viz/chart"
)

// printReport writes a result for people: what was asked and found, who is
// best by which metric, which expectations held, and how to get it all again.
func printReport(w io.Writer, r *result.Result, command string, c colours) {
	heading := c.bold(r.Scenario.Name)
	if r.Scenario.Title != "" {
		heading += ": " + r.Scenario.Title
	}
	fmt.Fprintln(w, heading)
	if r.Partial {
		fmt.Fprintln(w, c.red("PARTIAL: interrupted; some strategies or seeds are missing"))
	}
	if finding := result.Finding(r); finding != "" {
		fmt.Fprintln(w, finding)
	}
	fmt.Fprintf(w, "\n%s\n", comparisonTable(result.Compare(r), c))
	printLegend(w, r)
	if missing := chart.NotHappened(r); len(missing) > 0 {
		fmt.Fprintf(w, "\n%s\n%s\n", c.bold("Did not happen"), strings.Join(missing, "\n"))
	}
	printExpectations(w, r.Expectations, c)
	printDigests(w, r, command, c)
}

// printLegend explains the table's signs.
func printLegend(w io.Writer, r *result.Result) {
	legend := []string{bestMark + " best of its row, or as good within 2 %"}
	if n := r.Seeds(); n > 1 {
		legend = append(legend, fmt.Sprintf("mean over %d seeds ± half-width of its 95 %% confidence interval", n))
	}
	if _, zeros := result.Compare(r).Sections(); len(zeros) > 0 {
		legend = append(legend, fmt.Sprintf("not shown: 0 throughout (%d)", len(zeros)))
	}
	fmt.Fprintln(w, strings.Join(legend, " · "))
}

// printExpectations lists the expectations and how they came out.
func printExpectations(w io.Writer, expectations []result.Expectation, c colours) {
	if len(expectations) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", c.bold("Expectations"))
	for _, e := range expectations {
		mark := c.red("✗")
		switch {
		case e.Skipped:
			mark = c.faint("–")
		case e.Held:
			mark = c.green("✓")
		}
		reason := e.Reason
		if e.Skipped {
			reason = "not evaluated: " + reason
		}
		fmt.Fprintf(w, "%s %s\n  %s\n", mark, e.Expr, c.faint(reason))
	}
}

// printDigests says how to get the same result again, and how to tell that it
// is the same.
func printDigests(w io.Writer, r *result.Result, command string, c colours) {
	var digests []string
	for _, run := range r.Runs {
		digests = append(digests, fmt.Sprintf("%s %s", run.Strategy, abbreviate(run.Digest)))
	}
	seeds := fmt.Sprintf("seed %d", r.Seed)
	if n := r.Seeds(); n > 1 {
		seeds = fmt.Sprintf("seeds %d to %d", r.Replicates[0].Seed, r.Replicates[n-1].Seed)
	}
	fmt.Fprintf(w, "\n%s\n", c.faint(fmt.Sprintf("%s, digests: %s", seeds, strings.Join(digests, ", "))))
	fmt.Fprintln(w, c.faint("reproduce: "+command))
}

// abbreviate shortens a digest to what is enough to tell two apart.
func abbreviate(digest string) string {
	return digest[:min(len(digest), 12)]
}
