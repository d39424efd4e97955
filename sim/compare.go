package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"protosim/model/result"
	"protosim/scenarios"
)

func (p *process) compareCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Show what changed between two stored results",
		Long: `Shows what changed between two results that protosim run --out stored: settings
of the scenario, and metrics of each strategy that both have.

With several seeds on both sides it tells changes from chance: a change is
significant if the 95 % confidence interval of the difference does not reach 0.
Results of the same seeds are compared seed by seed, which tells more apart. One
seed proves nothing, and then nothing is significant. Of a hundred metrics that
did not change, about five look as if they had: trust those that you expected.

Exit codes:
  0  nothing changed, or nothing that is significant
  1  something changed significantly, for better or for worse
  2  bad input: a file that is no result, or results without a common strategy`,
		Example: `  protosim run page-load --seeds 20 --out before
  protosim run page-load --seeds 20 --out after --set network.tcp.initial_window=32
  protosim compare before/page-load.json after/page-load.json`,
		Args: wants(2, 2, "the files of two results"),
		RunE: func(_ *cobra.Command, args []string) error { return p.compare(args[0], args[1], all) },
	}
	c.Flags().BoolVar(&all, "all", false, "show changes that may be chance, too, where seeds tell them apart")
	return c
}

func (p *process) compare(from, to string, all bool) error {
	before, err := p.readResult(from)
	if err != nil {
		return err
	}
	after, err := p.readResult(to)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(before.Runs, func(a result.Run) bool {
		return slices.ContainsFunc(after.Runs, func(b result.Run) bool { return a.Strategy == b.Strategy })
	}) {
		return badInput("the two results have no strategy in common", "compare results of the same strategies")
	}
	p.compareSettings(before, after)
	differences := result.Differences(before, after)
	tested := before.Seeds() > 1 && after.Seeds() > 1
	significant := 0
	for _, d := range differences {
		if d.Significant() {
			significant++
		}
	}
	switch {
	case len(differences) == 0:
		fmt.Fprintln(p.stdout, "No metric changed.")
		return nil
	case !tested:
		fmt.Fprintf(p.stdout, "%d metrics changed. One seed proves nothing: run both with --seeds 20 to tell change from chance.\n\n", len(differences))
	default:
		fmt.Fprintf(p.stdout, "%d metrics changed, %d of them significantly (95 %%, %s).\n\n", len(differences), significant, testName(differences))
	}
	if tested && !all {
		differences = slices.DeleteFunc(differences, func(d result.Difference) bool { return !d.Significant() })
	}
	if len(differences) > 0 {
		fmt.Fprintln(p.stdout, differenceTable(differences, p.colours()))
	}
	if significant > 0 {
		return &exit{exitExpectation, fmt.Sprintf("%d metrics changed significantly", significant)}
	}
	return nil
}

// testName says how significance was found.
func testName(differences []result.Difference) string {
	if slices.ContainsFunc(differences, func(d result.Difference) bool { return d.Paired }) {
		return "seed by seed"
	}
	return "Welch's test, as the seeds differ"
}

// differenceTable lists changes, strategy by strategy.
func differenceTable(differences []result.Difference, paint colours) string {
	t := newTable()
	t.AppendHeader(table.Row{"", "before", "after", "change", ""})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 4, Align: text.AlignRight, AlignHeader: text.AlignRight},
	})
	var strategy scenarios.Strategy
	for _, d := range differences {
		if d.Strategy != strategy {
			strategy = d.Strategy
			t.AppendRow(table.Row{paint.bold(string(strategy))})
		}
		scale := result.ScaleFor(d.Metric.Unit, d.Before, d.After)
		before, after, change := "–", "–", ""
		if d.InBefore {
			before = scale.Format(d.Before)
		}
		if d.InAfter {
			after = scale.Format(d.After)
		}
		if d.InBefore && d.InAfter {
			change = signed(d, scale)
		}
		t.AppendRow(table.Row{"  " + d.Metric.Name, before, after, change, direction(d, paint)})
	}
	return t.Render()
}

// signed is the change with its sign, in per cent where that means something,
// and with its confidence interval.
func signed(d result.Difference, scale result.Scale) string {
	sign := "+"
	if d.Change() < 0 {
		sign = "-"
	}
	change := max(d.Change(), -d.Change())
	if d.Before == 0 {
		return sign + scale.Format(change)
	}
	percent := fmt.Sprintf("%s%.3g", sign, 100*change/d.Before)
	if d.Tested {
		percent += fmt.Sprintf(" ± %.2g", 100*d.CI95/d.Before)
	}
	return percent + " %"
}

// direction says whether a change is for better or worse, if it is one.
func direction(d result.Difference, paint colours) string {
	words := "changed"
	switch {
	case d.Worse():
		words = "worse"
	case d.Better():
		words = "better"
	}
	switch {
	case d.Tested && !d.Significant():
		return paint.faint("may be chance")
	case !d.Tested:
		return words
	case d.Worse():
		return paint.red(words)
	}
	return paint.green(words)
}

// compareSettings lists the settings in which two results' scenarios differ.
func (p *process) compareSettings(before, after *result.Result) {
	a, b := settings(before), settings(after)
	var lines []string
	for _, path := range slices.Sorted(maps.Keys(merged(a, b))) {
		if a[path] != b[path] {
			lines = append(lines, fmt.Sprintf("  %s: %s, then %s", path, orNone(a[path]), orNone(b[path])))
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(p.stdout, "Settings that differ\n%s\n\n", strings.Join(lines, "\n"))
	}
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// settings are a result's scenario as paths and values, and what else it is of.
func settings(r *result.Result) map[string]string {
	flat := map[string]string{"protosim": r.Version, "seeds": fmt.Sprintf("%d from %d", r.Seeds(), r.Seed)}
	data, err := json.Marshal(r.Scenario)
	if err != nil {
		panic("sim: " + err.Error()) // it was read from JSON
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		panic("sim: " + err.Error())
	}
	for _, words := range []string{"title", "description", "expect", "seed"} {
		delete(tree, words) // not part of what is simulated
	}
	flatten("", tree, flat)
	return flat
}

func flatten(path string, node any, into map[string]string) {
	switch n := node.(type) {
	case map[string]any:
		for name, child := range n {
			flatten(strings.TrimPrefix(path+"."+name, "."), child, into)
		}
	case []any:
		for i, child := range n {
			flatten(fmt.Sprintf("%s[%d]", path, i), child, into)
		}
	default:
		into[path] = fmt.Sprint(n)
	}
}
