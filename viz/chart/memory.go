package chart

import (
	"fmt"

	"protosim/model/result"
	"protosim/viz/figure"
)

// memory draws what waiting connections take of servers' memory: a line for
// each strategy over the number of connections, up to the most that were open at
// a time, and beside it what one takes.
func memory(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Heap and stacks of a real Go server while its clients wait, over connections at a time; the dots are the most of the run"}
	over := figure.Panel{
		Title: "Memory of connections, by connections", Weight: 1.6,
		X: figure.Axis{Unit: "count", Label: "connections at a time"}, Y: figure.Axis{Unit: "bytes"},
	}
	for _, run := range r.Runs {
		over.X.Max = max(over.X.Max, run.Metrics["connections.peak"])
		over.Y.Max = max(over.Y.Max, run.Metrics["server.memory_bytes_peak"])
	}
	for _, run := range r.Runs {
		peak, ok := run.Metrics["server.memory_bytes_peak"]
		if !ok {
			continue
		}
		at := figure.Point{X: run.Metrics["connections.peak"], Y: peak}
		over.Lines = append(over.Lines, figure.Line{
			Points: []figure.Point{{}, at}, Ink: AreaInk(run.Strategy), Name: string(run.Strategy), NameInk: TextInk(run.Strategy),
		})
		over.Dots = append(over.Dots, figure.Dot{At: at, Radius: 5, Ink: AreaInk(run.Strategy)})
	}
	over.X.Max, over.Y.Max = figure.NiceMax(over.X.Max), figure.NiceMax(over.Y.Max*1.05)
	f.Rows = []figure.Row{{Panels: []figure.Panel{over, barPanel(r, "server.memory_bytes_per_connection", "One connection", true)}}}
	f.Title = memoryTitle(r)
	return f
}

// memoryTitle says what the connections take at their most.
func memoryTitle(r *result.Result) string {
	s := metricStanding(r, "server.memory_bytes_peak")
	switch {
	case len(s.entries) == 0:
		return ""
	case s.level() && len(s.entries) > 1:
		return fmt.Sprintf("Connections take up to %s of the servers' memory under every strategy", s.bound("bytes"))
	case s.level():
		return fmt.Sprintf("Connections take up to %s of the servers' memory under %s", s.bound("bytes"), s.best())
	}
	return fmt.Sprintf("Connections take up to %s of the servers' memory under %s; %s", s.bound("bytes"), s.best(), s.others("takes", "as much"))
}
