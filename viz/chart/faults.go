package chart

import (
	"fmt"
	"math"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// DescribeFault says in a few words what happens and when.
func DescribeFault(f scenarios.Fault) string {
	text := fmt.Sprintf("%s of %s at %s", f.Kind, f.Target, f.At)
	switch f.Kind {
	case "scale":
		text = fmt.Sprintf("scale to %s at %s", Plural(f.To, "server"), f.At)
	case "deploy":
		text = fmt.Sprintf("deploy at %s", f.At)
	case "purge":
		text = fmt.Sprintf("purge of all caches at %s", f.At)
	}
	if f.For > 0 {
		text += " for " + f.For.String()
	}
	return text
}

// milliseconds of virtual time, as charts count it.
func milliseconds(d scenarios.Duration) float64 { return float64(d) / 1e6 }

// faultSpan is when a fault begins and ends. The end is the beginning where
// what changes stays so.
func faultSpan(s *scenarios.Scenario, f scenarios.Fault) (from, to float64) {
	from = milliseconds(f.At)
	to = from + milliseconds(f.For)
	if f.Kind == "deploy" {
		batches := math.Ceil(float64(s.Servers.Count) / float64(max(f.Batch, 1)))
		to = from + batches*milliseconds(f.Drain+f.Restart)
	}
	return from, to
}

// markFaults shades the faults on a panel whose x axis is the run's time, and
// names them if labelled.
func markFaults(p *figure.Panel, r *result.Result, labelled bool) {
	for _, f := range r.Scenario.Faults {
		from, to := faultSpan(r.Scenario, f)
		if from >= p.X.Max {
			continue
		}
		if to > from {
			p.Bands = append(p.Bands, figure.Band{From: from, To: min(to, p.X.Max)})
		}
		p.Rules = append(p.Rules, figure.Rule{At: from, Upright: true, Dashed: true})
		if labelled {
			p.Labels = append(p.Labels, figure.Label{
				At: figure.Point{X: from, Y: p.Y.Max}, DX: 4, DY: 7, Text: faultName(f), Ink: figure.Muted, Optional: true,
			})
		}
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
