package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// sweepFlags are the flags of protosim sweep.
type sweepFlags struct {
	runFlags
	vary    []string
	metric  []string
	ratio   []string
	formats []string
}

func (p *process) sweepCommand() *cobra.Command {
	f := &sweepFlags{}
	c := &cobra.Command{
		Use:   "sweep SCENARIO|FILE --vary PATH=FROM..TO:COUNT",
		Short: "Simulate a scenario for a range of values, and draw what depends on them",
		Long: `Simulates a scenario for each value of one field, or of two, and draws the
outcome: a line per strategy over one field, a map of who is best over two, or
with --ratio of who of two is ahead.

Values are FROM..TO:COUNT (evenly spaced), FROM..TO:COUNT:log (equal ratios), or a
list A,B,C.

Every finished point is kept in the --out folder, and used again as long as
scenario, value, seeds, strategies and version are the same: a sweep that was
interrupted goes on where it was, and one that is extended adds what is new.

` + exitHelp("done", ""),
		Example: `  protosim sweep page-load --vary network.rtt=10ms..300ms:10 --out rtt
  protosim sweep page-load --vary network.down.loss=0%,0.5%,1%,2% --seeds 10 --out loss
  protosim sweep push-frequency --vary push.interval=100ms..30s:8:log --metric push.latency_ms.mean,push.bytes_per_event
  protosim sweep page-load --vary network.rtt=10ms..200ms:5 --vary network.down.bandwidth=1Mbps..100Mbps:5:log --ratio http1,http2`,
		Args:              wants(1, 1, "the name or file of one scenario"),
		ValidArgsFunction: completeScenarios,
		RunE:              func(_ *cobra.Command, args []string) error { return p.sweep(f, args[0]) },
	}
	flags := c.Flags()
	flags.StringArrayVar(&f.vary, "vary", nil, "vary a field by `path=values`, as in network.rtt=10ms..300ms:10; may be given twice")
	flags.StringSliceVar(&f.strategies, "strategy", nil, "simulate only these `strategies` (default: the scenario's)")
	flags.Uint64Var(&f.seed, "seed", 0, "derive all randomness from this `number` (default: the scenario's seed)")
	flags.IntVar(&f.seeds, "seeds", 1, "replicate every point over `N` seeds")
	flags.StringArrayVar(&f.set, "set", nil, "change a field of the scenario for all points by `path=value`; may be repeated")
	flags.StringVar(&f.out, "out", "", "keep points and pictures in this `folder` (default: SCENARIO.sweep)")
	flags.StringSliceVar(&f.metric, "metric", nil, "draw these `metrics`; a map over two fields has one (default: what the points' findings are about)")
	flags.StringSliceVar(&f.ratio, "ratio", nil, "the two `strategies` that a map over two fields compares (default: all, and the map tells who is best)")
	flags.StringSliceVar(&f.formats, "format", []string{"svg", "png"}, "write these `formats` of pictures: svg, png, pdf")
	flags.BoolVar(&f.force, "force", false, "overwrite files in the folder that are not of a sweep of the scenario")
	flags.IntVar(&f.parallel, "parallel", 0, "simulate `N` points side by side (default: one per core)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print no progress and no file names")
	complete(c, "vary", completeSet)
	complete(c, "set", completeSet)
	complete(c, "strategy", completeStrategies)
	complete(c, "ratio", completeStrategies)
	complete(c, "metric", completeMetrics)
	complete(c, "format", cobra.FixedCompletions(figure.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// sweepPoint is one combination of values that is to be simulated.
type sweepPoint struct {
	at       []int
	label    string // network.rtt=10ms, …
	path     string // of its file
	scenario *scenarios.Scenario
	result   *result.Result
}

// sweep checks everything, simulates what is not there yet, and draws.
func (p *process) sweep(f *sweepFlags, name string) error {
	f.format = "table"
	if err := errors.Join(f.check(), (&plotFlags{formats: f.formats}).check()); err != nil {
		return err
	}
	s, points, err := p.sweepPoints(f, name)
	if err != nil {
		return err
	}
	if err := f.checkDrawing(points[0].scenario); err != nil {
		return err
	}
	if f.out == "" {
		f.out = points[0].scenario.Name + ".sweep"
	}
	if _, err := openFolder("--out", f.out); err != nil {
		return err
	}
	for i := range points {
		points[i].path = filepath.Join(f.out, points[i].scenario.Name+"."+safe(points[i].label)+".json")
	}
	if !f.force {
		if err := f.mayReplace(points); err != nil {
			return err
		}
	}
	ctx, stop := p.interruptible()
	defer stop()
	done, err := p.sweepAll(ctx, f, points)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &exit{exitInterrupted, fmt.Sprintf("interrupted: %d of %d points are in %s; the same command goes on from there", done, len(points), f.out)}
	}
	for _, point := range points {
		s.Points = append(s.Points, chart.SweepPoint{At: point.at, Result: point.result})
	}
	return p.drawSweep(f, s, points)
}

// sweepPoints are all combinations of the values, each a scenario that was
// read and checked like any other.
func (p *process) sweepPoints(f *sweepFlags, name string) (*chart.Sweep, []sweepPoint, error) {
	if name == "-" {
		return nil, nil, badInput("a sweep cannot read standard input", "store the scenario in a file")
	}
	if n := len(f.vary); n < 1 || n > 2 {
		return nil, nil, badInput(fmt.Sprintf("%d fields vary, but a sweep draws one or two", n), "give --vary once or twice, as in --vary network.rtt=10ms..300ms:10")
	}
	s := &chart.Sweep{}
	points := []sweepPoint{{}}
	whole := func(path string) bool {
		base, err := p.loadOne(name, f.set)
		return err == nil && holdsWhole(base, path)
	}
	for _, text := range f.vary {
		d, err := parseVary(text, whole)
		if err != nil {
			return nil, nil, err
		}
		if len(s.Vary) == 1 && s.Vary[0].Path == d.Path {
			return nil, nil, badInput(fmt.Sprintf("--vary names %s twice", d.Path), "give two fields, or one")
		}
		s.Vary = append(s.Vary, d)
		var longer []sweepPoint
		for _, point := range points {
			for i, v := range d.Values {
				label := strings.TrimPrefix(point.label+","+d.Path+"="+v.Text, ",")
				longer = append(longer, sweepPoint{at: append(slices.Clone(point.at), i), label: label})
			}
		}
		if points = longer; len(points) > maxPoints {
			return nil, nil, badInput(fmt.Sprintf("the sweep has %d points or more", len(points)), fmt.Sprintf("keep to %d", maxPoints))
		}
	}
	for i := range points {
		set := slices.Clone(f.set)
		for k, at := range points[i].at {
			set = append(set, s.Vary[k].Path+"="+s.Vary[k].Values[at].Text)
		}
		scenario, err := p.loadOne(name, set)
		if err != nil {
			for _, d := range s.Vary {
				err = asFlag(err, "--vary", d.Path)
			}
			return nil, nil, err
		}
		if err := f.suit(scenario); err != nil {
			return nil, nil, err
		}
		points[i].scenario = scenario
	}
	return s, points, nil
}

// checkDrawing finds a metric or strategies that there are not.
func (f *sweepFlags) checkDrawing(s *scenarios.Scenario) error {
	for _, metric := range f.metric {
		if _, ok := scenarios.MetricNamed(metric); !ok {
			var names []string
			for _, m := range scenarios.Metrics() {
				names = append(names, m.Name)
			}
			return badInput(fmt.Sprintf("there is no metric %q", metric), suggest("%s", nearest(metric, names), "protosim run shows them all"))
		}
	}
	if most := 4 - len(f.vary); len(f.metric) > max(most, 1) || len(f.metric) > 1 && len(f.vary) > 1 {
		return badInput(fmt.Sprintf("--metric names %d metrics", len(f.metric)), "a picture has room for three, and a map over two fields for one")
	}
	strategies := f.chosen()
	if strategies == nil {
		strategies = s.Strategies
	}
	if len(f.vary) < 2 {
		if len(f.ratio) > 0 {
			return badInput("--ratio is for a map over two fields, and only one varies", "give --vary twice, or leave --ratio out")
		}
		return nil
	}
	if len(f.ratio) == 0 && len(strategies) == 2 {
		f.ratio = []string{string(strategies[0]), string(strategies[1])}
	}
	for _, name := range f.ratio {
		if !slices.Contains(strategies, scenarios.Strategy(name)) {
			return badInput(fmt.Sprintf("--ratio names %q, which is not simulated", name), "give two of the scenario's strategies, as in --ratio http1,http2")
		}
	}
	switch {
	case len(strategies) < 2:
		return badInput("a map over two fields compares strategies, and there is only "+string(strategies[0]), "simulate more of them")
	case len(f.ratio) != 0 && len(f.ratio) != 2:
		return badInput(fmt.Sprintf("--ratio names %d strategies", len(f.ratio)), "give two, as in --ratio http1,http2")
	}
	return nil
}

// mayReplace refuses to replace files that are no points of a sweep of the
// scenario, and pictures and tables in a folder that has none.
func (f *sweepFlags) mayReplace(points []sweepPoint) error {
	resumed := false
	for _, point := range points {
		there, err := isResult(point.path, point.scenario.Name)
		if err != nil {
			return err
		}
		resumed = resumed || there
	}
	if resumed {
		return nil
	}
	name := points[0].scenario.Name
	stored, err := filepath.Glob(filepath.Join(f.out, name+".*=*.json"))
	if err != nil || len(stored) > 0 {
		return err // points of other values
	}
	drawn, err := filepath.Glob(filepath.Join(f.out, name+".sweep.*"))
	if err == nil && len(drawn) > 0 {
		return occupied(drawn[0], "exists, without points of a sweep that it could be of")
	}
	return err
}

// safe replaces what does not belong into the name of a file.
func safe(label string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) {
			return '_'
		}
		return r
	}, label)
}

