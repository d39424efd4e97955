package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// mainMetrics are those that a scoreboard shows, the most important first.
var mainMetrics = []string{
	"page_load_ms.p50", "page_load_ms.p95", "sessions.lost", "recovery_ms", "unserved.peak", "push.latency_ms.p50", "push.latency_ms.p99", "push.bytes_per_event", "push.missed",
	"requests.failed", "request_ms.p99", "servers.imbalance", "connections.opened", "connections.peak",
	"bytes.overhead_per_request", "bytes.sent", "tls.handshakes.full", "request_ms.p50", "packets.lost", "bytes.received",
}

// scoreboardSize is how many metrics a scoreboard shows.
const scoreboardSize = 8

// scoreboard draws small bars for each of the main metrics that tell the
// strategies apart.
func scoreboard(r *result.Result) *figure.Figure {
	f := &figure.Figure{}
	names := decided(r, scoreboardSize)
	var panels []figure.Panel
	for i, name := range names {
		p := barPanel(r, name, describe(name).Label, i%4 == 0)
		if i%4 == 0 {
			p.Weight = 1.5 // it has the names
		}
		panels = append(panels, p)
	}
	for i := 0; i < len(panels); i += 4 {
		f.Rows = append(f.Rows, figure.Row{Panels: padded(panels[i:min(i+4, len(panels))])})
	}
	f.Title, f.Subtitle = scoreboardTitle(r, names), "Shorter is better, full colour is best; what is within 2 % of the best, or cannot be told from it, is level with it"
	return f
}

// padded fills up a row to four panels, so that those of all rows line up.
func padded(panels []figure.Panel) []figure.Panel {
	panels = slices.Clone(panels)
	for len(panels) < 4 {
		panels = append(panels, figure.Panel{X: figure.Axis{Bare: true}, Y: figure.Axis{Bare: true}})
	}
	return panels
}

// decided are the main metrics by which some strategy is clearly better than
// another, or, if there are none, those that were measured.
func decided(r *result.Result, most int) []string {
	c := result.Compare(r)
	var apart, level []string
	for _, name := range mainMetrics {
		row := c.Row(name)
		switch {
		case row == nil || !comparable(r, name) || row.Metric.Better != scenarios.Lower:
		case metricStanding(r, name).spread() > 1.1:
			apart = append(apart, name)
		default:
			level = append(level, name)
		}
	}
	if len(apart) == 0 {
		apart = level
	}
	return apart[:min(len(apart), most)]
}

// scoreboardTitle counts in how many measures each strategy is best.
func scoreboardTitle(r *result.Result, names []string) string {
	wins := map[scenarios.Strategy]int{}
	measures := 0
	for _, name := range names {
		s := metricStanding(r, name)
		if s.level() {
			continue
		}
		measures++
		for _, e := range s.entries[:s.leaders] {
			wins[e.strategy]++
		}
	}
	if len(r.Runs) == 1 {
		return fmt.Sprintf("What %s measures", r.Runs[0].Strategy)
	}
	if measures == 0 {
		return "No measure tells the strategies apart"
	}
	var order []scenarios.Strategy
	for _, run := range r.Runs {
		order = append(order, run.Strategy)
	}
	slices.SortStableFunc(order, func(a, b scenarios.Strategy) int { return cmp.Compare(wins[b], wins[a]) })
	var parts []string
	for _, s := range order {
		if wins[s] == 0 {
			continue
		}
		part := fmt.Sprintf("%s in %d", s, wins[s])
		if len(parts) == 0 {
			part = fmt.Sprintf("%s is best in %d of %d measures", s, wins[s], measures)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}
