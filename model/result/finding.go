package result

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"protosim/scenarios"
)

// headlines are the metrics that a finding is about: the first of them that
// tells the strategies apart. Whether users are served comes before how soon.
var headlines = []string{
	"connect.success_ratio", "push.delivered", "pages.loaded", "sessions.lost", "requests.failed",
	"origin.offload", "page_load_ms.p50", "push.latency_ms.p50", "recovery_ms",
}

// otherHeadlines are those of results whose scenario expects nothing else.
var otherHeadlines = []string{"unserved.peak", "page_load_ms.p95", "request_ms.p50", "request_ms.p99", "servers.imbalance", "bytes.overhead"}

// mentioned finds metrics in expectations: http2.page_load_ms.p50.
var mentioned = regexp.MustCompile(`[a-z][a-z0-9_]*\.([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)`)

// headlinesOf are the metrics to look at, in order: behind the general ones are
// those that the scenario expects something of.
func headlinesOf(r *Result) []string {
	names := slices.Clone(headlines)
	for _, expectation := range r.Scenario.Expect {
		for _, found := range mentioned.FindAllStringSubmatch(expectation, -1) {
			names = append(names, found[1])
		}
	}
	return append(names, otherHeadlines...)
}

// Finding sums a result up in one sentence: who is best by the metric that
// matters most, and how far behind the others are.
//
//	Page load, median: http2 is best with 205 ms; websocket has 1.49 times as much, http1 has 9.2 times.
func Finding(r *Result) string {
	c := Compare(r)
	if len(c.Strategies) < 2 {
		return ""
	}
	row := c.headline(headlinesOf(r))
	if row == nil {
		return "No metric tells " + join(c.Strategies) + " apart."
	}
	scale := ScaleFor(row.Metric.Unit, row.Values()...)
	best := row.Best()
	verb := "is"
	if len(best) > 1 {
		verb = "are"
	}
	var leaders []scenarios.Strategy
	least, most := math.Inf(1), math.Inf(-1)
	for _, i := range best {
		leaders = append(leaders, c.Strategies[i])
		least, most = min(least, row.Cells[i].Value), max(most, row.Cells[i].Value)
	}
	return fmt.Sprintf("%s: %s %s best with %s%s.", row.Metric.Label, join(leaders), verb,
		Span(written(scale, least), written(scale, most)), c.behind(row, scale, Alike(least, most)))
}

// Alike says that one number stands for both, as far as a sentence tells how many
// times as much others have.
func Alike(least, most float64) bool { return most <= 1.05*least }

// Headline is the metric that the finding is about, "" if there is none.
func Headline(r *Result) string {
	if row := Compare(r).headline(headlinesOf(r)); row != nil {
		return row.Metric.Name
	}
	return ""
}

// headline is the row that a finding is about, nil if no row is decided.
func (c *Comparison) headline(names []string) *Row {
	for _, name := range names {
		if row := c.Row(name); row != nil && row.Decided && c.matters(row) {
			return row
		}
	}
	i := slices.IndexFunc(c.Rows, func(r Row) bool { return r.Decided })
	if i < 0 {
		return nil
	}
	return &c.Rows[i]
}

// matters says that the strategies are far enough apart for a headline. A few
// of many requests, or what was on its way when the run ended, are not.
func (c *Comparison) matters(row *Row) bool {
	values := row.Values()
	least, most := slices.Min(values), slices.Max(values)
	switch row.Metric.Name {
	case "requests.failed":
		total := c.Row("requests.total")
		return total == nil || most-least > .01*slices.Max(total.Values())
	case "push.delivered":
		return least < enough[1]*most
	}
	return true
}

// behind tells how much the other strategies have, from near to far: how many times
// as much of time and bytes, and the number itself of what is counted, of shares,
// and where the leaders are not alike.
func (c *Comparison) behind(row *Row, scale Scale, alike bool) string {
	var others []int
	for i, cell := range row.Cells {
		if cell.Present && !cell.Best {
			others = append(others, i)
		}
	}
	slices.SortStableFunc(others, func(a, b int) int {
		if row.Metric.Better == scenarios.Higher {
			a, b = b, a
		}
		return cmp.Compare(row.Cells[a].Value, row.Cells[b].Value)
	})
	var parts []string
	asMuch := " times as much"
	for _, i := range others {
		cell := row.Cells[i]
		of := ForWhom(cell.Short)
		if !alike || cell.Ratio < 1.005 && cell.Ratio > 0.995 || cell.Ratio == 0 || row.Metric.Unit == "ratio" || scale.Unit == "" {
			parts = append(parts, fmt.Sprintf("%s has %s%s", c.Strategies[i], written(scale, cell.Value), of))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s has %s%s%s", c.Strategies[i], Factor(cell.Ratio), asMuch, of))
		asMuch = " times"
	}
	switch {
	case len(parts) == 0:
		return ""
	case len(parts) > MostNamed:
		from, to := row.Cells[others[0]].Value, row.Cells[others[len(others)-1]].Value
		return "; the others have " + Span(written(scale, min(from, to)), written(scale, max(from, to)))
	}
	return "; " + strings.Join(parts, ", ")
}

// MostNamed is how many strategies a sentence tells of one by one.
const MostNamed = 4

// written prints a value in a sentence: shares that are whole per cents without
// decimals.
func written(scale Scale, v float64) string {
	if whole := v / scale.Divisor; scale.Unit == "%" && math.Abs(whole-math.Round(whole)) < 1e-9 {
		scale.Decimals = 0
	}
	return scale.Format(v)
}

// Factor prints a ratio to two or three digits: "1.02", "9.2", "120", and one
// that would print as 1 with as many digits as tell it from 1, up to four.
func Factor(ratio float64) string {
	switch {
	case math.Abs(ratio-1) < 0.00995:
		return strings.TrimRight(fmt.Sprintf("%.4f", ratio), "0.")
	case ratio < 2:
		return fmt.Sprintf("%.2f", ratio)
	case ratio < 99.5:
		return fmt.Sprintf("%.1f", ratio)
	}
	return separateThousands(fmt.Sprintf("%.0f", ratio))
}

// join lists names: "a", "a and b", "a, b and c".
func join(names []scenarios.Strategy) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(name))
	}
	return b.String()
}
