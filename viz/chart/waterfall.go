package chart

import (
	"fmt"

	"protosim/model/result"
	"protosim/viz/figure"
)

// The shades of a waterfall's bars: a request that waits for a connection, one
// that waits for its response, and a response that arrives.
const (
	queuedShade  = .16
	waitingShade = .45
)

// waterfall draws the first client's first page under each strategy, all on
// one time axis.
func waterfall(r *result.Result) *figure.Figure {
	f := &figure.Figure{
		Subtitle: "The first client's first page, a line for each object",
		Key: []figure.Swatch{
			{Ink: figure.Strong.Tint(queuedShade), Text: "waits for a connection"},
			{Ink: figure.Strong.Tint(waitingShade), Text: "waits for the response"},
			{Ink: figure.Strong, Text: "receives"},
		},
	}
	var ends []entry
	queued := map[string]float64{}
	last := 0.0
	for _, run := range r.Runs {
		if len(run.Waterfall) == 0 {
			continue
		}
		end, waited := waterfallEnd(run.Waterfall)
		ends = append(ends, entry{strategy: run.Strategy, value: end})
		queued[string(run.Strategy)] = waited
		last = max(last, end)
	}
	for _, e := range ends {
		f.Rows = append(f.Rows, figure.Row{Panels: []figure.Panel{waterfallPanel(r, e, last)}})
	}
	if n := len(f.Rows); n > 0 {
		f.Rows[n-1].Panels[0].X.Quiet = false
		f.Title = waterfallTitle(rank(ends), queued)
	}
	return f
}

// waterfallEnd is when the last object was there, and which share of the time
// of all requests was spent waiting for a connection.
func waterfallEnd(loads []result.Load) (end, queued float64) {
	var wait, all float64
	for _, l := range loads {
		end = max(end, l.EndMS)
		wait += l.SentMS - l.StartMS
		all += l.EndMS - l.StartMS
	}
	if all > 0 {
		queued = wait / all
	}
	return end, queued
}

func waterfallPanel(r *result.Result, e entry, last float64) figure.Panel {
	var loads []result.Load
	for _, run := range r.Runs {
		if run.Strategy == e.strategy {
			loads = run.Waterfall
		}
	}
	ink := AreaInk(e.strategy)
	p := figure.Panel{
		Side: string(e.strategy),
		Ink:  TextInk(e.strategy),
		X:    figure.Axis{Max: last, Unit: "ms", Quiet: true},
		Y:    figure.Axis{Max: float64(max(len(loads), 4)), Bare: true, Down: true},
	}
	height := 1.0
	if len(loads) <= 30 {
		height = .8
	}
	for i, l := range loads {
		y := float64(i)
		receives := ink
		if !l.OK {
			receives = failedInk
		}
		for _, part := range []struct {
			from, to float64
			ink      figure.Ink
		}{
			{l.StartMS, l.SentMS, ink.Tint(queuedShade)},
			{l.SentMS, l.FirstByteMS, ink.Tint(waitingShade)},
			{l.FirstByteMS, l.EndMS, receives},
		} {
			if part.to > part.from {
				p.Boxes = append(p.Boxes, figure.Box{X0: part.from, X1: part.to, Y0: y, Y1: y + height, Ink: part.ink})
			}
		}
	}
	text := brief("ms", e.value)
	p.Rules = []figure.Rule{{At: e.value, Upright: true, Ink: ink}}
	p.Labels = []figure.Label{{At: figure.Point{X: e.value, Y: p.Y.Max * .5}, DX: 6, Text: text, Bold: true, Size: 14, Ink: TextInk(e.strategy)}}
	p.Room = []string{text + "00"}
	return p
}

// waterfallTitle says who is first, and why the last is last.
func waterfallTitle(s standing, queued map[string]float64) string {
	if s.leaders == len(s.entries) && len(s.entries) > 1 {
		return "All load the page in about the same time, " + s.value("ms")
	}
	title := fmt.Sprintf("%s %s the page in %s", s.best(), s.verb("loads", "load"), s.value("ms"))
	slowest := s.entries[len(s.entries)-1].strategy
	share := queued[string(slowest)]
	if s.leaders == len(s.entries) {
		return title
	}
	if share < .2 {
		return title + "; " + s.others("takes", "as long")
	}
	return fmt.Sprintf("%s; %s takes %s times as long, as its requests spend %.0f %% of their time waiting for a connection",
		title, slowest, times(s.entries[len(s.entries)-1].value/s.entries[0].value), 100*share)
}
