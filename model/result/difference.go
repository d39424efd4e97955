package result

import (
	"math"
	"slices"

	"protosim/scenarios"
)

// Difference is how one metric of one strategy changed from one result to
// another.
type Difference struct {
	Strategy      scenarios.Strategy
	Metric        scenarios.Metric
	Before, After float64
	// InBefore and InAfter say which of the results has the metric.
	InBefore, InAfter bool
	// CI95 is the half-width of the 95 % confidence interval of After - Before,
	// where there are several seeds on both sides.
	CI95   float64
	Tested bool // there are
	// Paired says that both results have the same seeds, which were compared
	// one by one: chance that both share does not blur the difference.
	Paired bool
}

// Change is by how much the metric changed.
func (d *Difference) Change() float64 { return d.After - d.Before }

// Significant says that the change is more than chance, at 95 %.
func (d *Difference) Significant() bool {
	return d.Tested && math.Abs(d.Change()) > d.CI95 && d.Change() != 0
}

// Worse and Better say which way the metric went, significantly or not.
func (d *Difference) Worse() bool {
	return d.InBefore && d.InAfter && (d.Metric.Better == scenarios.Lower && d.Change() > 0 || d.Metric.Better == scenarios.Higher && d.Change() < 0)
}

// Better is the opposite of Worse, where one of them is.
func (d *Difference) Better() bool {
	return d.Metric.Better != scenarios.Neither && d.InBefore && d.InAfter && d.Change() != 0 && !d.Worse()
}

// Differences compares the results of strategies that both have, metric by
// metric, in the order of a report. Metrics that did not change are left out.
func Differences(before, after *Result) []Difference {
	var all []Difference
	for _, a := range before.Runs {
		i := slices.IndexFunc(after.Runs, func(b Run) bool { return b.Strategy == a.Strategy })
		if i < 0 {
			continue
		}
		b := after.Runs[i]
		for _, metric := range measured([]Run{a, b}) {
			d := Difference{Strategy: a.Strategy, Metric: metric}
			d.Before, d.InBefore = a.Metrics[metric.Name]
			d.After, d.InAfter = b.Metrics[metric.Name]
			if d.InBefore && d.InAfter && d.Before == d.After {
				continue
			}
			d.test(before, after)
			all = append(all, d)
		}
	}
	return all
}

// test finds the confidence interval of the change.
func (d *Difference) test(before, after *Result) {
	seedsA, a := before.sample(d.Strategy, d.Metric.Name)
	seedsB, b := after.sample(d.Strategy, d.Metric.Name)
	if len(a) < 2 || len(b) < 2 {
		return
	}
	d.Tested = true
	if slices.Equal(seedsA, seedsB) {
		d.Paired = true
		changes := make([]float64, len(a))
		for i := range a {
			changes[i] = b[i] - a[i]
		}
		_, d.CI95 = Confidence95(changes)
		return
	}
	// Welch's interval, with the degrees of freedom of the smaller sample,
	// which is the cautious side of his formula.
	_, halfA := Confidence95(a)
	_, halfB := Confidence95(b)
	errorA, errorB := halfA/studentT(len(a)-1), halfB/studentT(len(b)-1)
	d.CI95 = studentT(min(len(a), len(b))-1) * math.Sqrt(float64(errorA*errorA)+float64(errorB*errorB))
}

// sample is a metric of every seed that has it.
func (r *Result) sample(strategy scenarios.Strategy, name string) (seeds []uint64, values []float64) {
	for _, replicate := range r.Replicates {
		for _, run := range replicate.Runs {
			if v, ok := run.Metrics[name]; ok && run.Strategy == strategy {
				seeds, values = append(seeds, replicate.Seed), append(values, v)
			}
		}
	}
	return seeds, values
}
