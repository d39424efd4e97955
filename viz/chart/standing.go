package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
)

// entry is one strategy's number. short is the share of what there was to serve
// that it served, where that is less than others did and the number is of that.
type entry struct {
	strategy scenarios.Strategy
	value    float64
	ci95     float64
	short    float64
}

// standing is strategies by one number, first those that are as good as the
// best, then the others, each from best to worst.
type standing struct {
	entries []entry
	leaders int
	decided bool // some are worse than the leaders
	higher  bool // more is better
	unit    string
}

// rank ranks entries of which less is better.
func rank(entries []entry) standing { return rankBy(entries, scenarios.Lower) }

// rankBy ranks entries as tables of results do.
func rankBy(entries []entry, better scenarios.Better) standing {
	row := result.Row{Metric: scenarios.Metric{Better: better}}
	for _, e := range entries {
		row.Cells = append(row.Cells, result.Cell{Value: e.value, CI95: e.ci95, Present: true, Short: e.short})
	}
	row.Judge()
	s := standing{decided: row.Decided, higher: better == scenarios.Higher, leaders: len(row.Best())}
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		byValue := cmp.Compare(entries[a].value, entries[b].value)
		if s.higher {
			byValue = -byValue
		}
		return cmp.Or(-compareBool(row.Cells[a].Best, row.Cells[b].Best), byValue)
	})
	for _, i := range order {
		s.entries = append(s.entries, entries[i])
	}
	return s
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// metricStanding ranks the runs by a metric.
func metricStanding(r *result.Result, name string) standing {
	row := result.Compare(r).Row(name)
	if row == nil {
		return standing{}
	}
	better := row.Metric.Better
	if better == scenarios.Neither {
		better = scenarios.Lower // somebody has to come first
	}
	var entries []entry
	for i, cell := range row.Cells {
		if cell.Present {
			entries = append(entries, entry{r.Runs[i].Strategy, cell.Value, cell.CI95, cell.Short})
		}
	}
	s := rankBy(entries, better)
	s.unit = row.Metric.Unit
	return s
}

// best names the leaders.
func (s standing) best() string {
	var names []string
	for _, e := range s.entries[:s.leaders] {
		names = append(names, string(e.strategy))
	}
	return named(names)
}

// named lists strategies, or says how many there are.
func named(strategies []string) string {
	if len(strategies) > result.MostNamed {
		return fmt.Sprintf("%d strategies", len(strategies))
	}
	return list(strategies)
}

// value is the leaders' number, printed: the least and the most where that differs.
func (s standing) value(unit string) string {
	leaders := s.ahead()
	return result.Span(brief(unit, leaders.least().value), brief(unit, leaders.most().value))
}

// bound is the most that a leader has, printed, where they have about as much.
func (s standing) bound(unit string) string {
	if most := s.ahead().most().value; result.Alike(s.ahead().least().value, most) {
		return brief(unit, most)
	}
	return s.value(unit)
}

// ahead is the leaders alone.
func (s standing) ahead() standing { return standing{entries: s.entries[:s.leaders]} }

// measures says that the leaders' number is one to measure others by: some are level
// although far apart, as their seeds are.
func (s standing) measures() bool {
	return s.entries[0].value > 0 && result.Alike(s.ahead().least().value, s.ahead().most().value)
}

// others says how much more the others have, or how much where nothing measures it:
// "http1 takes 1.4 times as long, http1-close 2.1 times". Of many it says between
// what they are.
func (s standing) others(verb, asMuch string) string {
	rest := s.entries[s.leaders:]
	if len(rest) > result.MostNamed {
		return s.between(rest, asMuch)
	}
	var parts []string
	for _, e := range rest {
		part := times(e.value/s.entries[0].value) + " times"
		switch {
		case !s.measures():
			part = brief(s.unit, e.value)
		case part == "1 times":
			part = asMuch
		case len(parts) == 0:
			part += " " + asMuch
		}
		if len(parts) == 0 {
			part = verb + " " + part
		}
		part += result.ForWhom(e.short)
		parts = append(parts, string(e.strategy)+" "+part)
	}
	return strings.Join(parts, ", ")
}

// between says how much more many have: "the others 1.3 to 3.7 times as long".
func (s standing) between(rest []entry, asMuch string) string {
	rest = slices.SortedFunc(slices.Values(rest), func(a, b entry) int { return cmp.Compare(a.value, b.value) })
	printed := func(e entry) string {
		if !s.measures() {
			return brief(s.unit, e.value)
		}
		return times(e.value / s.entries[0].value)
	}
	text := result.Span(printed(rest[0]), printed(rest[len(rest)-1]))
	switch {
	case !s.measures():
	case text == "1":
		text = asMuch
	default:
		text += " times " + asMuch
	}
	if slices.ContainsFunc(rest, func(e entry) bool { return e.short > 0 }) {
		text += " for those that they serve"
	}
	return "the others " + text
}

// times prints a ratio to two digits or so.
func times(ratio float64) string {
	switch {
	case math.Abs(ratio-1) < .005:
		return "1"
	case ratio < 1.095:
		return fmt.Sprintf("%.2f", ratio)
	case ratio < 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", ratio), ".0")
	}
	return result.Scale{Divisor: 1}.Number(math.Round(ratio))
}

// brief prints a number to three digits or so, with its unit.
func brief(unit string, v float64) string {
	scale := result.ScaleFor(unit, v)
	if scale.Unit == "ms" && v >= 1000 {
		scale = result.Scale{Unit: "s", Divisor: 1000}
	}
	scaled := math.Abs(v / scale.Divisor)
	switch {
	case scaled >= 100 || scaled == math.Round(scaled):
		scale.Decimals = 0
	case scaled >= 10:
		scale.Decimals = 1
	default:
		scale.Decimals = 2
	}
	return scale.Format(v)
}

// list joins words: "a", "a and b", "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// verb agrees with the number of leaders.
func (s standing) verb(singular, plural string) string {
	if s.leaders == 1 {
		return singular
	}
	return plural
}

// leads says that the strategy is one of the leaders, and that somebody is not.
func (s standing) leads(strategy scenarios.Strategy) bool {
	return s.decided && slices.ContainsFunc(s.entries[:s.leaders], func(e entry) bool { return e.strategy == strategy })
}

// level says that nobody is ahead of anybody.
func (s standing) level() bool { return s.leaders == len(s.entries) }

// most is the entry with the largest value, and least that with the smallest.
func (s standing) most() entry {
	return slices.MaxFunc(s.entries, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
}

func (s standing) least() entry {
	return slices.MinFunc(s.entries, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
}

// worst is the entry that is farthest behind.
func (s standing) worst() entry { return s.entries[len(s.entries)-1] }

// next is the value behind the leaders', of one that serves as many; 0 for none.
func (s standing) next() float64 {
	for _, e := range s.entries[s.leaders:] {
		if e.short == 0 {
			return e.value
		}
	}
	return 0
}

// spread is by which factor the last is behind the best, 1 if that is nothing
// to speak of.
func (s standing) spread() float64 {
	if !s.decided {
		return 1
	}
	best, last := s.entries[0].value, s.worst().value
	if s.higher {
		best, last = last, best
	}
	if best <= 0 {
		return math.Inf(1)
	}
	return last / best
}
