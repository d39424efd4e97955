package chart

import (
	"fmt"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// mainMetrics are those that a scoreboard shows, the most important first: whom
// and what a strategy serves, how soon, and at what cost.
var mainMetrics = []string{
	"connect.success_ratio", "push.delivered", "pages.loaded", "sessions.lost", "requests.failed", "origin.offload", "cache.hit_ratio",
	"page_load_ms.p50", "page_load_ms.p95", "recovery_ms", "unserved.peak", "push.latency_ms.p50", "push.latency_ms.p99", "push.first_event_ms.p50",
	"push.bytes_per_event", "push.missed", "request_ms.p99", "servers.imbalance", "server.memory_bytes_peak", "connections.opened", "connections.peak",
	"bytes.overhead_per_request", "bytes.sent", "tls.handshakes.full", "request_ms.p50", "packets.lost", "bytes.received",
}

// scoreboardSize is how many metrics a scoreboard shows.
const scoreboardSize = 8

// scoreboard draws small bars for each of the main metrics that tell the
// strategies apart.
func scoreboard(r *result.Result) *figure.Figure {
	f := &figure.Figure{}
	names := decided(r, scoreboardSize)
	served := ""
	if short := slices.Max(append(result.Short(r), 0)); short > 0 {
		served = fmt.Sprintf("; “for %s” is of those who are served, and never best", result.Whom(short))
	}
	var panels []figure.Panel
	for i, name := range names {
		p := barPanel(r, name, upwards(name), i%4 == 0)
		if i%4 == 0 {
			p.Weight = 1.5 // it has the names
		}
		panels = append(panels, p)
	}
	for i := 0; i < len(panels); i += 4 {
		f.Rows = append(f.Rows, figure.Row{Panels: padded(panels[i:min(i+4, len(panels))])})
	}
	f.Title = scoreboardTitle(r)
	f.Subtitle = "Shorter is better unless marked ▲; full colour is best; what is within 2 % of the best, or cannot be told from it, is level with it" + served
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

// decided are the metric of the finding and the main metrics by which some
// strategy is clearly better than another, or, if there are none, those that were
// measured.
func decided(r *result.Result, most int) []string {
	c := result.Compare(r)
	var apart, level []string
	names, headline := mainMetrics, result.Headline(r)
	if headline != "" && !slices.Contains(names, headline) {
		names = append([]string{headline}, names...)
	}
	for _, name := range names {
		row := c.Row(name)
		switch {
		case row == nil || !result.Comparable(r, name) || row.Metric.Better == scenarios.Neither:
		case name == headline || metricStanding(r, name).spread() > 1.1:
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

// upwards is a metric's label, marked if more of it is better.
func upwards(name string) string {
	m := describe(name)
	label := strings.NewReplacer("95th percentile", "p95", "99th percentile", "p99").Replace(m.Label) // there is little room
	if m.Better == scenarios.Higher {
		return "▲ " + label
	}
	return label
}

// scoreboardTitle is the finding, or what there is of one.
func scoreboardTitle(r *result.Result) string {
	if len(r.Runs) != 1 {
		return strings.TrimSuffix(result.Finding(r), ".")
	}
	for _, name := range decided(r, 1) {
		if m := describe(name); len(metricStanding(r, name).entries) > 0 {
			return fmt.Sprintf("%s: %s has %s", m.Label, r.Runs[0].Strategy, metricStanding(r, name).value(m.Unit))
		}
	}
	return "What " + string(r.Runs[0].Strategy) + " measures"
}
