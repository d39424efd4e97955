package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// timeline draws what each strategy's requests came to over time: a row of
// its own for each, on shared axes.
func timeline(r *result.Result) *figure.Figure {
	of := subjectOf(r)
	f := &figure.Figure{Subtitle: "Requests per second by the moment of their end", Title: timelineTitle(r)}
	if of.one == "event" {
		f.Subtitle = "Events delivered per second"
	}
	end, step := 0.0, 0.0
	for _, run := range r.Runs {
		if s := seriesOf(run, of.series); s != nil {
			end, step = max(end, s.StepMS*float64(len(s.Values))), max(step, s.StepMS)
		}
	}
	width := rateBin(r, end, step, 150)
	peak := 0.0
	var rates []*rate
	for _, run := range r.Runs {
		ok := rateOf(seriesOf(run, of.series), width, end)
		failed := rateOf(seriesOf(run, "requests.failed"), width, end)
		rates = append(rates, ok, failed)
		peak = max(peak, ok.peak(), failed.peak())
	}
	anyFailed, named := false, map[int]bool{}
	for i, run := range r.Runs {
		ok, failed := rates[2*i], rates[2*i+1]
		p := figure.Panel{
			Side: string(run.Strategy), Ink: TextInk(run.Strategy),
			X: timeAxis(end),
			Y: figure.Axis{Max: figure.NiceMax(peak), Unit: "per_second"},
		}
		p.X.Quiet = i < len(r.Runs)-1
		markFaults(&p, r, r.Runs[i:i+1], named)
		if len(ok.values) > 0 {
			p.Lines = append(p.Lines, ok.area(AreaInk(run.Strategy).Tint(.35)), ok.outline(AreaInk(run.Strategy)))
		}
		summary := fmt.Sprintf("%s ok", result.Scale{Divisor: 1}.Number(run.Metrics["requests.ok"]))
		if result.HasPushes(r) {
			summary = fmt.Sprintf("%s in all", result.Scale{Divisor: 1}.Number(run.Metrics["push.delivered"]))
		}
		if n := run.Metrics["requests.failed"]; n > 0 {
			anyFailed = true
			p.Lines = append(p.Lines, failed.area(failedInk.Tint(.8)))
			summary = fmt.Sprintf("%s failed", result.Scale{Divisor: 1}.Number(n))
		}
		highest := fmt.Sprintf("peak %s", brief("per_second", ok.peak()))
		p.Labels = append(p.Labels,
			figure.Label{At: figure.Point{X: end, Y: p.Y.Max / 2}, DX: 8, DY: -8, Text: highest, Bold: true, Ink: TextInk(run.Strategy)},
			figure.Label{At: figure.Point{X: end, Y: p.Y.Max / 2}, DX: 8, DY: 8, Text: summary, Ink: figure.Muted, Optional: true})
		p.Room = []string{"peak 1,000/s", highest, summary}
		f.Rows = append(f.Rows, figure.Row{Panels: []figure.Panel{p}})
	}
	if anyFailed {
		if of.one == "event" {
			f.Subtitle += ", and requests that fail"
		}
		f.Key = []figure.Swatch{{Ink: figure.Strong.Tint(.35), Text: "ok"}, {Ink: failedInk, Text: "failed"}}
	}
	return f
}

// rate is a number of events per second over time, in bins of equal width.
type rate struct {
	width  float64 // ms
	end    float64
	values []float64
}

// rateBin is the width of bins, in whole steps, at most so many, in which rates
// are counted. Bins that held now two and now three of what happens at even
// intervals would draw a comb: they hold a second, unless the run is short, and
// several events.
func rateBin(r *result.Result, end, step float64, most float64) float64 {
	if step <= 0 || end <= 0 {
		return 1
	}
	width := max(end/most, min(1000, end/25))
	if every := milliseconds(r.Scenario.Push.Interval.Mean); every > 0 && result.HasPushes(r) {
		width = min(max(math.Ceil(width/every), 1)*every, max(end/8, step))
	}
	return step * math.Ceil(width/step-1e-9)
}

// timeAxis is the time of the run until end, in ms.
func timeAxis(end float64) figure.Axis { return figure.Axis{Max: end, Unit: "ms", Clock: true} }

// milliseconds of virtual time, as charts count it.
func milliseconds(d scenarios.Duration) float64 { return float64(d) / 1e6 }

// thin keeps the largest value of every few steps, so that there are no more
// than a chart has room for.
func thin(values []float64, step float64) ([]float64, float64) {
	const most = 400
	every := (len(values) + most - 1) / most
	if every <= 1 {
		return values, step
	}
	var kept []float64
	for i := 0; i < len(values); i += every {
		kept = append(kept, slices.Max(values[i:min(i+every, len(values))]))
	}
	return kept, step * float64(every)
}

