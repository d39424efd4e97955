package result

import (
	"fmt"
	"math"
)

// Distribution is how durations were spread, as a table of quantiles: a share
// of Shares[i] of them took Values[i] milliseconds or less. Over several seeds
// the values are means over the seeds, as metrics are.
type Distribution struct {
	// Name is that of the metrics of these durations, such as page_load_ms.
	Name string `json:"name"`
	// Count is how many durations there were, over all seeds.
	Count int64 `json:"count"`
	// Shares rise from 0, the shortest, to 1, the longest.
	Shares []float64 `json:"shares"`
	Values []float64 `json:"values"`
}

// Distribute tabulates the durations of l at every whole percentile and, where
// there are enough durations to tell, at a few beyond the 99th.
func Distribute(name string, l *Latency) Distribution {
	d := Distribution{Name: name, Count: l.Count()}
	if d.Count == 0 {
		return d
	}
	for percent := range 100 {
		d.Shares = append(d.Shares, float64(percent)/100)
	}
	d.Shares = append(d.Shares, 0.995, 0.999, 1)
	for _, share := range d.Shares {
		d.Values = append(d.Values, Milliseconds(l.Quantile(share)))
	}
	return d
}

func (d *Distribution) check(field string) error {
	switch {
	case d.Name == "":
		return fmt.Errorf("%s.name: missing", field)
	case len(d.Shares) != len(d.Values):
		return fmt.Errorf("%s: %d shares, but %d values", field, len(d.Shares), len(d.Values))
	}
	for i := range d.Shares {
		if s := d.Shares[i]; !(s >= 0 && s <= 1) || i > 0 && s <= d.Shares[i-1] {
			return fmt.Errorf("%s.shares[%d]: %v, want them to rise from 0 to 1", field, i, s)
		}
		if v := d.Values[i]; math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && v < d.Values[i-1] {
			return fmt.Errorf("%s.values[%d]: %v, want finite numbers that do not fall", field, i, v)
		}
	}
	return nil
}

// meanDistributions averages the distributions of several runs of one
// strategy, quantile by quantile, over those runs that have any durations.
// Distributions of one name must share their table, as Distribute's do.
func meanDistributions(runs []Run) []Distribution {
	var means []Distribution
	index, samples := map[string]int{}, map[string]float64{}
	for _, run := range runs {
		for _, d := range run.Distributions {
			i, ok := index[d.Name]
			if !ok {
				i = len(means)
				index[d.Name] = i
				means = append(means, Distribution{Name: d.Name})
			}
			if d.Count == 0 {
				continue
			}
			mean := &means[i]
			if mean.Count == 0 {
				mean.Shares, mean.Values = d.Shares, make([]float64, len(d.Values))
			}
			if len(mean.Values) != len(d.Values) {
				panic(fmt.Sprintf("result: distribution %s has %d values and %d", d.Name, len(mean.Values), len(d.Values)))
			}
			mean.Count += d.Count
			samples[d.Name]++
			for at, v := range d.Values {
				mean.Values[at] += v
			}
		}
	}
	for i := range means {
		for at := range means[i].Values {
			means[i].Values[at] /= samples[means[i].Name]
		}
	}
	return means
}
