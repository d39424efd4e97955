package result

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Names are the metrics' names in alphabetical order.
func (m Metrics) Names() []string {
	return slices.Sorted(maps.Keys(m))
}

// SetLatency sets one metric per quantile, in milliseconds: NAME.p50 for 0.5,
// NAME.p99 for 0.99, NAME.p999 for 0.999. NAME should end in _ms. Of no
// durations at all there are no quantiles, and none is set: a metric that is
// absent was not measured, which is not the same as 0.
func (m Metrics) SetLatency(name string, l *Latency, quantiles ...float64) {
	if l.Count() == 0 {
		return
	}
	for _, q := range quantiles {
		m[name+".p"+percentile(q)] = Milliseconds(l.Quantile(q))
	}
}

// percentile writes a quantile the way metric names do: 50, 99, 999.
func percentile(q float64) string {
	_, decimals, _ := strings.Cut(strconv.FormatFloat(q, 'f', -1, 64), ".")
	for len(decimals) < 2 {
		decimals += "0"
	}
	return decimals
}

// Milliseconds is d in milliseconds, as metrics count them, rounded to the
// microsecond.
func Milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1000
}

// check finds a value that neither JSON nor a reader can make sense of.
func (m Metrics) check(field string) error {
	for _, name := range m.Names() {
		if name == "" {
			return fmt.Errorf("%s: a metric without a name", field)
		}
		if v := m[name]; math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s[%q]: %v is not a finite number", field, name, v)
		}
	}
	return nil
}