// rateOf turns a series of counts into a rate.
func rateOf(s *result.Series, width, end float64) *rate {
	r := &rate{width: width, end: end}
	if s == nil {
		return r
	}
	r.values = make([]float64, int(math.Ceil(end/width-1e-9)))
	for i, v := range s.Values {
		if bin := int(float64(i) * s.StepMS / width); bin < len(r.values) {
			r.values[bin] += v / width * 1000
		}
	}
	return r
}

func (r *rate) peak() float64 {
	peak := 0.0
	for _, v := range r.values {
		peak = max(peak, v)
	}
	return peak
}

// outline is the rate as a staircase.
func (r *rate) outline(ink figure.Ink) figure.Line {
	l := figure.Line{Ink: ink, Width: 1.5}
	for i, v := range r.values {
		l.Points = append(l.Points, figure.Point{X: float64(i) * r.width, Y: v}, figure.Point{X: min(float64(i+1)*r.width, r.end), Y: v})
	}
	return l
}

// area is what lies under the staircase.
func (r *rate) area(ink figure.Ink) figure.Line {
	l := r.outline(ink)
	l.Fill = true
	l.Points = append([]figure.Point{{X: 0, Y: 0}}, append(l.Points, figure.Point{X: r.end, Y: 0})...)
	return l
}

// timelineTitle says what failed, or what succeeded and how long it took.
func timelineTitle(r *result.Result) string {
	var losers, others []string
	var lost, took []entry
	all := true // that was asked was answered
	for _, run := range r.Runs {
		if n := run.Metrics["requests.failed"]; n > 0 {
			lost = append(lost, entry{strategy: run.Strategy, value: n})
			losers = append(losers, fmt.Sprintf("%s loses %s", run.Strategy, Plural(int(n+.5), "request")))
		} else {
			others = append(others, string(run.Strategy))
		}
		all = all && run.Metrics["requests.ok"] == run.Metrics["requests.total"]
		if v, ok := run.Metrics["finished_ms"]; ok {
			took = append(took, entry{strategy: run.Strategy, value: v, ci95: run.CI95["finished_ms"]})
		}
	}
	switch s := rank(took); {
	case result.HasPushes(r):
		return deliveredTitle(r)
	case len(took) == 0:
		return ""
	case len(losers) == 1 && len(others) > 0:
		return fmt.Sprintf("%s, %s none", losers[0], named(others))
	case len(losers) > result.MostNamed:
		s := standing{entries: lost}
		text := fmt.Sprintf("Requests fail, from %s under %s to %s under %s",
			brief("count", s.least().value), s.least().strategy, brief("count", s.most().value), s.most().strategy)
		if len(others) > 0 {
			text += ", and none under " + named(others)
		}
		return text
	case len(losers) > 0:
		return "Requests fail: " + list(losers)
	case r.Scenario.Workload != "page" || !all:
		return "No request fails: " + answered(r)
	case s.level():
		return fmt.Sprintf("All requests succeed, %s, within %s", answered(r), s.bound("ms"))
	default:
		return fmt.Sprintf("All requests succeed, %s; %s %s done after %s, %s after %s", answered(r), s.best(), s.verb("is", "are"), s.value("ms"),
			s.worst().strategy, brief("ms", s.worst().value))
	}
}

// answered says how many requests succeeded under which strategies: "858 under
// http1 and http2, 841 under websocket".
func answered(r *result.Result) string {
	var counts []float64
	under := map[float64][]string{}
	for _, run := range r.Runs {
		n := run.Metrics["requests.ok"]
		if under[n] == nil {
			counts = append(counts, n)
		}
		under[n] = append(under[n], string(run.Strategy))
	}
	if len(counts) == 1 && len(r.Runs) > 1 {
		return result.Scale{Divisor: 1}.Number(counts[0]) + " under every strategy"
	}
	var parts []string
	for _, n := range counts {
		parts = append(parts, result.Scale{Divisor: 1}.Number(n)+" under "+list(under[n]))
	}
	return strings.Join(parts, ", ")
}

// deliveredTitle says which share of the events arrived.
func deliveredTitle(r *result.Result) string {
	var missing []entry // ranked by what is missing, as less is better
	for _, run := range r.Runs {
		if sent := run.Metrics["push.sent"]; sent > 0 {
			missing = append(missing, entry{strategy: run.Strategy, value: 1 - min(run.Metrics["push.delivered"]/sent, 1)})
		}
	}
	s := rank(missing)
	worst := s.entries[len(s.entries)-1]
	if worst.value < .001 {
		return "Practically every event is delivered, under every strategy"
	}
	share := func(e entry) string { return percent(1 - e.value) }
	return fmt.Sprintf("%s delivers %s of the events by the end; %s %s %s",
		worst.strategy, share(worst), s.best(), s.verb("delivers", "deliver"), result.Span(share(s.ahead().most()), share(s.ahead().least())))
}

// percent prints a share to a tenth of a per cent, or as a whole one.
func percent(share float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*share), ".0") + " %"
}
