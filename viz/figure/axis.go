package figure

import (
	"math"

	"protosim/model/result"
)

// span is an axis laid out on the canvas, from At0 for Min to At1 for Max.
type span struct {
	axis     Axis
	at0, at1 float64
}

// place is where on the canvas a value stands. Values outside of the axis
// stand at its ends.
func (s span) place(v float64) float64 {
	a := s.axis
	share := 0.0
	switch {
	case math.IsNaN(v) || !(a.Max > a.Min):
	case a.Log:
		share = math.Log(max(v, a.Min)/a.Min) / math.Log(a.Max/a.Min)
	default:
		share = (v - a.Min) / (a.Max - a.Min)
	}
	return s.at0 + (s.at1-s.at0)*min(max(share, 0), 1)
}

// sane makes an axis that can be drawn of one that cannot: without extent,
// or with ends that are no numbers.
func (a Axis) sane() Axis {
	if math.IsNaN(a.Min) || math.IsInf(a.Min, 0) {
		a.Min = 0
	}
	if math.IsNaN(a.Max) || math.IsInf(a.Max, 0) || a.Max <= a.Min {
		a.Max = a.Min + max(math.Abs(a.Min)*1e-3, 1)
	}
	if a.Log && a.Min <= 0 {
		a.Log = false
	}
	return a
}

// ticks are the axis's own, or round values, at most most of them. The last
// one carries the unit.
func (a Axis) ticks(most int) []Tick {
	if a.Ticks != nil || a.Bare {
		return a.Ticks
	}
	scale := result.ScaleFor(a.Unit, a.Max, a.Min)
	values := a.in(scale).roundValues(max(most, 2))
	if len(values) == 0 {
		return nil
	}
	for i := range values {
		values[i] *= scale.Divisor
	}
	common := decimals(values, scale.Divisor)
	ticks := make([]Tick, len(values))
	for i, v := range values {
		if a.Log || v == 0 {
			scale.Decimals = decimals(values[i:i+1], scale.Divisor)
		} else {
			scale.Decimals = common
		}
		ticks[i] = Tick{At: v, Text: scale.Number(v)}
		if i == len(values)-1 {
			ticks[i].Text = scale.Format(v)
		}
	}
	return ticks
}

// in is the axis in the units of a scale, so that values are round as printed:
// of an axis of milliseconds in minutes, whole ones.
func (a Axis) in(scale result.Scale) Axis {
	a.Min, a.Max = a.Min/scale.Divisor, a.Max/scale.Divisor
	return a
}

// decimals are as many as it takes to print all values exactly, up to 4.
func decimals(values []float64, divisor float64) int {
	for n := range 4 {
		exact := true
		for _, v := range values {
			shifted := v / divisor * math.Pow10(n)
			exact = exact && math.Abs(shifted-math.Round(shifted)) < 1e-6*max(1, math.Abs(shifted))
		}
		if exact {
			return n
		}
	}
	return 4
}

// roundValues are values on the axis that people like to read.
func (a Axis) roundValues(most int) []float64 {
	if a.Log {
		for _, steps := range [][]float64{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 5, 7}, {1, 2, 5}, {1, 3}, {1}} {
			if values := a.logValues(steps); len(values) <= most && len(values) > 1 {
				return values
			}
		}
		decades := a.logValues([]float64{1})
		if len(decades) > 1 {
			every := (len(decades) + most - 1) / most
			var values []float64
			for i := 0; i < len(decades); i += every {
				values = append(values, decades[i])
			}
			return values
		}
		return []float64{a.Min, a.Max}
	}
	step := niceStep((a.Max - a.Min) / float64(most))
	var values []float64
	for i := math.Ceil(a.Min/step - 1e-9); i*step <= a.Max+step*1e-9 && len(values) <= most; i++ {
		values = append(values, i*step)
	}
	return values
}

func (a Axis) logValues(steps []float64) []float64 {
	var values []float64
	for e := math.Floor(math.Log10(a.Min)); e <= math.Log10(a.Max); e++ {
		for _, s := range steps {
			if v := s * math.Pow10(int(e)); v >= a.Min*(1-1e-9) && v <= a.Max*(1+1e-9) {
				values = append(values, v)
			}
		}
	}
	return values
}

// niceStep is the smallest of 1, 2, 2.5 and 5 times a power of ten that is at
// least least.
func niceStep(least float64) float64 {
	power := math.Pow10(int(math.Floor(math.Log10(least))))
	for _, s := range []float64{1, 2, 2.5, 5, 10} {
		if s*power >= least*(1-1e-9) {
			return s * power
		}
	}
	return 10 * power
}

// NiceMax is a round number at or a little above v, for the end of an axis.
func NiceMax(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	step := niceStep(v / 5)
	return math.Ceil(v/step-1e-9) * step
}
