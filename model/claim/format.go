package claim

import (
	"protosim/model/result"
)

// Text is a figure with its unit, and the half-width of its interval if it has
// one.
func (f Figure) Text() string { return Text(f.Unit, f.Mean, f.CI95) }

// Text writes a value of a unit with the half-width of its 95 % confidence
// interval, if that is not 0.
func Text(unit string, mean, ci95 float64) string {
	scale := result.ScaleFor(unit, mean)
	if scale.Decimals > 2 {
		scale.Decimals = 2
	}
	if unit == "bytes" && mean < 10e3 { // to the byte
		scale = result.Scale{Unit: "B", Divisor: 1}
	}
	if ci95 == 0 {
		return scale.Format(mean)
	}
	return scale.Number(mean) + " ± " + scale.Format(ci95)
}
