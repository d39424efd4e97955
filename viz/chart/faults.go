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

// DescribeFault says in a few words what happens and when.
func DescribeFault(f scenarios.Fault) string {
	text := faultName(f)
	if f.When != "" {
		text += " when " + f.When
	} else {
		text += " at " + f.At.String()
	}
	if f.For > 0 {
		text += " for " + f.For.String()
	}
	return text
}

// NotHappened are the faults of a result's scenario that did not happen under
// some of its strategies, and under which: a condition that never held, or a
// moment after the end. With several seeds it is as in the first.
func NotHappened(r *result.Result) []string {
	var all []string
	for i, f := range r.Scenario.Faults {
		var without []string
		for _, run := range r.Runs {
			if !slices.ContainsFunc(run.Faults, func(o result.Occurrence) bool { return o.Fault == i }) {
				without = append(without, string(run.Strategy))
			}
		}
		if len(without) > 0 {
			text := DescribeFault(f) + ": not under " + strings.Join(without, ", ")
			if r.Seeds() > 1 {
				text += " with the first seed"
			}
			all = append(all, text)
		}
	}
	return all
}

// span is a fault on a time axis, in milliseconds.
type span struct {
	fault    int        // of the scenario's
	from, to float64    // equal where what changes stays so
	ink      figure.Ink // of the strategy under which it was then, if others had it at another time
}

// faultSpans are when the faults happened under some of a result's runs, in
// their order.
func faultSpans(r *result.Result, runs []result.Run) []span {
	var all []span
	for i := range r.Scenario.Faults {
		var found []span
		for _, run := range runs {
			for _, o := range run.Faults {
				if o.Fault == i {
					found = append(found, span{i, o.FromMS, o.ToMS, AreaInk(run.Strategy)})
				}
			}
		}
		all = append(all, joined(found)...)
	}
	slices.SortStableFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	return all
}

// joined is one span instead of those that begin together, up to the last end.
func joined(found []span) []span {
	if len(found) == 0 {
		return nil
	}
	one := span{fault: found[0].fault, from: found[0].from}
	for _, s := range found {
		if s.from != one.from {
			return found
		}
		one.to = max(one.to, s.to)
	}
	return []span{one}
}

// Names of faults stand above a plot, in as many rows as they need so as not to
// cover each other if it is this wide, in points, but not in more than a few.
const (
	faultsWidth = 380
	faultsSize  = 11.5
	faultRows   = 3
)

// markFaults shades the faults of some runs on a panel whose x axis is the
// run's time. Those that are not among the named yet get their names, where they
// are first; with nil, none does. The axes' ends must be known.
func markFaults(p *figure.Panel, r *result.Result, runs []result.Run, named map[int]bool) {
	var ends []float64 // of the names in each row
	for _, s := range faultSpans(r, runs) {
		if s.from >= p.X.Max {
			continue
		}
		if s.to > s.from {
			p.Bands = append(p.Bands, figure.Band{From: s.from, To: min(s.to, p.X.Max)})
		}
		p.Rules = append(p.Rules, figure.Rule{At: s.from, Upright: true, Dashed: true, Ink: s.ink})
		if named == nil || named[s.fault] {
			continue
		}
		named[s.fault] = true
		label := figure.Label{At: figure.Point{X: s.from, Y: p.Y.Max}, DX: -2, Text: faultName(r.Scenario.Faults[s.fault]), Ink: figure.Muted, Size: faultsSize}
		width := (figure.TextWidth(label.Text, faultsSize, false) + 12) / faultsWidth * p.X.Max
		begin := s.from
		if begin+width > p.X.Max {
			label.Align, label.DX, begin = figure.End, 2, s.from-width
		}
		row := slices.IndexFunc(ends, func(end float64) bool { return end <= begin })
		if row < 0 {
			if row = len(ends); row == faultRows {
				continue
			}
			ends = append(ends, 0)
		}
		ends[row] = begin + width
		label.DY = -figure.LaneHeight * (float64(row) + .5)
		p.Labels = append(p.Labels, label)
	}
	p.Lanes = len(ends)
}

// faultName says what happens.
func faultName(f scenarios.Fault) string {
	switch f.Kind {
	case "deploy":
		if f.Target == "servers" {
			return "deploy"
		}
	case "purge":
		return "purge of all caches"
	case "scale":
		return "scale to " + Plural(f.To, "server")
	case "vanish":
		return "loss of " + f.Target
	case "slow":
		return fmt.Sprintf("%s %d times as slow", f.Target, f.Factor)
	case "errors":
		return "errors from " + f.Target
	case "partition":
		return fmt.Sprintf("%s cut off from %s", f.Target, f.Peer)
	case "degrade":
		return "bad links of " + f.Target
	}
	return f.Kind + " of " + f.Target
}