// sweepAll simulates the points that are not stored, side by side, and says
// how many there are in the end.
func (p *process) sweepAll(ctx context.Context, f *sweepFlags, points []sweepPoint) (done int, err error) {
	group, limited := errgroup.WithContext(ctx)
	if group.SetLimit(runtime.GOMAXPROCS(0)); f.parallel > 0 {
		group.SetLimit(f.parallel)
	}
	var mu sync.Mutex
	finished := func(label, how string) {
		mu.Lock()
		defer mu.Unlock()
		done++
		if !f.quiet {
			fmt.Fprintf(p.stderr, "%*d of %d  %s%s\n", len(strconv.Itoa(len(points))), done, len(points), label, how)
		}
	}
	for i := range points {
		point := &points[i]
		if point.result = f.reusable(point); point.result != nil {
			finished(point.label, " (stored)")
			continue
		}
		group.Go(func() error {
			if limited.Err() != nil {
				return nil
			}
			r, err := p.sweepOne(limited, f, point.scenario)
			if err != nil || r == nil {
				return err
			}
			var b bytes.Buffer
			if err := r.Write(&b); err != nil {
				return err
			}
			if err := writeFile(point.path, b.Bytes()); err != nil {
				return err
			}
			point.result = r
			finished(point.label, "")
			return nil
		})
	}
	return done, group.Wait()
}

