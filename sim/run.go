package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// runFlags are the flags of protosim run.
type runFlags struct {
	strategies []string
	seed       uint64
	seeds      int
	set        []string
	out        string
	plots      bool
	format     string
	parallel   int
	quiet      bool
	force      bool
}

func (p *process) runCommand() *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "run SCENARIO|FILE…",
		Short: "Simulate scenarios under each of their strategies and compare",
		Long: `Simulates each scenario, given by its name or by the path of its YAML file,
under each of its strategies, and shows who is best by which metric.

All strategies see the same users, arrivals, content, network and seed: what
differs is the protocol's doing. The same command gives the same digests and the
same numbers on every machine.

` + exitHelp("done, and every expectation held", "an expectation of a scenario failed"),
		Example: `  protosim run page-load
  protosim run page-load --strategy http1,http2 --set network.rtt=200ms
  protosim run page-load --set network.down.loss=1% --seeds 30
  protosim run mine.yaml --out results
  protosim run page-load --format json | jq '.runs[].metrics["page_load_ms.p50"]'`,
		Args:              wants(1, -1, "the name or file of a scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("seed") && f.seed == 0 {
				return badInput("--seed cannot be 0", "seeds count from 1; leave it out for the scenario's own")
			}
			return p.run(f, args)
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.strategies, "strategy", nil, "simulate only these `strategies` (default: the scenario's)")
	flags.Uint64Var(&f.seed, "seed", 0, "derive all randomness from this `number` (default: the scenario's seed)")
	flags.IntVar(&f.seeds, "seeds", 1, "replicate over `N` seeds from --seed on; show means with 95 % confidence intervals")
	flags.StringArrayVar(&f.set, "set", nil, "change a field of the scenario by `path=value`, as in network.rtt=80ms; may be repeated")
	flags.StringVar(&f.out, "out", "", "also write NAME.json, NAME.metrics.csv and NAME.series.csv to this `folder`")
	flags.BoolVar(&f.plots, "plots", false, "also draw all charts into the --out folder, as SVG and PNG")
	flags.BoolVar(&f.force, "force", false, "overwrite files in the --out folder that are not results of the same scenario")
	flags.StringVar(&f.format, "format", "table", "what to print: table, json (an array if there are several scenarios) or csv")
	flags.IntVar(&f.parallel, "parallel", 0, "simulate `N` runs side by side (default: one per core)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print no progress and no results, only what went wrong")
	complete(c, "strategy", completeStrategies)
	complete(c, "set", completeSet)
	complete(c, "format", cobra.FixedCompletions([]string{"table", "json", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// check finds flags that make no sense.
func (f *runFlags) check() error {
	if !slices.Contains([]string{"table", "json", "csv"}, f.format) {
		return badInput(fmt.Sprintf("--format cannot be %q", f.format), "it is one of table, json, csv")
	}
	if f.plots && f.out == "" {
		return badInput("--plots needs a folder to draw into", "name it with --out, as in --out results --plots")
	}
	const most = 100_000
	if f.seeds < 1 || f.seeds > most {
		return badInput(fmt.Sprintf("--seeds cannot be %d", f.seeds), fmt.Sprintf("it is how many seeds to simulate, 1 to %d", most))
	}
	if f.parallel < 0 {
		return badInput(fmt.Sprintf("--parallel cannot be %d", f.parallel), "it is how many runs to simulate side by side; leave it out for one per core")
	}
	return nil
}

// run simulates the scenarios, prints and stores the results. Everything that
// the user could have got wrong is checked before the first simulation.
func (p *process) run(f *runFlags, names []string) error {
	if err := f.check(); err != nil {
		return err
	}
	loaded, err := p.load(f, names)
	if err != nil {
		return err
	}
	var dir *folder
	if f.out != "" {
		if err := distinct(loaded); err != nil {
			return err
		}
		if dir, err = openFolder("--out", f.out); err != nil {
			return err
		}
		if err := dir.takes(loaded); err != nil {
			return err
		}
		for _, s := range loaded {
			if f.force {
				break
			}
			if err := dir.mayStore(s.Name, f.plots); err != nil {
				return err
			}
		}
	}
	ctx, stop := p.interruptible()
	defer stop()

	var results []*result.Result
	for i, s := range loaded {
		r, err := p.simulateOne(ctx, s, f, names[i])
		if r != nil {
			results = append(results, r)
			if dir != nil {
				if err := dir.store(r); err != nil {
					return err
				}
				if err := dir.plot(r, f.plots); err != nil {
					return err
				}
			}
			if f.format == "table" && !f.quiet {
				if i > 0 {
					fmt.Fprintln(p.stdout)
				}
				printReport(p.stdout, r, reproduce(f, names[i], r), p.colours())
			}
		}
		if err != nil {
			return errors.Join(p.print(f, results, len(names)), err)
		}
	}
	if err := p.print(f, results, len(names)); err != nil {
		return err
	}
	return p.verdict(f, results)
}

// load reads the scenarios, and checks the strategies against each.
func (p *process) load(f *runFlags, names []string) ([]*scenarios.Scenario, error) {
	var loaded []*scenarios.Scenario
	for _, name := range names {
		s, err := p.loadOne(name, f.set)
		if err != nil {
			return nil, err
		}
		if err := f.suit(s); err != nil {
			return nil, err
		}
		loaded = append(loaded, s)
	}
	return loaded, nil
}

// suit checks the flags that depend on the scenario.
func (f *runFlags) suit(s *scenarios.Scenario) error {
	if first := f.options(s).Seed; first > scenarios.MaxSeed || scenarios.MaxSeed-first < uint64(f.seeds-1) {
		return badInput(fmt.Sprintf("%d seeds from %d on are more than there are", f.seeds, first),
			fmt.Sprintf("seeds count from 1 to %d, which is what every reader of JSON keeps exactly", uint64(scenarios.MaxSeed)))
	}
	return checkStrategies(s, f.chosen())
}

// chosen are the strategies that --strategy names, nil for the scenario's.
func (f *runFlags) chosen() []scenarios.Strategy {
	if f.strategies == nil {
		return nil
	}
	chosen := []scenarios.Strategy{}
	for _, name := range f.strategies {
		chosen = append(chosen, scenarios.Strategy(strings.TrimSpace(name)))
	}
	return chosen
}

// checkStrategies lets the scenario's own rules judge the strategies.
func checkStrategies(s *scenarios.Scenario, chosen []scenarios.Strategy) error {
	if chosen == nil {
		return nil
	}
	if len(chosen) == 0 {
		return badInput("--strategy names none", "leave it out for those of the scenario, or name some of them")
	}
	changed := *s
	changed.Strategies = chosen
	changed.Expect = nil // it may compare strategies that are left out
	err := changed.Validate()
	if e := (*scenarios.Error)(nil); errors.As(err, &e) {
		e.File = "--strategy " + string(chosen[0])
		for _, other := range chosen[1:] {
			e.File += "," + string(other)
		}
	}
	return err
}

// distinct refuses scenarios of one name, whose files would overwrite each other.
func distinct(loaded []*scenarios.Scenario) error {
	for i, s := range loaded {
		if slices.ContainsFunc(loaded[:i], func(t *scenarios.Scenario) bool { return t.Name == s.Name }) {
			return badInput(fmt.Sprintf("two scenarios are called %q: their files in the --out folder would have the same names", s.Name),
				"rename one of them, or run them one at a time with a folder each")
		}
	}
	return nil
}

// options are those of the simulation.
func (f *runFlags) options(s *scenarios.Scenario) world.Options {
	return world.Options{
		Strategies: f.chosen(),
		Seed:       cmp.Or(f.seed, s.Seed),
		Seeds:      f.seeds,
		Parallel:   f.parallel,
		Version:    result.MadeBy(version()),
	}
}

// print writes the formats that need all results at once: of several
// scenarios, JSON is one array and CSV one table.
func (p *process) print(f *runFlags, results []*result.Result, asked int) error {
	switch {
	case f.quiet || len(results) == 0:
		return nil
	case f.format == "json" && asked == 1:
		return results[0].Write(p.stdout)
	case f.format == "json":
		return result.WriteAll(p.stdout, results)
	case f.format == "csv":
		return result.WriteMetricsCSV(p.stdout, results...)
	}
	return nil
}

// verdict is an error if an expectation failed. The table shows which;
// otherwise the error does.
func (p *process) verdict(f *runFlags, results []*result.Result) error {
	var lines []string
	failed, all := 0, 0
	for _, r := range results {
		failed += len(r.Failed())
		all += len(r.Expectations)
		for _, e := range r.Failed() {
			if f.quiet || f.format != "table" {
				lines = append(lines, fmt.Sprintf("\n✗ %s: %s (%s)", r.Scenario.Name, e.Expr, e.Reason))
			}
		}
	}
	if failed == 0 {
		return nil
	}
	return &exit{exitExpectation, fmt.Sprintf("%d of %d expectations failed%s", failed, all, strings.Join(lines, ""))}
}
