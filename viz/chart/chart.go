// Package chart says what the numbers of a result look like. Each kind of chart
// is a function from a result to a figure: plain data, which package figure
// lays out and draws. A new kind is one file, and one line in Kinds.
package chart

import (
	"errors"
	"fmt"

	"protosim/model/result"
	"protosim/viz/figure"
)

// Kind is a kind of chart.
type Kind struct {
	Name  string
	About string // what it shows, in a line
	// needs says why the result is not enough for a chart that shows anything.
	needs func(*result.Result) error
	draw  func(*result.Result) *figure.Figure
}

// Kinds returns all kinds in the order of a report.
func Kinds() []Kind {
	return []Kind{
		{"scoreboard", "who is best by which metric", needRuns, scoreboard},
		{"waterfall", "the first page load, object by object", needWaterfall, waterfall},
		{"latency", "how page loads and requests are spread, with their percentiles", needDistributions, latency},
		{"timeline", "requests that succeed and fail over time", needSubject, timeline},
		{"service", "clients without service, and coming back, through the faults", needSeries("clients.unserved"), service},
		{"servers", "load of each server over time", needServers, servers},
		{"connections", "open connections over time, and how many were opened", needSeries("connections.open"), connections},
		{"memory", "what waiting connections take of the servers' memory", needMetric("server.memory_bytes_peak"), memory},
		{"caching", "what caches answer, and what still reaches the servers", needCaches, caching},
		{"connecting", "which clients get through, and how soon", needConnecting, connecting},
		{"bytes", "what bytes are spent on: payload and each kind of overhead", needMetric("bytes.overhead"), bytesSpent},
		{"replicates", "means over several seeds with their confidence intervals", needReplicates, replicates},
	}
}

// Named returns the kind of that name.
func Named(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Needs says what the result lacks for this kind of chart, or nil.
func (k Kind) Needs(r *result.Result) error {
	if err := k.needs(r); err != nil {
		return fmt.Errorf("no %s chart of %s: %w", k.Name, r.Scenario.Name, err)
	}
	return nil
}

// Figure describes the chart. Of a result that lacks what it needs, it is an
// empty chart that says so.
func (k Kind) Figure(r *result.Result) *figure.Figure {
	f := k.draw(r)
	if err := k.needs(r); err != nil {
		f.Title = "Nothing to show: " + err.Error()
	}
	if f.Alt == "" {
		f.Alt = f.Title + ". " + f.Subtitle
	}
	f.Notes = Notes(r)
	return f
}

func needRuns(r *result.Result) error {
	if len(r.Runs) == 0 {
		return errors.New("it has no runs")
	}
	return nil
}

func needMetric(name string) func(*result.Result) error {
	return func(r *result.Result) error {
		for _, run := range r.Runs {
			if _, ok := run.Metrics[name]; ok {
				return nil
			}
		}
		return fmt.Errorf("it has no %s", name)
	}
}

func needSeries(name string) func(*result.Result) error {
	return func(r *result.Result) error {
		for _, run := range r.Runs {
			if s := seriesOf(run, name); s != nil && len(s.Values) > 0 {
				return nil
			}
		}
		return fmt.Errorf("it has no series %s", name)
	}
}

func needSubject(r *result.Result) error { return needSeries(subjectOf(r).series)(r) }

func needWaterfall(r *result.Result) error {
	for _, run := range r.Runs {
		if len(run.Waterfall) > 0 {
			return nil
		}
	}
	if w := r.Scenario.Workload; w != "page" {
		return fmt.Errorf("it has no waterfall: the workload %s loads no pages", w)
	}
	return errors.New("it has no waterfall: no page was loaded, or it is of an older version")
}

func needDistributions(r *result.Result) error {
	for _, run := range r.Runs {
		for _, d := range run.Distributions {
			if d.Count > 0 && result.Comparable(r, d.Name) {
				return nil
			}
		}
	}
	return errors.New("it has no distributions: nothing was timed, or it is of an older version")
}

func needReplicates(r *result.Result) error {
	if len(r.Replicates) < 2 {
		return errors.New("it is of one seed; --seeds N gives several")
	}
	return nil
}

// seriesOf returns a run's series, or nil.
func seriesOf(run result.Run, name string) *result.Series {
	for i := range run.Series {
		if run.Series[i].Name == name {
			return &run.Series[i]
		}
	}
	return nil
}
