package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"protosim/scenarios"
	"protosim/viz/figure"
)

// Best draws which strategies are best by a metric over the two fields that vary:
// each cell in the colours of those that lead, the stronger the further ahead
// they are of the next.
func (s *Sweep) Best(metric string) *figure.Figure {
	p := s.cells()
	leads := map[scenarios.Strategy]int{}
	cells, level := 0, 0
	for _, point := range s.Points {
		rank := metricStanding(point.Result, metric)
		if len(rank.entries) == 0 {
			continue
		}
		cells++
		at := figure.Point{X: float64(point.At[0]), Y: float64(point.At[1])}
		if rank.level() && len(rank.entries) > 1 {
			level++
			p.Boxes = append(p.Boxes, cellBox(at, 0, 1, figure.Faint))
			p.Labels = append(p.Labels, cellLabel(at, "level", 0, figure.Muted))
			continue
		}
		ahead, text := 1.0, ""
		if first, next := rank.entries[0].value, rank.next(); first > 0 && next > 0 {
			ahead = max(next/first, first/next)
			text = times(ahead) + "×"
		}
		var leaders []string
		for _, strategy := range s.strategies() { // in one order, whoever is a hair ahead
			if slices.ContainsFunc(rank.entries[:rank.leaders], func(e entry) bool { return e.strategy == strategy }) {
				leaders = append(leaders, string(strategy))
				leads[strategy]++
			}
		}
		for i, name := range leaders {
			ink := AreaInk(scenarios.Strategy(name)).Tint(min(.15+.4*math.Log2(ahead), .55))
			p.Boxes = append(p.Boxes, cellBox(at, float64(i)/float64(len(leaders)), float64(i+1)/float64(len(leaders)), ink))
		}
		p.Labels = append(p.Labels, cellLabel(at, strings.Join(leaders, ", "), -8, figure.Strong), cellLabel(at, text, 8, figure.Strong))
	}
	f := &figure.Figure{
		Title:    describe(metric).Label + ": " + s.bestTitle(leads, cells, level),
		Subtitle: fmt.Sprintf("Who is best, and by how much ahead of the next; %s upwards%s", s.Vary[1].Path, s.intervals()),
		Rows:     []figure.Row{{Panels: []figure.Panel{p}}},
	}
	for _, strategy := range s.strategies() {
		if leads[strategy] > 0 {
			f.Key = append(f.Key, figure.Swatch{Ink: AreaInk(strategy).Tint(.55), Text: string(strategy)})
		}
	}
	s.finish(f)
	return f
}

// bestTitle says in how many settings who is among the best.
func (s *Sweep) bestTitle(leads map[scenarios.Strategy]int, cells, level int) string {
	order := slices.DeleteFunc(s.strategies(), func(name scenarios.Strategy) bool { return leads[name] == 0 })
	slices.SortStableFunc(order, func(a, b scenarios.Strategy) int { return cmp.Compare(leads[b], leads[a]) })
	switch {
	case cells == 0:
		return "nothing was measured"
	case len(order) == 0:
		return fmt.Sprintf("level in all %d settings", cells)
	}
	var parts []string
	for i, name := range order {
		n := fmt.Sprint(leads[name])
		if leads[name] == cells {
			n = "all"
		}
		if i == 0 {
			of := fmt.Sprintf("%s of %d", n, cells)
			if n == "all" {
				of = fmt.Sprintf("all %d", cells)
			}
			parts = append(parts, fmt.Sprintf("%s is best, or level with who is, in %s settings", name, of))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s in %s", name, n))
	}
	if level > 0 {
		parts = append(parts, fmt.Sprintf("all are level in %d", level))
	}
	return strings.Join(parts, ", ")
}

// cells is a panel with a cell for each pair of values.
func (s *Sweep) cells() figure.Panel {
	x, y := s.Vary[0], s.Vary[1]
	p := figure.Panel{
		X: figure.Axis{Max: float64(len(x.Values)), Ticks: []figure.Tick{}, Label: x.Path},
		Y: figure.Axis{Max: float64(len(y.Values)), Ticks: []figure.Tick{}},
	}
	for i, v := range x.Values {
		p.X.Ticks = append(p.X.Ticks, figure.Tick{At: float64(i) + .5, Text: v.Text})
	}
	for i, v := range y.Values {
		p.Y.Ticks = append(p.Y.Ticks, figure.Tick{At: float64(i) + .5, Text: v.Text})
	}
	return p
}

// cellBox is the part of a cell between two shares of its width.
func cellBox(at figure.Point, from, to float64, ink figure.Ink) figure.Box {
	return figure.Box{X0: at.X + .02 + .96*from, X1: at.X + .02 + .96*to, Y0: at.Y + .03, Y1: at.Y + .97, Ink: ink}
}

// cellLabel is a text in the middle of a cell, if it fits.
func cellLabel(at figure.Point, text string, dy float64, ink figure.Ink) figure.Label {
	return figure.Label{At: figure.Point{X: at.X + .5, Y: at.Y + .5}, Align: figure.Middle, DY: dy, Text: text, Size: 12.5, Bold: true, Within: .96, Ink: ink, Optional: true}
}
