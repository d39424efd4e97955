package chart

import (
	"cmp"
	"math"
	"slices"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// crossover is where the lines of two strategies cross, or those of several
// with one.
type crossover struct {
	at   figure.Point
	one  scenarios.Strategy
	with []scenarios.Strategy
}

// crossovers finds where lines cross along the first field, between
// neighbouring points by a straight line, on an axis by ratio where log is set.
// Lines that touch without one being clearly ahead on either side do not cross.
func (s *Sweep) crossovers(metric string, log bool) []crossover {
	var found []crossover
	all := s.strategies()
	for i, a := range all {
		for _, b := range all[i+1:] {
			for _, at := range s.crossings(a, b, metric, log) {
				found = append(found, crossover{at, a, []scenarios.Strategy{b}})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b crossover) int { return cmp.Compare(a.at.X, b.at.X) })
	return found
}

// crossings are the points at which the lines of two strategies cross.
func (s *Sweep) crossings(a, b scenarios.Strategy, metric string, log bool) []figure.Point {
	scale, back := func(x float64) float64 { return x }, func(x float64) float64 { return x }
	if log {
		scale, back = math.Log, math.Exp
	}
	var found []figure.Point
	var at figure.Point               // where the difference last changed its sign
	var x0, value, difference float64 // at the point before, of a
	ahead, seen := 0, false           // which was clearly ahead last
	for _, p := range s.sorted() {
		va, ha, okA := valueOf(p.Result, a, metric)
		vb, hb, okB := valueOf(p.Result, b, metric)
		if !okA || !okB {
			continue
		}
		x, d := scale(s.Vary[0].Values[p.At[0]].Number), va-vb
		if seen && (difference < 0) != (d < 0) {
			share := difference / (difference - d)
			at = figure.Point{X: back(x0 + share*(x-x0)), Y: value + share*(va-value)}
		}
		x0, value, difference, seen = x, va, d, true
		if math.Abs(d) <= ha+hb || max(va, vb) <= result.Near*min(va, vb) {
			continue // level
		}
		sign := cmp.Compare(d, 0)
		if ahead != 0 && sign != ahead {
			found = append(found, at)
		}
		ahead = sign
	}
	return found
}

// maxCrossovers is how many a chart marks at most: with more it is no longer
// clear who is ahead of whom.
const maxCrossovers = 4

// markCrossovers marks on the panel where lines cross.
func (s *Sweep) markCrossovers(p *figure.Panel, metric string) {
	place := func(x float64) float64 { return (x - p.X.Min) / (p.X.Max - p.X.Min) }
	if p.X.Log {
		place = func(x float64) float64 { return math.Log(x/p.X.Min) / math.Log(p.X.Max/p.X.Min) }
	}
	var marked []crossover
	for _, c := range s.crossovers(metric, p.X.Log) {
		if n := len(marked); n > 0 && place(c.at.X)-place(marked[n-1].at.X) < .02 && marked[n-1].one == c.one {
			marked[n-1].with = append(marked[n-1].with, c.with...)
			continue
		}
		marked = append(marked, c)
	}
	// The labels stand above all lines, each over a rule that ends at its dot.
	marked = marked[:min(len(marked), maxCrossovers)]
	top := p.Y.Max
	const row = .06 // of the height of a panel, for a label
	room := row * float64(len(marked))
	if p.Y.Log {
		p.Y.Max = p.Y.Min * math.Pow(top/p.Y.Min, 1/(1-room))
	} else {
		p.Y.Max = figure.NiceMax(top * 1.02 / (1 - room))
	}
	for i, c := range marked {
		p.Lines = append(p.Lines, figure.Line{Points: []figure.Point{{X: c.at.X, Y: p.Y.Min}, c.at}, Ink: figure.Edge, Width: 1, Dashed: true})
		p.Dots = slices.Insert(p.Dots, 0, figure.Dot{At: c.at, Radius: 7, Ink: figure.Strong.Tint(.35)})
		names := []string{}
		for _, other := range c.with {
			names = append(names, string(other))
		}
		label := figure.Label{
			At: figure.Point{X: c.at.X, Y: p.Y.Max}, DY: 7 + 16*float64(i), Align: figure.Middle, Ink: figure.Strong,
			Text: string(c.one) + " meets " + list(names) + " at " + brief(s.Vary[0].Unit, c.at.X),
		}
		switch {
		case place(c.at.X) > .7:
			label.Align = figure.End
		case place(c.at.X) < .3:
			label.Align = figure.Start
		}
		p.Labels = append(p.Labels, label)
	}
}
