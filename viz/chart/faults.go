package chart

import (
	"cmp"
	"fmt"
	"slices"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// DescribeFault says in a few words what happens and when.
func DescribeFault(f scenarios.Fault) string {
	text := fmt.Sprintf("%s of %s", f.Kind, f.Target)
	switch f.Kind {
	case "scale":
		text = fmt.Sprintf("scale to %s", Plural(f.To, "server"))
	case "deploy":
		text = "deploy"
	case "purge":
		text = "purge of all caches"
	}
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

// span is a fault on a time axis, in milliseconds.
type span struct {
	from, to float64 // equal where what changes stays so
	name     string
}

// faultSpans are when the faults happened under some of a result's runs, in
// their order. Where they did not happen at the same time, each strategy's has
// its name.
func faultSpans(r *result.Result, runs []result.Run) []span {
	var all []span
	for i, f := range r.Scenario.Faults {
		var found []span
		for _, run := range runs {
			for _, o := range run.Faults {
				if o.Fault == i {
					found = append(found, span{o.FromMS, o.ToMS, string(run.Strategy)})
				}
			}
		}
		all = append(all, joined(found, faultName(f))...)
	}
	slices.SortStableFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	return all
}

// joined is one span instead of those that begin together, up to the last end.
func joined(found []span, name string) []span {
	if len(found) == 0 {
		return nil
	}
	one := span{found[0].from, found[0].to, name}
	for _, s := range found {
		if s.from != one.from {
			for k := range found {
				found[k].name = name + ", " + found[k].name
			}
			return found
		}
		one.to = max(one.to, s.to)
	}
	return []span{one}
}

// Labels of faults stand in as many rows as they need so as not to cover each
// other on a plot that is this wide, in points.
const (
	faultsWidth  = 380
	faultsHeight = 13
	faultsSize   = 11.5
)

// markFaults shades the faults of some runs on a panel whose x axis is the
// run's time, and names them if labelled. The axes' ends must be known.
func markFaults(p *figure.Panel, r *result.Result, runs []result.Run, labelled bool) {
	var ends []float64 // of the labels of each row
	for _, s := range faultSpans(r, runs) {
		if s.from >= p.X.Max {
			continue
		}
		if s.to > s.from {
			p.Bands = append(p.Bands, figure.Band{From: s.from, To: min(s.to, p.X.Max)})
		}
		p.Rules = append(p.Rules, figure.Rule{At: s.from, Upright: true, Dashed: true})
		if !labelled {
			continue
		}
		label := figure.Label{At: figure.Point{X: s.from, Y: p.Y.Max}, DX: 4, Text: s.name, Ink: figure.Muted, Size: faultsSize}
		width := (figure.TextWidth(s.name, faultsSize, false) + 12) / faultsWidth * p.X.Max
		begin := s.from
		if begin+width > p.X.Max {
			label.Align, label.DX, begin = figure.End, -4, s.from-width
		}
		row := slices.IndexFunc(ends, func(end float64) bool { return end <= begin })
		if row < 0 {
			row = len(ends)
			ends = append(ends, 0)
		}
		ends[row] = begin + width
		label.DY, label.Optional = 7+faultsHeight*float64(row), row > 0 // which low panels have no room for
		p.Labels = append(p.Labels, label)
	}
}

// faultName is what a fault is called on a chart.
func faultName(f scenarios.Fault) string {
	switch f.Kind {
	case "scale":
		return fmt.Sprintf("scale to %d", f.To)
	case "deploy", "purge":
		return f.Kind
	}
	return f.Kind + " of " + f.Target
}
