package result

import (
	"encoding/csv"
	"io"
	"strconv"
)

// WriteMetricsCSV writes one row per scenario, strategy and metric. The column
// ci95 is the half-width of the 95 % confidence interval, empty where there
// was one seed.
func WriteMetricsCSV(w io.Writer, results ...*Result) error {
	table := csv.NewWriter(w)
	table.Write([]string{"scenario", "seed", "seeds", "strategy", "metric", "value", "ci95"})
	for _, r := range results {
		for _, run := range r.Runs {
			for _, name := range run.Metrics.Names() {
				ci95 := ""
				if v, ok := run.CI95[name]; ok {
					ci95 = number(v)
				}
				table.Write([]string{
					r.Scenario.Name, strconv.FormatUint(r.Seed, 10), strconv.Itoa(r.Seeds()),
					string(run.Strategy), name, number(run.Metrics[name]), ci95,
				})
			}
		}
	}
	table.Flush()
	return table.Error()
}

// WriteSeriesCSV writes one row per scenario, strategy, series and point of
// time. The time is the end of the point's interval.
func WriteSeriesCSV(w io.Writer, results ...*Result) error {
	table := csv.NewWriter(w)
	table.Write([]string{"scenario", "strategy", "series", "time_ms", "value"})
	for _, r := range results {
		for _, run := range r.Runs {
			for _, series := range run.Series {
				for i, v := range series.Values {
					table.Write([]string{
						r.Scenario.Name, string(run.Strategy), series.Name,
						number(float64(i+1) * series.StepMS), number(v),
					})
				}
			}
		}
	}
	table.Flush()
	return table.Error()
}

// number writes v without an exponent and with as many digits as it has.
func number(v float64) string {
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Seeds is how many seeds the result covers: at least 1.
func (r *Result) Seeds() int {
	return max(len(r.Replicates), 1)
}
