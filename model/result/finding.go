package result

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"protosim/scenarios"
)

// headlines are the metrics that a finding is about: the first of them that
// tells the strategies apart.
var headlines = []string{"page_load_ms.p50", "push.latency_ms.p50", "recovery_ms", "sessions.lost", "page_load_ms.p95"}

// Finding sums a result up in one sentence: who is best by the metric that
// matters most, and how far behind the others are.
//
//	Page load, median: http2 is best with 205 ms; websocket has 1.49 times as much, http1 has 9.2 times.
func Finding(r *Result) string {
	c := Compare(r)
	if len(c.Strategies) < 2 {
		return ""
	}
	row := c.headline()
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
	for _, i := range best {
		leaders = append(leaders, c.Strategies[i])
	}
	return fmt.Sprintf("%s: %s %s best with %s%s.", row.Metric.Label, join(leaders), verb,
		scale.Format(row.Cells[best[0]].Value), c.behind(row, scale))
}

// headline is the row that a finding is about, nil if no row is decided.
func (c *Comparison) headline() *Row {
	for _, name := range headlines {
		if row := c.Row(name); row != nil && row.Decided {
			return row
		}
	}
	i := slices.IndexFunc(c.Rows, func(r Row) bool { return r.Decided })
	if i < 0 {
		return nil
	}
	return &c.Rows[i]
}

// behind tells how much the other strategies have, from near to far.
func (c *Comparison) behind(row *Row, scale Scale) string {
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
		if cell.Ratio < 1.005 && cell.Ratio > 0.995 || cell.Ratio == 0 {
			parts = append(parts, fmt.Sprintf("%s has %s", c.Strategies[i], scale.Format(cell.Value)))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s has %s%s", c.Strategies[i], Factor(cell.Ratio), asMuch))
		asMuch = " times"
	}
	if len(parts) == 0 {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
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
