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

// entry is one strategy's number.
type entry struct {
	strategy scenarios.Strategy
	value    float64
	ci95     float64
}

// standing is strategies by one number of which less is better, from best to
// worst, and how many of them are as good as the best.
type standing struct {
	entries []entry
	leaders int
}

// near is the ratio up to which two numbers read as the same in a sentence.
const near = 1.02

// rank sorts entries. Leaders are within a fiftieth of the best, or, over
// several seeds, not to be told from it.
func rank(entries []entry) standing {
	s := standing{entries: slices.Clone(entries)}
	slices.SortStableFunc(s.entries, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
	for _, e := range s.entries {
		best := s.entries[0]
		if e.value > best.value*near && e.value-best.value > e.ci95+best.ci95 {
			break
		}
		s.leaders++
	}
	return s
}

// metricStanding ranks the runs by a metric.
func metricStanding(r *result.Result, name string) standing {
	var entries []entry
	for _, run := range r.Runs {
		if v, ok := run.Metrics[name]; ok {
			entries = append(entries, entry{run.Strategy, v, run.CI95[name]})
		}
	}
	return rank(entries)
}

// best names the leaders.
func (s standing) best() string {
	var names []string
	for _, e := range s.entries[:s.leaders] {
		names = append(names, string(e.strategy))
	}
	return list(names)
}

// value is the leaders' number, printed.
func (s standing) value(unit string) string {
	return brief(unit, s.entries[0].value)
}

// others says how much more the others have: "http1 takes 1.4 times as long,
// http1-close 2.1 times".
func (s standing) others(verb, asMuch string) string {
	var parts []string
	for _, e := range s.entries[s.leaders:] {
		part := times(e.value/s.entries[0].value) + " times"
		if len(parts) == 0 {
			part += " " + asMuch
		}
		if s.entries[0].value <= 0 {
			part = brief("count", e.value)
		}
		if len(parts) == 0 {
			part = verb + " " + part
		}
		parts = append(parts, string(e.strategy)+" "+part)
	}
	return strings.Join(parts, ", ")
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

// leads says that the strategy is one of the leaders, and not everybody is.
func (s standing) leads(strategy scenarios.Strategy) bool {
	if s.level() {
		return false
	}
	return slices.ContainsFunc(s.entries[:s.leaders], func(e entry) bool { return e.strategy == strategy })
}

// level says that nobody is ahead of anybody.
func (s standing) level() bool { return s.leaders == len(s.entries) }

// spread is by which factor the last is behind the best, 1 if that is nothing
// to speak of.
func (s standing) spread() float64 {
	if len(s.entries) == 0 || s.level() {
		return 1
	}
	best, last := s.entries[0].value, s.entries[len(s.entries)-1].value
	if best <= 0 {
		return math.Inf(1)
	}
	return last / best
}
