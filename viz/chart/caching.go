package chart

import (
	"errors"
	"fmt"

	"protosim/model/result"
	"protosim/viz/figure"
)

// caching draws what shared caches answer, what they spare the servers, and
// what still arrives there over time.
func caching(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Requests that caches answer and that servers never see; below, what reaches the servers over time"}
	over := overTime(r, "origin.requests", "Requests at the servers per second", "per_second", 1000)
	markFaults(&over, r, r.Runs, map[int]bool{})
	f.Rows = []figure.Row{
		{Panels: []figure.Panel{
			shareBars(r, "cache.hit_ratio", "Hit ratio at the edges"),
			shareBars(r, "origin.offload", "Offload: requests that no server sees"),
		}, Weight: .8},
		{Panels: []figure.Panel{over}},
	}
	f.Title = cachingTitle(r)
	return f
}

// shareBars draws a bar per strategy for a share, of which the whole is marked.
func shareBars(r *result.Result, name, title string) figure.Panel {
	p := figure.Panel{Title: title, X: figure.Axis{Max: 1, Bare: true}, Y: strategyAxis(r, true)}
	for i, run := range r.Runs {
		y := float64(i) + .5
		v, ok := run.Metrics[name]
		if !ok {
			p.Labels = append(p.Labels, figure.Label{At: figure.Point{Y: y}, DX: 4, Text: "–", Ink: figure.Muted})
			continue
		}
		v = min(max(v, 0), 1)
		text := brief("ratio", v)
		p.Boxes = append(p.Boxes,
			figure.Box{X1: 1, Y0: y - .34, Y1: y + .34, Ink: figure.Faint},
			figure.Box{X1: v, Y0: y - .34, Y1: y + .34, Ink: AreaInk(run.Strategy)})
		p.Labels = append(p.Labels, figure.Label{At: figure.Point{X: 1, Y: y}, DX: 5, Text: text})
		p.Room = append(p.Room, text)
	}
	return p
}

// cachingTitle says who gains from the caches, and who does not.
func cachingTitle(r *result.Result) string {
	s := metricStanding(r, "origin.offload")
	if len(s.entries) == 0 {
		return ""
	}
	spared := func(e entry) string { return brief("ratio", min(max(e.value, 0), 1)) }
	best := result.Span(spared(s.ahead().least()), spared(s.ahead().most()))
	text := fmt.Sprintf("Caches spare the servers %s of the requests under %s", best, s.best())
	if s.level() && len(s.entries) > 1 {
		return fmt.Sprintf("Caches spare the servers %s of the requests under every strategy", best)
	}
	var others []string
	for _, e := range s.entries[s.leaders:] {
		others = append(others, spared(e)+" under "+string(e.strategy))
	}
	switch rest := s.entries[s.leaders:]; {
	case len(rest) > result.MostNamed:
		text += ", " + result.Span(spared(rest[len(rest)-1]), spared(rest[0])) + " under the others"
	case len(others) > 0:
		text += ", " + list(others)
	}
	return text
}

func needCaches(r *result.Result) error {
	if needMetric("cache.hit_ratio")(r) != nil {
		return errors.New("it has no caches")
	}
	return nil
}