// sweepOne simulates one point. It returns nothing if it was interrupted.
func (p *process) sweepOne(ctx context.Context, f *sweepFlags, s *scenarios.Scenario) (*result.Result, error) {
	opt := f.options(s)
	opt.Parallel = 1
	r, err := p.recovering(ctx, s, opt)
	switch {
	case ctx.Err() != nil:
		return nil, nil
	case err != nil:
		return nil, bug(err, reproduce(&f.runFlags, s.Name, &result.Result{Seed: opt.Seed}))
	}
	return r, r.Judge()
}

// reusable is the stored result of the point, if it is of just that.
func (f *sweepFlags) reusable(point *sweepPoint) *result.Result {
	data, err := os.ReadFile(point.path)
	if err != nil {
		return nil
	}
	r, err := result.Read(bytes.NewReader(data))
	if err != nil || r.Partial {
		return nil
	}
	opt := f.options(point.scenario)
	strategies := opt.Strategies
	if strategies == nil {
		strategies = point.scenario.Strategies
	}
	var ran []scenarios.Strategy
	for _, run := range r.Runs {
		ran = append(ran, run.Strategy)
	}
	want, err1 := scenarios.Marshal(point.scenario)
	have, err2 := scenarios.Marshal(r.Scenario)
	if err1 != nil || err2 != nil || !bytes.Equal(want, have) {
		return nil
	}
	if r.Seed != opt.Seed || r.Seeds() != max(opt.Seeds, 1) || r.Version != opt.Version || !slices.Equal(ran, strategies) {
		return nil
	}
	return r
}

// drawSweep writes the picture and the table of a sweep.
func (p *process) drawSweep(f *sweepFlags, s *chart.Sweep, points []sweepPoint) error {
	metrics := f.metric
	if found := s.Headlines(); len(metrics) == 0 {
		if len(found) == 0 {
			return badInput("the strategies have no metric in common", "name one to draw with --metric")
		}
		metrics = found[:1]
	}
	drawn := s.Lines(metrics...)
	switch {
	case len(s.Vary) == 2 && len(f.ratio) == 0:
		drawn = s.Best(metrics[0])
	case len(s.Vary) == 2:
		drawn = s.Ratio(metrics[0], scenarios.Strategy(f.ratio[0]), scenarios.Strategy(f.ratio[1]))
	}
	scene := figure.Layout(drawn)
	name := points[0].scenario.Name + ".sweep."
	files := []file{{filepath.Join(f.out, name+"csv"), sweepCSV(s, points)}}
	for _, format := range f.formats {
		data, err := scene.Encode(format)
		if err != nil {
			return err
		}
		files = append(files, file{filepath.Join(f.out, name+strings.Join(metrics, "+")+"."+format), data})
	}
	if err := writeFiles(files, true); err != nil { // they are of points that are there
		return err
	}
	if f.quiet {
		return nil
	}
	fmt.Fprintln(p.stdout, drawn.Title)
	for _, file := range files {
		fmt.Fprintln(p.stdout, file.path)
	}
	return nil
}

// sweepCSV is a row per point, strategy and metric.
func sweepCSV(s *chart.Sweep, points []sweepPoint) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var header []string
	for _, d := range s.Vary {
		header = append(header, d.Path)
	}
	w.Write(append(header, "strategy", "metric", "value", "ci95"))
	for _, point := range points {
		var values []string
		for k, at := range point.at {
			values = append(values, s.Vary[k].Values[at].Text)
		}
		for _, run := range point.result.Runs {
			for _, name := range run.Metrics.Names() {
				ci95 := ""
				if v, ok := run.CI95[name]; ok {
					ci95 = strconv.FormatFloat(v, 'f', -1, 64)
				}
				w.Write(append(slices.Clone(values), string(run.Strategy), name, strconv.FormatFloat(run.Metrics[name], 'f', -1, 64), ci95))
			}
		}
	}
	w.Flush()
	return b.Bytes()
}
