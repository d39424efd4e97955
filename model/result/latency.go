package result

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// exactSamples is how many durations a Latency keeps one by one.
	exactSamples = 4096
	// longest is the largest duration that the histogram tells apart.
	longest = time.Hour
	// significant decimal digits that the histogram keeps.
	digits = 3
)

// Latency gathers durations and answers for their quantiles. Durations are
// kept to the microsecond.
//
// Up to 4,096 of them are kept as they are and every answer is exact. Beyond,
// they are held in an HDR histogram with three significant digits up to one
// hour (longer ones count as an hour in quantiles), so that memory is bounded;
// Count, Mean and Max stay exact. Answers depend only on which durations were
// recorded, not on the order of recording or merging.
//
// The zero value is empty and ready for use. A Latency is not safe for
// concurrent use.
type Latency struct {
	micros    []int64 // every duration, while there are at most exactSamples
	sorted    bool
	histogram *hdrhistogram.Histogram // instead of micros beyond that
	count     int64
	sum       int64 // microseconds
	max       int64
}

// Record adds a duration, rounded to the nearest microsecond. It panics if d
// is negative.
func (l *Latency) Record(d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("result: Latency.Record of a negative duration, %v", d))
	}
	us := d.Round(time.Microsecond).Microseconds()
	l.count++
	l.sum += us
	l.max = max(l.max, us)
	if l.histogram == nil && len(l.micros) == exactSamples {
		l.coarsen()
	}
	l.add(us)
}

// Merge adds all durations of other, which stays as it is.
func (l *Latency) Merge(other *Latency) {
	l.count += other.count
	l.sum += other.sum
	l.max = max(l.max, other.max)
	if l.histogram == nil && l.count > exactSamples {
		l.coarsen()
	}
	if other.histogram != nil {
		l.histogram.Merge(other.histogram)
		return
	}
	// Ranging over a copy of the header keeps l.Merge(l) finite.
	for _, us := range other.micros {
		l.add(us)
	}
}

// add puts one duration where the others are.
func (l *Latency) add(us int64) {
	if l.histogram == nil {
		l.micros = append(l.micros, us)
		l.sorted = false
		return
	}
	if err := l.histogram.RecordValue(min(us, longest.Microseconds())); err != nil {
		panic("result: Latency: " + err.Error())
	}
}

// coarsen moves the durations from the list into a histogram.
func (l *Latency) coarsen() {
	l.histogram = hdrhistogram.New(1, longest.Microseconds(), digits)
	for _, us := range l.micros {
		l.add(us)
	}
	l.micros = nil
}

// Count is how many durations were recorded.
func (l *Latency) Count() int64 { return l.count }

// Max is the longest duration, 0 if there is none.
func (l *Latency) Max() time.Duration { return time.Duration(l.max) * time.Microsecond }

// Mean is the arithmetic mean, 0 if there is no duration.
func (l *Latency) Mean() time.Duration {
	if l.count == 0 {
		return 0
	}
	return time.Duration(math.Round(float64(l.sum) / float64(l.count) * float64(time.Microsecond)))
}

// Quantile is the nearest-rank quantile: the smallest recorded duration that
// at least the share q of all durations does not exceed. Quantile(0) is the
// shortest, Quantile(1) the longest. It is 0 if there is no duration, and it
// panics if q is outside of 0 to 1.
func (l *Latency) Quantile(q float64) time.Duration {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("result: Latency.Quantile of %v, want 0 to 1", q))
	}
	if l.count == 0 {
		return 0
	}
	rank := l.rank(q)
	if l.histogram == nil {
		if !l.sorted {
			slices.Sort(l.micros)
			l.sorted = true
		}
		return time.Duration(l.micros[rank-1]) * time.Microsecond
	}
	if rank == l.count {
		return l.Max()
	}
	us := l.histogram.ValueAtQuantile(100 * float64(rank) / float64(l.count))
	return time.Duration(min(us, l.max)) * time.Microsecond
}

// rank is the position of quantile q among the durations in order, from 1 on.
func (l *Latency) rank(q float64) int64 {
	// 0.95 x 20 is 19.000000000000004 or so: a hair above a whole number is
	// that number.
	position := float64(q * float64(l.count))
	return min(max(int64(math.Ceil(position-1e-12*float64(l.count))), 1), l.count)
}
