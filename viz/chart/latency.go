package chart

import (
	"fmt"
	"slices"

	"protosim/model/result"
	"protosim/viz/figure"
)

// latency draws the distributions of page loads and of requests as shares that
// are done by a time, with a table of percentiles that is its key.
func latency(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Share that is done by a time; the dots are the median, the 95th and the 99th percentile"}
	var plots, tables []figure.Panel
	for _, d := range []struct{ name, title string }{{"page_load_ms", "Page loads"}, {"request_ms", "Requests"}, {"push.latency_ms", "Events, from publication to arrival"}} {
		if !measured(r, d.name) || !result.Comparable(r, d.name) {
			continue
		}
		plots = append(plots, distributionPanel(r, d.name, d.title))
		tables = append(tables, percentileTable(r, d.name))
	}
	height := 20 + 18*float64(len(r.Runs))
	f.Rows = []figure.Row{{Panels: plots}, {Panels: tables, Points: min(height, 150)}}
	things, s := "page loads", metricStanding(r, "page_load_ms.p50")
	if result.HasPushes(r) {
		things, s = "events", metricStanding(r, "push.latency_ms.p50")
	} else if len(s.entries) == 0 {
		things, s = "requests", metricStanding(r, "request_ms.p50")
	}
	if s.level() {
		// Where the medians are level, the unlucky may not be.
		if tail := metricStanding(r, tailOf(things)); !tail.level() {
			f.Title = fmt.Sprintf("All strategies are level in the median of %s; the 99th percentile is %s under %s; %s",
				things, tail.value("ms"), tail.best(), tail.others("takes", "as long"))
			return f
		}
	}
	if len(s.entries) > 0 {
		f.Title = latencyTitle(s, things)
	}
	return f
}

func tailOf(things string) string {
	switch things {
	case "requests":
		return "request_ms.p99"
	case "events":
		return "push.latency_ms.p99"
	}
	return "page_load_ms.p99"
}

// measured says that some run has the distribution.
func measured(r *result.Result, name string) bool {
	return slices.ContainsFunc(r.Runs, func(run result.Run) bool { return distributionOf(run, name) != nil })
}

// distributionOf returns a run's distribution of that name, or nil.
func distributionOf(run result.Run, name string) *result.Distribution {
	for i := range run.Distributions {
		if d := &run.Distributions[i]; d.Name == name && d.Count > 0 {
			return d
		}
	}
	return nil
}

// percentiles that the dots mark, as shares, and their metrics' suffixes.
var percentiles = []struct {
	share  float64
	suffix string
}{{.5, ".p50"}, {.95, ".p95"}, {.99, ".p99"}}

func distributionPanel(r *result.Result, name, title string) figure.Panel {
	p := figure.Panel{Title: title, X: figure.Axis{Unit: "ms"}, Y: figure.Axis{Max: 1, Unit: "ratio", Ticks: []figure.Tick{
		{At: 0, Text: "0"}, {At: .25, Text: "25 %"}, {At: .5, Text: "50 %"}, {At: .75, Text: "75 %"}, {At: 1, Text: "100 %"},
	}}}
	for _, at := range []float64{.25, .5, .75, 1} {
		p.Rules = append(p.Rules, figure.Rule{At: at, Ink: figure.Faint})
	}
	first := true
	for _, run := range r.Runs {
		d := distributionOf(run, name)
		if d == nil {
			continue
		}
		least, most := d.Values[0], d.Values[len(d.Values)-1]
		if first {
			p.X.Min, p.X.Max = least, most
		}
		first = false
		p.X.Min, p.X.Max = min(p.X.Min, least), max(p.X.Max, most)
		line := figure.Line{Ink: AreaInk(run.Strategy), Name: string(run.Strategy), NameInk: TextInk(run.Strategy), Width: 2.25}
		for i, v := range d.Values {
			if i > 0 { // a staircase: a share is reached at its value
				line.Points = append(line.Points, figure.Point{X: v, Y: d.Shares[i-1]})
			}
			line.Points = append(line.Points, figure.Point{X: v, Y: d.Shares[i]})
		}
		p.Lines = append(p.Lines, line)
		for _, q := range percentiles {
			if v, ok := run.Metrics[name+q.suffix]; ok {
				p.Dots = append(p.Dots, figure.Dot{At: figure.Point{X: v, Y: q.share}, Radius: 3.5, Ink: AreaInk(run.Strategy)})
			}
		}
	}
	p.X = latencyAxis(p.X)
	return p
}

// latencyAxis gives an axis of times some room: from 0 where that costs little,
// and logarithmic where the longest are more than four times the shortest.
func latencyAxis(a figure.Axis) figure.Axis {
	switch {
	case a.Min > 0 && a.Max > 4*a.Min:
		a.Log = true
		a.Min, a.Max = a.Min*.9, a.Max*1.1
	case a.Min < a.Max/2.5:
		a.Min, a.Max = 0, a.Max*1.04
	default:
		room := max(a.Max-a.Min, a.Max*.02) * .06
		a.Min, a.Max = max(a.Min-room, 0), a.Max+room
	}
	return a
}

// percentileTable lists the percentiles that the panel above marks.
func percentileTable(r *result.Result, name string) figure.Panel {
	t := &figure.Table{Header: []string{"", "median", "95th", "99th"}}
	var values []float64
	for _, run := range r.Runs {
		for _, q := range percentiles {
			values = append(values, run.Metrics[name+q.suffix])
		}
	}
	scale := result.ScaleFor("ms", values...)
	switch {
	case slices.Min(values) >= 1000*scale.Divisor:
		scale.Decimals = 0
	case scale.Unit == "ms":
		scale.Decimals = min(scale.Decimals, 1)
	}
	for _, run := range r.Runs {
		row := figure.TableRow{Swatch: AreaInk(run.Strategy), Ink: TextInk(run.Strategy), Cells: []string{string(run.Strategy)}, Bold: []bool{true}}
		for _, q := range percentiles {
			text := "–"
			if v, ok := run.Metrics[name+q.suffix]; ok {
				text = scale.Format(v)
			}
			row.Cells = append(row.Cells, text)
			row.Bold = append(row.Bold, metricStanding(r, name+q.suffix).leads(run.Strategy))
		}
		t.Rows = append(t.Rows, row)
	}
	return figure.Panel{Table: t}
}

func latencyTitle(s standing, things string) string {
	half := fmt.Sprintf("Half of all %s take %s or less", things, s.bound("ms"))
	switch {
	case s.level() && len(s.entries) > 1:
		return half + " under every strategy"
	case s.level():
		return half + " under " + s.best()
	}
	return half + " under " + s.best() + "; " + s.others("takes", "as long")
}
