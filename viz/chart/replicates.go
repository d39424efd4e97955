package chart

import (
	"fmt"
	"math"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// replicates draws what several seeds gave: each as a dot, their mean, and its
// 95 % confidence interval.
func replicates(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: fmt.Sprintf("%s: each small dot is one, the large one their mean, the bar its 95 %% confidence interval", Plural(r.Seeds(), "seed"))}
	names := decided(r, 6)
	for i := 0; i < len(names); i += 3 {
		var panels []figure.Panel
		for j, name := range names[i:min(i+3, len(names))] {
			p := replicatePanel(r, name, j == 0)
			if j == 0 {
				p.Weight = 1.3 // it has the names
			}
			panels = append(panels, p)
		}
		for len(panels) < 3 && i > 0 {
			panels = append(panels, figure.Panel{X: figure.Axis{Bare: true}, Y: figure.Axis{Bare: true}})
		}
		f.Rows = append(f.Rows, figure.Row{Panels: panels})
	}
	f.Title = replicatesTitle(r)
	return f
}

func replicatePanel(r *result.Result, name string, named bool) figure.Panel {
	metric := describe(name)
	p := figure.Panel{Title: metric.Label, X: figure.Axis{Unit: metric.Unit, Min: math.Inf(1), Max: math.Inf(-1)}, Y: strategyAxis(r, named)}
	var texts []figure.Label // to the right of the plot
	for i, run := range r.Runs {
		y := float64(i) + .5
		ink := AreaInk(run.Strategy)
		for k, v := range samples(r, run.Strategy, name) {
			// Spread them a little, the same way every time.
			offset := .22 + .05*float64(k%3)
			p.Dots = append(p.Dots, figure.Dot{At: figure.Point{X: v, Y: y + offset}, Radius: 2, Ink: ink.Tint(.45)})
			p.X.Min, p.X.Max = min(p.X.Min, v), max(p.X.Max, v)
		}
		mean, ok := run.Metrics[name]
		if !ok {
			continue
		}
		half := run.CI95[name]
		p.X.Min, p.X.Max = min(p.X.Min, mean-half), max(p.X.Max, mean+half)
		p.Lines = append(p.Lines, figure.Line{Points: []figure.Point{{X: mean - half, Y: y}, {X: mean + half, Y: y}}, Ink: ink, Width: 5})
		p.Dots = append(p.Dots, figure.Dot{At: figure.Point{X: mean, Y: y}, Radius: 5, Ink: ink})
		scale := result.ScaleFor(metric.Unit, mean)
		if scale.Unit == "ms" && mean >= 1000 {
			scale = result.Scale{Unit: "s", Divisor: 1000, Decimals: 2}
		}
		scale.Decimals = min(scale.Decimals, 2)
		text := fmt.Sprintf("%s ± %s", scale.Number(mean), scale.Format(half))
		texts = append(texts, figure.Label{At: figure.Point{Y: y}, DX: 8, Text: text, Size: min(10.5, 90/float64(len(r.Runs))), Ink: figure.Muted})
		p.Room = append(p.Room, text)
	}
	if math.IsInf(p.X.Min, 0) {
		p.X.Min, p.X.Max = 0, 1
	}
	room := (p.X.Max - p.X.Min) * .12
	if p.X.Min < (p.X.Max-p.X.Min)/2 {
		p.X.Min = min(0, p.X.Min)
	} else {
		p.X.Min -= room
	}
	p.X.Max += room
	for _, label := range texts {
		label.At.X = p.X.Max
		p.Labels = append(p.Labels, label)
	}
	return p
}

// samples are what the single seeds gave.
func samples(r *result.Result, strategy scenarios.Strategy, name string) []float64 {
	var values []float64
	for _, replicate := range r.Replicates {
		for _, run := range replicate.Runs {
			if v, ok := run.Metrics[name]; ok && run.Strategy == strategy {
				values = append(values, v)
			}
		}
	}
	return values
}

// replicatesTitle says whom the seeds tell apart, by the metric of the finding.
func replicatesTitle(r *result.Result) string {
	name, seeds := result.Headline(r), Plural(r.Seeds(), "seed")
	if name == "" {
		if shown := decided(r, 1); len(shown) > 0 {
			name = shown[0]
		}
	}
	m, s := describe(name), metricStanding(r, name)
	if len(s.entries) == 0 {
		return fmt.Sprintf("Nothing was measured over %s", seeds)
	}
	best := s.value(m.Unit)
	if best == brief(m.Unit, s.entries[0].value) {
		best += " ± " + brief(m.Unit, s.entries[0].ci95)
	}
	switch {
	case len(s.entries) == 1:
		return fmt.Sprintf("%s over %s: %s has %s", m.Label, seeds, s.best(), best)
	case s.leaders == len(s.entries):
		return fmt.Sprintf("%s do not tell the strategies apart: %s is %s", seeds, lowerFirst(m.Label), best)
	case s.leaders > 1:
		return fmt.Sprintf("%s over %s: %s are level at %s; %s", m.Label, seeds, s.best(), best, s.others("has", "as much"))
	}
	return fmt.Sprintf("%s over %s: %s is best with %s; %s", m.Label, seeds, s.best(), best, s.others("has", "as much"))
}
