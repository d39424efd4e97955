package chart

import (
	"errors"
	"fmt"
	"strings"

	"protosim/model/result"
	"protosim/viz/figure"
)

// serverSeries begin the names of the series of one server's load each.
const serverSeries = "requests at "

func needServers(r *result.Result) error {
	for _, run := range r.Runs {
		if len(loads(run)) > 1 {
			return nil
		}
	}
	return errors.New("there are no several servers in it")
}

// loads are the series of the servers' loads.
func loads(run result.Run) []result.Series {
	var found []result.Series
	for _, s := range run.Series {
		if strings.HasPrefix(s.Name, serverSeries) {
			found = append(found, s)
		}
	}
	return found
}

// servers draws the load of each server over time as a heat map for each
// strategy: the darker, the more requests.
func servers(r *result.Result) *figure.Figure {
	f := &figure.Figure{Subtitle: "Requests at each server over time; the darker, the more"}
	end, step := 0.0, 0.0
	for _, run := range r.Runs {
		for _, s := range loads(run) {
			end, step = max(end, s.StepMS*float64(len(s.Values))), max(step, s.StepMS)
		}
	}
	width := step * max(float64(int(end/step/100+.999)), 1)
	for i, run := range r.Runs {
		p := heatPanel(run, width, end)
		p.X.Quiet = i < len(r.Runs)-1
		markFaults(&p, r, false)
		f.Rows = append(f.Rows, figure.Row{Panels: []figure.Panel{p}})
	}
	f.Title = serversTitle(r)
	return f
}

// heatPanel is the heat map of one strategy.
func heatPanel(run result.Run, width, end float64) figure.Panel {
	series := loads(run)
	p := figure.Panel{
		Side: string(run.Strategy), Ink: TextInk(run.Strategy),
		X: figure.Axis{Max: end, Unit: "ms"}, Y: figure.Axis{Max: float64(max(len(series), 1)), Down: true, Bare: true},
	}
	var rates []*rate
	peak := 0.0
	for _, s := range series {
		rates = append(rates, rateOf(&s, width, end))
		peak = max(peak, rates[len(rates)-1].peak())
	}
	p.Y.Ticks = []figure.Tick{}
	for i, rate := range rates {
		y := float64(i)
		if len(rates) <= 8 {
			p.Y.Ticks = append(p.Y.Ticks, figure.Tick{At: y + .5, Text: strings.TrimPrefix(series[i].Name, serverSeries)})
		}
		for at, v := range rate.values {
			if v > 0 {
				p.Boxes = append(p.Boxes, figure.Box{
					X0: float64(at) * width, X1: min(float64(at+1)*width, end), Y0: y + .06, Y1: y + .94,
					Ink: AreaInk(run.Strategy).Tint(.06 + .94*v/peak),
				})
			}
		}
	}
	if v, ok := run.Metrics["servers.imbalance"]; ok {
		text := fmt.Sprintf("imbalance %.2f", v)
		p.Labels = []figure.Label{{At: figure.Point{X: end, Y: p.Y.Max / 2}, DX: 8, Text: text, Bold: true, Ink: TextInk(run.Strategy)}}
		p.Room = []string{text}
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
	case s.level() && len(s.entries) > 1:
		return fmt.Sprintf("%s busiest server has %s times the mean load, under every strategy", when, times(s.worst().value))
	case s.level():
		return fmt.Sprintf("%s busiest server has %s times the mean load under %s", when, times(s.worst().value), s.best())
	}
	return fmt.Sprintf("%s busiest server has %s times the mean load under %s, %s times under %s",
		when, times(s.most().value), s.most().strategy, times(s.least().value), s.least().strategy)
}

// busiest ranks the runs by the requests at the busiest server over the mean.
func busiest(r *result.Result) standing {
	var entries []entry
	for _, run := range r.Runs {
		sum, most, n := 0.0, 0.0, 0.0
		for _, s := range loads(run) {
			all := 0.0
			for _, v := range s.Values {
				all += v
			}
			sum, most, n = sum+all, max(most, all), n+1
		}
		if sum > 0 {
			entries = append(entries, entry{strategy: run.Strategy, value: most * n / sum})
		}
	}
	return rank(entries)
}
