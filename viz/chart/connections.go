package chart

import (
	"fmt"

	"protosim/model/result"
	"protosim/viz/figure"
)

// connections draws how many connections are open over time, and beside it how
// many were opened in all.
func connections(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Open connections of all clients over time; beside it, all connections that were opened"}
	over := figure.Panel{Title: "Open at a time", Weight: 2, X: timeAxis(0), Y: figure.Axis{Unit: "count"}}
	peak := 0.0
	for _, run := range r.Runs {
		s := seriesOf(run, "connections.open")
		if s == nil || len(s.Values) == 0 {
			continue
		}
		line := figure.Line{Ink: AreaInk(run.Strategy), Name: string(run.Strategy), NameInk: TextInk(run.Strategy), Points: []figure.Point{{}}}
		values, step := thin(s.Values, s.StepMS)
		for i, v := range values {
			at := float64(i+1) * step
			line.Points = append(line.Points, figure.Point{X: at, Y: v})
			over.X.Max = max(over.X.Max, at)
			peak = max(peak, v)
		}
		over.Lines = append(over.Lines, line)
	}
	over.Y.Max = figure.NiceMax(peak * 1.02)
	markFaults(&over, r, r.Runs, map[int]bool{})
	opened := barPanel(r, "connections.opened", "Opened in all", true)
	f.Rows = []figure.Row{{Panels: []figure.Panel{over, opened}}}
	s := metricStanding(r, "connections.opened")
	if len(s.entries) == 0 {
		return f
	}
	least, most := int(s.ahead().least().value+.5), int(s.ahead().most().value+.5)
	opens := Plural(most, "connection")
	if least < most {
		opens = brief("count", float64(least)) + " to " + opens
	}
	f.Title = fmt.Sprintf("%s %s %s", s.best(), s.verb("opens", "open"), opens)
	if s.leaders < len(s.entries) {
		f.Title += "; " + s.others("opens", "as many")
	}
	if s.leaders == len(s.entries) && s.leaders > 1 {
		f.Title = fmt.Sprintf("All strategies open about %s", opens)
	}
	return f
}
