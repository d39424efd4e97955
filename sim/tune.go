package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// tuneFlags are the flags of protosim tune.
type tuneFlags struct {
	runFlags
	params    []string
	minimize  string
	maximize  string
	subjectTo []string
	points    int
	rounds    int
	pictures  []string
}

func (p *process) tuneCommand() *cobra.Command {
	f := &tuneFlags{}
	c := &cobra.Command{
		Use:   "tune SCENARIO|FILE --param PATH=FROM..TO --minimize METRIC",
		Short: "Find the best value of a field, and draw the curve",
		Long: `Searches a range of one field, or of two, for the value with the lowest (or
highest) metric that keeps the constraints, and draws the curve. For each
strategy it simulates a coarse grid, evenly spaced or, where the range spans more
than a decade, by equal ratios, and then closes in on the best value; whole
numbers stay whole. Every value sees the same seeds, so that what differs is the
field's doing; the search stops where the seeds differ more than the values.

It prints the best value with its 95 % confidence interval, how the scenario does
as it stands, how flat the optimum is (the values within 5 % of the best), and
which constraint binds. Fields that reviewers otherwise guess:

  clients.reconnect.window  time over which clients spread their coming back
  clients.reconnect.base    first wait of a client before it tries again
  clients.connections       connections that an HTTP/1.1 client pools per host
  faults[0].drain           time that a deploy gives a server to finish
  faults[0].batch           servers that a deploy stops at a time
  push.poll                 time between two polls (push.hold for long polls)
  servers.count             number of servers
  servers.concurrency       requests that a server works on at a time (its pool)
  servers.queue             requests that may wait there
  balancer.idle_timeout     time after which idle connections are closed
  cache.memory              memory of a cache

--set takes the same paths. Without a range, tune looks around what the scenario
has: a decade to either side, a factor of four of a whole number, and up to a
quarter of the run for a time that is 0. --subject-to takes expressions like those
of a scenario's expectations; metrics without a strategy are of the one that is
tuned.

Finished points are kept in the --out folder and used again, as with sweep.

` + exitHelp("done", "no value keeps the constraints; the one nearest to it is shown"),
		Example: `  protosim tune reconnect-storm --param clients.reconnect.window=1s..60s \
      --minimize recovery_ms --subject-to 'reconnects.peak_per_second <= 200' --strategy websocket
  protosim tune push-frequency --param push.poll=500ms..30s --strategy poll \
      --minimize bytes.received --subject-to 'push.latency_ms.mean < 2000'
  protosim tune rolling-deploy --param 'faults[0].drain=1s..30s' --param 'faults[0].batch=1..2' \
      --minimize unserved.peak --strategy websocket
  protosim tune mine.yaml --param servers.count=2..12 --minimize servers.imbalance --seeds 10`,
		Args:              wants(1, 1, "the name or file of one scenario"),
		ValidArgsFunction: completeScenarios,
		RunE:              func(_ *cobra.Command, args []string) error { return p.tune(f, args[0]) },
	}
	flags := c.Flags()
	flags.StringArrayVar(&f.params, "param", nil, "search a field by `path=from..to`, as in servers.count=2..12; may be given twice")
	flags.StringVar(&f.minimize, "minimize", "", "find the lowest value of this `metric`")
	flags.StringVar(&f.maximize, "maximize", "", "find the highest value of this `metric`")
	flags.StringArrayVar(&f.subjectTo, "subject-to", nil, "an `expression` that the value must keep, as in 'requests.failed < 100'; may be repeated")
	flags.StringSliceVar(&f.strategies, "strategy", nil, "tune only these `strategies`, each by itself (default: the scenario's)")
	flags.Uint64Var(&f.seed, "seed", 0, "derive all randomness from this `number` (default: the scenario's seed)")
	flags.IntVar(&f.seeds, "seeds", 3, "replicate every point over `N` seeds")
	flags.StringArrayVar(&f.set, "set", nil, "change another field of the scenario by `path=value`; may be repeated")
	flags.IntVar(&f.points, "points", 0, "begin with a grid of `N` values of each field (default: 9, or 5 of each of two)")
	flags.IntVar(&f.rounds, "rounds", 4, "then halve the distance between values `N` times, around the best")
	flags.StringVar(&f.out, "out", "", "keep points, result and pictures in this `folder` (default: SCENARIO.tune)")
	flags.StringSliceVar(&f.pictures, "pictures", []string{"svg", "png"}, "write these `formats` of pictures: svg, png, pdf")
	flags.StringVar(&f.format, "format", "table", "what to print: table or json")
	flags.IntVar(&f.parallel, "parallel", 0, "simulate `N` points side by side (default: one per core)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print no progress and no results, only what went wrong")
	complete(c, "param", completeSet)
	complete(c, "set", completeSet)
	complete(c, "strategy", completeStrategies)
	complete(c, "minimize", completeMetrics)
	complete(c, "maximize", completeMetrics)
	complete(c, "format", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	complete(c, "pictures", cobra.FixedCompletions(figure.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// tuning is the search for one strategy.
type tuning struct {
	search
	strategy    scenarios.Strategy
	constraints []*scenarios.Constraint
	simulated   []scenarios.Strategy // the strategy, and those that constraints compare it with
}

// check finds flags that make no sense.
func (f *tuneFlags) check() error {
	if !slices.Contains([]string{"table", "json"}, f.format) {
		return badInput(fmt.Sprintf("--format cannot be %q", f.format), "it is one of table, json; --pictures chooses the formats of pictures")
	}
	if err := f.runFlags.check(); err != nil {
		return err
	}
	for _, name := range f.pictures {
		if !slices.Contains(figure.Formats(), name) {
			return badInput(fmt.Sprintf("--pictures cannot be %q", name), "it is some of "+strings.Join(figure.Formats(), ", "))
		}
	}
	if n := len(f.params); n < 1 || n > 2 {
		return badInput(fmt.Sprintf("%d fields to tune, but tune searches one or two", n), "give --param once or twice, as in --param clients.reconnect.window=1s..60s")
	}
	if (f.minimize == "") == (f.maximize == "") {
		return badInput("tune needs one metric to make as low or as high as can be", "give --minimize or --maximize, as in --minimize recovery_ms")
	}
	if _, ok := scenarios.MetricNamed(f.metric()); !ok {
		var names []string
		for _, m := range scenarios.Metrics() {
			names = append(names, m.Name)
		}
		return badInput(fmt.Sprintf("there is no metric %q", f.metric()), suggest("%s", nearest(f.metric(), names), "protosim run shows them all; --strategy says whose is meant"))
	}
	if f.points == 0 {
		f.points = map[int]int{1: 9, 2: 5}[len(f.params)]
	}
	const most = 100
	if f.points < 2 || f.points > most {
		return badInput(fmt.Sprintf("--points cannot be %d", f.points), fmt.Sprintf("it is how many values of each field to begin with, 2 to %d", most))
	}
	if f.rounds < 0 || f.rounds > most {
		return badInput(fmt.Sprintf("--rounds cannot be %d", f.rounds), fmt.Sprintf("it is how often to close in on the best value, 0 to %d", most))
	}
	return nil
}

// metric is what is made as low or as high as can be.
func (f *tuneFlags) metric() string { return f.minimize + f.maximize }

// tune checks everything, searches for each strategy, and reports.
func (p *process) tune(f *tuneFlags, name string) error {
	if err := f.check(); err != nil {
		return err
	}
	if name == "-" {
		return badInput("tune cannot read standard input", "store the scenario in a file")
	}
	load := func(set ...string) (*scenarios.Scenario, error) {
		return p.loadOne(name, append(slices.Clone(f.set), set...))
	}
	s, tunings, err := f.tunings(load)
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = s.Name + ".tune"
	}
	if _, err := openFolder("--out", f.out); err != nil {
		return err
	}
	ctx, stop := p.interruptible()
	defer stop()
	for _, t := range tunings {
		t.evaluate = func(batch []*setting) error { return p.measure(ctx, f, t, load, batch) }
		if err := t.run(); err != nil {
			return err
		}
		if !slices.ContainsFunc(t.tried, func(s *setting) bool { return s.measured }) {
			return badInput(fmt.Sprintf("%s is measured nowhere under %s", f.metric(), t.strategy),
				"choose a metric that protosim run "+name+" shows; the recovery, for instance, needs a fault")
		}
	}
	return p.reportTuning(f, name, s, tunings)
}

// tunings are the searches, one for each strategy.
func (f *tuneFlags) tunings(load loader) (*scenarios.Scenario, []*tuning, error) {
	s, err := load()
	if err != nil {
		return nil, nil, err
	}
	if err := f.suit(s); err != nil {
		return nil, nil, err
	}
	var params []*parameter
	for _, text := range f.params {
		param, err := parseParameter(text, load)
		if err != nil {
			return nil, nil, err
		}
		if len(params) > 0 && params[0].path == param.path {
			return nil, nil, badInput("--param names "+param.path+" twice", "give two fields, or one")
		}
		params = append(params, param)
	}
	strategies := f.chosen()
	if strategies == nil {
		strategies = s.Strategies
	}
	var tunings []*tuning
	for _, strategy := range strategies {
		t := &tuning{strategy: strategy, simulated: []scenarios.Strategy{strategy}}
		t.search = search{params: params, maximize: f.maximize != "", grid: f.points, rounds: f.rounds}
		for _, text := range f.subjectTo {
			c, err := scenarios.CompileConstraint(text, strategy, scenarios.AllStrategies())
			if e := (*scenarios.Error)(nil); errors.As(err, &e) {
				return nil, nil, badInput(fmt.Sprintf("--subject-to %s: %s", text, e.Reason), e.Remedy)
			} else if err != nil {
				return nil, nil, err
			}
			t.constraints = append(t.constraints, c)
			for _, other := range c.Strategies() {
				if !slices.Contains(t.simulated, other) {
					t.simulated = append(t.simulated, other)
				}
			}
		}
		if err := checkStrategies(s, t.simulated); err != nil {
			return nil, nil, err
		}
		tunings = append(tunings, t)
	}
	return s, tunings, nil
}

// measure simulates settings side by side, as points of a sweep, and takes from
// their results what the search goes by.
func (p *process) measure(ctx context.Context, f *tuneFlags, t *tuning, load loader, batch []*setting) error {
	swept := &sweepFlags{runFlags: f.runFlags}
	swept.strategies = nil
	for _, s := range t.simulated {
		swept.strategies = append(swept.strategies, string(s))
	}
	var points []sweepPoint
	for _, b := range batch {
		var set []string
		for k, v := range b.values {
			set = append(set, t.params[k].path+"="+v.Text)
		}
		s, err := load(set...)
		if err != nil {
			return err
		}
		label := strings.Join(swept.strategies, ",") + "," + b.label
		points = append(points, sweepPoint{label: label, path: filepath.Join(f.out, s.Name+"."+safe(label)+".json"), scenario: s})
	}
	done, err := p.sweepAll(ctx, swept, points)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return &exit{exitInterrupted, fmt.Sprintf("interrupted: %d of %d points of this round are in %s; the same command goes on from there", done, len(points), f.out)}
	}
	for i, b := range batch {
		b.take(points[i].result, t, f.metric())
	}
	return nil
}

// take reads the outcome of a setting from its result.
func (s *setting) take(r *result.Result, t *tuning, metric string) {
	measured := map[scenarios.Strategy]map[string]float64{}
	for _, run := range r.Runs {
		measured[run.Strategy] = run.Metrics
		if run.Strategy == t.strategy {
			s.value, s.measured = run.Metrics[metric]
			s.ci95, s.digest = run.CI95[metric], run.Digest
		}
	}
	s.samples = []float64{s.value}
	if len(r.Replicates) > 0 {
		s.samples = nil
	}
	for _, replicate := range r.Replicates {
		for _, run := range replicate.Runs {
			if v, ok := run.Metrics[metric]; ok && run.Strategy == t.strategy {
				s.samples = append(s.samples, v)
			}
		}
	}
	if len(s.samples) < r.Seeds() {
		s.measured = false // not under every seed: a mean of the others would flatter it
	}
	for _, c := range t.constraints {
		if v, reason := c.Violation(measured); v > 0 {
			s.violation = max(s.violation, v)
			s.broken = append(s.broken, broken{c.String(), reason})
		}
	}
	if math.IsNaN(s.value) {
		s.measured = false
	}
}

// reproduceTuning is the command that gives the same again.
func reproduceTuning(f *tuneFlags, name string, seed uint64) string {
	words := []string{"protosim", "tune", name}
	add := func(flag string, values ...string) {
		for _, v := range values {
			words = append(words, flag, quote(v))
		}
	}
	add("--param", f.params...)
	if f.minimize != "" {
		add("--minimize", f.minimize)
	} else {
		add("--maximize", f.maximize)
	}
	add("--subject-to", f.subjectTo...)
	add("--strategy", f.strategies...)
	add("--seed", strconv.FormatUint(seed, 10))
	add("--seeds", strconv.Itoa(f.seeds))
	add("--set", f.set...)
	add("--points", strconv.Itoa(f.points))
	add("--rounds", strconv.Itoa(f.rounds))
	return strings.Join(words, " ")
}

// chart is the search as a picture shows it.
func (t *tuning) chart(f *tuneFlags, s *scenarios.Scenario) *chart.Tuning {
	c := &chart.Tuning{Strategy: t.strategy, Metric: f.metric(), Maximize: t.maximize, Idle: t.best.feasible() && t.idle(), Seeds: f.seeds}
	flat := t.flat()
	for k, p := range t.params {
		field := chart.TunedField{Path: p.path, Unit: p.kind.unit, Log: p.log, Flat: flat[k]}
		field.Span = chart.Span{From: p.at(0), To: p.at(1)}
		c.Fields = append(c.Fields, field)
	}
	for _, constraint := range t.constraints {
		c.Constraints = append(c.Constraints, t.brief(constraint.String()))
	}
	for _, tried := range t.sorted() {
		if !t.within(tried) {
			continue
		}
		if tried == t.best {
			c.Best = len(c.Settings)
		}
		shown := chart.TunedSetting{At: tried.values, Measured: tried.measured, Value: tried.value, CI95: tried.ci95, Now: tried == t.now}
		for _, b := range tried.broken {
			shown.Broken = append(shown.Broken, b.constraint)
		}
		c.Settings = append(c.Settings, shown)
	}
	if beyond := t.beyond(); beyond != nil {
		c.Binds = t.brief(beyond.broken[0].constraint)
		if len(t.params) == 1 {
			c.Forbids = "more"
			if beyond.values[0].Number < t.best.values[0].Number {
				c.Forbids = "less"
			}
		}
	}
	run := &result.Result{Scenario: s, Seed: f.options(s).Seed, Version: result.MadeBy(version())}
	for i := range f.seeds {
		run.Replicates = append(run.Replicates, result.Replicate{Seed: run.Seed + uint64(i)})
	}
	c.Notes = []string{chart.Notes(run)[0], fmt.Sprintf("protosim %s · %s tried · digest of the best %s", run.Version, chart.Plural(len(t.tried), "setting"), abbreviate(t.best.digest))}
	return c
}

// brief leaves out of a constraint the strategy that everything is about.
func (t *tuning) brief(constraint string) string {
	if len(t.simulated) > 1 {
		return constraint
	}
	return strings.ReplaceAll(constraint, strings.ReplaceAll(string(t.strategy), "-", "_")+".", "")
}
