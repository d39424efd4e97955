package chart

import (
	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// barPanel draws a bar per strategy for one metric, the best ones in full
// colour and the others lighter. Names stand before the bars if named.
func barPanel(r *result.Result, name, title string, named bool) figure.Panel {
	metric := describe(name)
	p := figure.Panel{Title: title, X: figure.Axis{Bare: true}, Y: strategyAxis(r, named)}
	row := result.Compare(r).Row(name)
	if row == nil {
		return p
	}
	scale := result.ScaleFor(metric.Unit, row.Values()...)
	if len(row.Values()) > 0 && scale.Decimals > 1 {
		scale.Decimals = 2
	}
	for _, v := range row.Values() {
		p.X.Max = max(p.X.Max, v)
	}
	s := metricStanding(r, name)
	for i, cell := range row.Cells {
		strategy := r.Runs[i].Strategy
		y := float64(i) + .5
		if !cell.Present {
			p.Labels = append(p.Labels, figure.Label{At: figure.Point{Y: y}, DX: 4, Text: "–", Ink: figure.Muted})
			continue
		}
		ink := AreaInk(strategy)
		best := s.leads(strategy) && metric.Better != scenarios.Neither
		if !best && !s.level() {
			ink = ink.Tint(.4)
		}
		p.Boxes = append(p.Boxes, figure.Box{X1: cell.Value, Y0: y - .34, Y1: y + .34, Ink: ink})
		label := figure.Label{At: figure.Point{X: cell.Value, Y: y}, DX: 5, Text: scale.Format(cell.Value), Ink: figure.Muted}
		if metric.Unit == "bytes" || metric.Unit == "ratio" {
			label.Text = brief(metric.Unit, cell.Value)
		}
		if cell.Short > 0 {
			label.Text += " for " + result.Whom(cell.Short)
		}
		if best {
			label.Bold, label.Ink, label.Text = true, figure.Strong, label.Text+" best"
		}
		p.Labels = append(p.Labels, label)
		p.Room = append(p.Room, label.Text)
	}
	return p
}

// strategyAxis lists the strategies downwards, a unit each.
func strategyAxis(r *result.Result, named bool) figure.Axis {
	a := figure.Axis{Max: float64(max(len(r.Runs), 1)), Down: true, Bare: true}
	if named {
		a.Ticks = []figure.Tick{}
		for i, run := range r.Runs {
			a.Ticks = append(a.Ticks, figure.Tick{At: float64(i) + .5, Text: string(run.Strategy), Ink: TextInk(run.Strategy)})
		}
	}
	return a
}

// describe is the glossary's entry for a metric; one that it does not know
// describes itself.
func describe(name string) scenarios.Metric {
	if m, ok := scenarios.MetricNamed(name); ok {
		return m
	}
	return scenarios.Metric{Name: name, Label: name, Better: scenarios.Neither}
}
