package measure

import (
	"maps"
	"slices"
	"time"

	"protosim/model/result"
)

// Timeline gathers series with one step: counts, summed up over each step, and
// gauges, of which each step keeps the value at its end.
type Timeline struct {
	step   time.Duration
	counts map[string][]float64
	gauges map[string]*gauge
}

type gauge struct {
	values []float64 // at the ends of the steps that are over
	now    float64
}

// NewTimeline returns an empty timeline.
func NewTimeline(step time.Duration) *Timeline {
	return &Timeline{step: step, counts: map[string][]float64{}, gauges: map[string]*gauge{}}
}

// Add adds n to a count.
func (t *Timeline) Add(name string, now time.Duration, n float64) {
	i := int(now / t.step)
	values := t.counts[name]
	for len(values) <= i {
		values = append(values, 0)
	}
	values[i] += n
	t.counts[name] = values
}

// Set sets a gauge from now on. Times must not go back.
func (t *Timeline) Set(name string, now time.Duration, value float64) {
	g := t.gauges[name]
	if g == nil {
		g = &gauge{}
		t.gauges[name] = g
	}
	g.advance(int(now / t.step))
	g.now = value
}

// advance fills the steps before step with the present value.
func (g *gauge) advance(step int) {
	for len(g.values) < step {
		g.values = append(g.values, g.now)
	}
}

// Series returns all series up to the end, sorted by name and equally long.
func (t *Timeline) Series(end time.Duration) []result.Series {
	steps := int((end + t.step - 1) / t.step)
	values := map[string][]float64{}
	for name, v := range t.counts {
		for len(v) < steps {
			v = append(v, 0)
		}
		for len(v) > max(steps, 1) { // what happens at the end belongs to the last step
			v[len(v)-2] += v[len(v)-1]
			v = v[:len(v)-1]
		}
		values[name] = v
	}
	for name, g := range t.gauges {
		g.advance(steps)
		values[name] = g.values
	}
	var series []result.Series
	for _, name := range slices.Sorted(maps.Keys(values)) {
		series = append(series, result.Series{Name: name, StepMS: result.Milliseconds(t.step), Values: values[name]})
	}
	return series
}
