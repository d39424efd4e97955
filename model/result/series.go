package result

import (
	"fmt"
	"math"
)

func (s *Series) check(field string) error {
	if s.Name == "" {
		return fmt.Errorf("%s.name: missing", field)
	}
	if !(s.StepMS > 0) || math.IsInf(s.StepMS, 0) {
		return fmt.Errorf("%s.step_ms: %v, want more than 0", field, s.StepMS)
	}
	for i, v := range s.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s.values[%d]: %v is not a finite number", field, i, v)
		}
	}
	return nil
}

// meanSeries averages the series of several runs of one strategy, point by
// point, in the order in which their names first appear. A run that ended
// earlier than another has nothing in flight after its end: it counts as 0
// there. Series of one name must share their step, as those of one scenario do.
func meanSeries(runs []Run) []Series {
	var means []Series
	index := map[string]int{}
	for _, run := range runs {
		for _, s := range run.Series {
			i, ok := index[s.Name]
			if !ok {
				i = len(means)
				index[s.Name] = i
				means = append(means, Series{Name: s.Name, StepMS: s.StepMS})
			}
			if means[i].StepMS != s.StepMS {
				panic(fmt.Sprintf("result: series %s has steps of %v and of %v ms", s.Name, means[i].StepMS, s.StepMS))
			}
			for len(means[i].Values) < len(s.Values) {
				means[i].Values = append(means[i].Values, 0)
			}
			for at, v := range s.Values {
				means[i].Values[at] += v
			}
		}
	}
	for i := range means {
		for at := range means[i].Values {
			means[i].Values[at] /= float64(len(runs))
		}
	}
	return means
}
