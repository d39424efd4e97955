package chart

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/viz/figure"
)

// A server's load is in series of these names, with its own behind them.
const (
	requestsAt    = "requests at "
	connectionsAt = "connections at "
)

func needServers(r *result.Result) error {
	if len(serverNames(r)) < 2 {
		return errors.New("there are no several servers in it")
	}
	return nil
}

// serverNames are all servers that were asked anything under any strategy, in
// the order of their names: those that were added and got nothing are there.
func serverNames(r *result.Result) []string {
	var names []string
	for _, run := range r.Runs {
		for _, s := range run.Series {
			for _, prefix := range []string{requestsAt, connectionsAt} {
				if name, ok := strings.CutPrefix(s.Name, prefix); ok && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return names
}

// servers draws the requests and the connections of each server over time as
// heat maps for each strategy: the darker, the more.
func servers(r *result.Result) *figure.Figure {
	f := &figure.Figure{
		Subtitle: "Each server's requests and open connections over time, on one scale for all strategies",
		Title:    serversTitle(r),
		Key:      []figure.Swatch{{Ink: figure.Strong.Tint(heat(.25)), Text: "a quarter of the most"}, {Ink: figure.Strong, Text: "the most"}},
	}
	names := serverNames(r)
	requests, connections := newHeat(r, requestsAt, names, true), newHeat(r, connectionsAt, names, false)
	for i, run := range r.Runs {
		var panels []figure.Panel
		for k, h := range []*heatMap{requests, connections} {
			if h.peak == 0 {
				continue
			}
			p := h.panel(run, i, k == 0)
			p.X.Quiet = i < len(r.Runs)-1
			markFaults(&p, r, r.Runs[i:i+1], nil)
			if i == 0 {
				p.Title = "Requests per second, the most: " + brief("per_second", h.peak)
				if h == connections {
					p.Title = "Open connections, the most: " + brief("count", h.peak)
				}
				p.Ink = figure.Strong
			}
			panels = append(panels, p)
		}
		if len(panels) == 0 {
			continue
		}
		panels[0].Side = string(run.Strategy)
		if v, ok := run.Metrics["servers.imbalance"]; ok {
			last := &panels[len(panels)-1]
			text := fmt.Sprintf("imbalance %.2f", v)
			last.Labels = append(last.Labels, figure.Label{At: figure.Point{X: last.X.Max, Y: last.Y.Max / 2}, DX: 8, Text: text, Bold: true, Ink: TextInk(run.Strategy)})
			last.Room = []string{text}
		}
		f.Rows = append(f.Rows, figure.Row{Panels: panels})
	}
	return f
}

// heatMap is the load of all servers under all strategies, by run and server.
type heatMap struct {
	names      []string
	width, end float64 // of a cell, and of the time, in ms
	values     [][][]float64
	peak       float64
}

func newHeat(r *result.Result, prefix string, names []string, rates bool) *heatMap {
	h := &heatMap{names: names}
	step := 0.0
	for _, run := range r.Runs {
		for _, s := range run.Series {
			h.end, step = max(h.end, s.StepMS*float64(len(s.Values))), max(step, s.StepMS)
		}
	}
	h.width = rateBin(r, h.end, step, 100)
	for _, run := range r.Runs {
		var rows [][]float64
		for _, name := range names {
			var values []float64
			if s := seriesOf(run, prefix+name); s == nil {
			} else if rates {
				values = rateOf(s, h.width, h.end).values
			} else {
				values = highest(s, h.width)
			}
			rows = append(rows, values)
			for _, v := range values {
				h.peak = max(h.peak, v)
			}
		}
		h.values = append(h.values, rows)
	}
	return h
}

// highest are the highest values of a series in bins of a width.
func highest(s *result.Series, width float64) []float64 {
	var values []float64
	for i, v := range s.Values {
		bin := int(float64(i) * s.StepMS / width)
		for len(values) <= bin {
			values = append(values, 0)
		}
		values[bin] = max(values[bin], v)
	}
	return values
}

// heat is the opacity that stands for a share of the most.
func heat(share float64) float64 { return .08 + .92*share }

// panel is the heat map of one strategy.
func (h *heatMap) panel(run result.Run, i int, named bool) figure.Panel {
	p := figure.Panel{
		Ink: TextInk(run.Strategy),
		X:   timeAxis(h.end), Y: figure.Axis{Max: float64(max(len(h.names), 1)), Down: true, Bare: true, Ticks: []figure.Tick{}},
	}
	for k, values := range h.values[i] {
		y := float64(k)
		if named && len(h.names) <= 8 {
			p.Y.Ticks = append(p.Y.Ticks, figure.Tick{At: y + .5, Text: h.names[k]})
		}
		p.Boxes = append(p.Boxes, figure.Box{X1: h.end, Y0: y + .06, Y1: y + .94, Ink: figure.Faint.Tint(.35)})
		for at, v := range values {
			if v > 0 {
				p.Boxes = append(p.Boxes, figure.Box{
					X0: float64(at) * h.width, X1: min(float64(at+1)*h.width, h.end), Y0: y + .06, Y1: y + .94,
					Ink: AreaInk(run.Strategy).Tint(heat(v / h.peak)),
				})
			}
		}
	}
	return p
}

// serversTitle says whose load is spread worst.
func serversTitle(r *result.Result) string {
	s, when := metricStanding(r, "servers.imbalance"), "At the end the"
	if len(s.entries) == 0 { // of sessions only
		s, when = busiest(r), "The"
	}
	switch {
	case len(s.entries) == 0:
		return "No server has a request"
	case s.level():
		under := s.best()
		if len(s.entries) > 1 {
			under = "every strategy"
		}
		if even(s.worst()) {
			return fmt.Sprintf("%s load is even under %s", when, under)
		}
		return fmt.Sprintf("%s busiest server has %s times the mean load under %s", when, times(s.worst().value), under)
	}
	least, leaders := string(s.least().strategy), standing{entries: []entry{s.least()}}
	if s.leads(s.least().strategy) {
		least, leaders = s.best(), s.ahead()
	}
	text := fmt.Sprintf("%s busiest server has %s times the mean load under %s", when, times(s.most().value), s.most().strategy)
	if even(leaders.most()) {
		return text + "; under " + least + " the load is even"
	}
	return text + fmt.Sprintf(", %s times under %s", result.Span(times(leaders.least().value), times(leaders.most().value)), least)
}

// even says that the busiest server has as much to do as the others.
func even(e entry) bool { return times(e.value) == "1" }

// busiest ranks the runs by the requests at the busiest server over the mean.
func busiest(r *result.Result) standing {
	var entries []entry
	for _, run := range r.Runs {
		sum, most := 0.0, 0.0
		names := serverNames(r)
		for _, name := range names {
			all := 0.0
			if s := seriesOf(run, requestsAt+name); s != nil {
				for _, v := range s.Values {
					all += v
				}
			}
			sum, most = sum+all, max(most, all)
		}
		if sum > 0 {
			entries = append(entries, entry{strategy: run.Strategy, value: most * float64(len(names)) / sum})
		}
	}
	return rank(entries)
}
