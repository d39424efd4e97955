package chart

import (
	"fmt"
	"math"

	"protosim/model/result"
	"protosim/viz/figure"
)

// service draws how many clients are without service over time, and how many
// come back in each second, with the faults that did it.
func service(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Clients without service, and attempts to come back, over time; faults are shaded"}
	without := overTime(r, "clients.unserved", "Clients without service", "count", 0)
	back := overTime(r, "reconnects", "Reconnects per second", "per_second", 1000)
	without.X.Quiet = true
	back.X.Max = max(back.X.Max, without.X.Max)
	without.X.Max = back.X.Max
	markFaults(&without, r, r.Runs, map[int]bool{})
	markFaults(&back, r, r.Runs, nil)
	f.Rows = []figure.Row{{Panels: []figure.Panel{without}}, {Panels: []figure.Panel{back}, Weight: .7}}
	f.Title = serviceTitle(r)
	return f
}

// maxBins is how many bins of a rate a chart has room for.
const maxBins = 400

// overTime draws one series of every strategy. With a window above 0 it is a
// count, drawn as a rate per second.
func overTime(r *result.Result, name, title, unit string, window float64) figure.Panel {
	p := figure.Panel{Title: title, X: timeAxis(0), Y: figure.Axis{Unit: unit, Max: 1}}
	for _, run := range r.Runs {
		s := seriesOf(run, name)
		if s == nil || len(s.Values) == 0 {
			continue
		}
		end := s.StepMS * float64(len(s.Values))
		p.X.Max = max(p.X.Max, end)
		values, step := thin(s.Values, s.StepMS)
		if window > 0 {
			rate := rateOf(s, max(window, s.StepMS*math.Ceil(end/s.StepMS/maxBins)), end)
			values, step = rate.values, rate.width
		}
		peak := 0.0
		line := figure.Line{Ink: AreaInk(run.Strategy), NameInk: TextInk(run.Strategy), Name: string(run.Strategy)}
		for i, v := range values {
			line.Points = append(line.Points,
				figure.Point{X: float64(i) * step, Y: v}, figure.Point{X: min(float64(i+1)*step, end), Y: v})
			peak = max(peak, v)
		}
		if peak == 0 {
			line.Name = "" // it lies on the axis: there is nothing to point at
		}
		p.Y.Max = max(p.Y.Max, peak*1.15)
		p.Lines = append(p.Lines, line)
	}
	return p
}

// serviceTitle says how many lost service under which strategy, and for how long.
func serviceTitle(r *result.Result) string {
	s := metricStanding(r, "unserved.peak")
	if len(s.entries) == 0 {
		return "Clients without service over time"
	}
	worst := s.entries[len(s.entries)-1]
	if worst.value == 0 {
		return "Nobody is ever without service, under any strategy"
	}
	clients := float64(max(r.Scenario.Clients.Count, 1))
	share := func(e entry) string { return fmt.Sprintf("%.0f %%", 100*min(e.value/clients, 1)) }
	text := fmt.Sprintf("%s leaves up to %s of the clients without service", worst.strategy, share(worst))
	if s.level() && len(s.entries) > 1 {
		text = fmt.Sprintf("Every strategy leaves up to %s of the clients without service", share(s.most()))
	} else if len(s.entries) > 1 && s.ahead().most().value == 0 {
		text += fmt.Sprintf(", %s none", s.best())
	} else if len(s.entries) > 1 {
		text += fmt.Sprintf(", %s %s", s.best(), result.Span(share(s.ahead().least()), share(s.ahead().most())))
	}
	if lost := metricStanding(r, "sessions.lost"); len(lost.entries) > 0 && lost.entries[len(lost.entries)-1].value > 0 {
		most := lost.entries[len(lost.entries)-1]
		if lost.level() && len(lost.entries) > 1 {
			up := ""
			if lost.least().value < lost.most().value {
				up = "up to "
			}
			text += fmt.Sprintf("; each loses %s%s", up, Plural(int(lost.most().value+.5), "session"))
		} else {
			text += fmt.Sprintf("; %s loses %s", most.strategy, Plural(int(most.value+.5), "session"))
			if lost.ahead().most().value == 0 {
				text += fmt.Sprintf(", %s none", lost.best())
			}
		}
	}
	return text
}
