package result

import (
	"math"
	"strconv"
	"strings"
)

// Scale says how to print numbers of one metric so that people take them in
// and can compare them: the same unit and decimals for all.
type Scale struct {
	// Unit as printed, "" for plain counts.
	Unit string
	// Divisor turns a metric's value into one in Unit.
	Divisor float64
	// Decimals after the point.
	Decimals int
}

// step is one printable unit and the smallest value, in the metric's own
// unit, that is printed in it.
type step struct {
	unit    string
	divisor float64
	from    float64
}

// scales lists the printable units of a metric's unit, from large to small.
func scales(unit string) []step {
	switch unit {
	case "ms":
		return []step{{"d", 86_400e3, 864_000e3}, {"h", 3600e3, 36_000e3}, {"min", 60e3, 600e3}, {"s", 1e3, 10e3}, {"ms", 1, 1}, {"µs", 1e-3, 0}}
	case "bytes":
		return []step{{"GB", 1e9, 1e9}, {"MB", 1e6, 1e6}, {"kB", 1e3, 1e3}, {"B", 1, 0}}
	case "ratio":
		return []step{{"%", 0.01, 0}}
	case "per_second":
		return []step{{"M/s", 1e6, 10e6}, {"/s", 1, 0}}
	}
	return []step{{"M", 1e6, 10e6}, {"", 1, 0}}
}

// ScaleFor chooses a scale for values of a metric in the unit that the
// catalogue gives it: ms, bytes, ratio, per_second or count. The largest value
// decides the unit; the smallest that is not 0 keeps three significant digits,
// but nothing gets more than three decimals.
func ScaleFor(unit string, values ...float64) Scale {
	largest, smallest := 0.0, math.Inf(1)
	for _, v := range values {
		largest = max(largest, math.Abs(v))
		if v != 0 {
			smallest = min(smallest, math.Abs(v))
		}
	}
	steps := scales(unit)
	chosen := steps[len(steps)-1]
	if largest == 0 && unit == "ms" {
		chosen = steps[4] // no time at all is 0 ms, not 0 µs
	}
	for _, s := range steps {
		if largest >= s.from && largest > 0 {
			chosen = s
			break
		}
	}
	scale := Scale{Unit: chosen.unit, Divisor: chosen.divisor}
	for _, v := range values {
		if scaled := v / scale.Divisor; math.Abs(scaled-math.Round(scaled)) > 1e-9*math.Abs(scaled) {
			digits := 2 - int(math.Floor(math.Log10(smallest/scale.Divisor)))
			scale.Decimals = min(max(digits, 1), 3)
			break
		}
	}
	return scale
}

// Number prints v without the unit: "1,885", "0.205".
func (s Scale) Number(v float64) string {
	text := strconv.FormatFloat(v/s.Divisor, 'f', s.Decimals, 64)
	if isZero := strings.Trim(text, "-0.") == ""; isZero {
		text = strings.TrimPrefix(text, "-")
	}
	return separateThousands(text)
}

// Format prints v with its unit: "1,885 ms", "12.5 %", "6".
func (s Scale) Format(v float64) string {
	switch {
	case s.Unit == "":
		return s.Number(v)
	case strings.HasPrefix(s.Unit, "/") || s.Unit == "M":
		return s.Number(v) + s.Unit
	}
	return s.Number(v) + " " + s.Unit
}

// Span joins the least and the most of some numbers, both as printed: "98.3 to
// 100 %", "990 ms to 1.02 s", or one of them if they print alike.
func Span(least, most string) string {
	if least == most {
		return most
	}
	if number, unit, ok := strings.Cut(least, " "); ok && strings.HasSuffix(most, " "+unit) {
		least = number
	}
	return least + " to " + most
}

// separateThousands puts commas into the whole part of a number.
func separateThousands(text string) string {
	whole, fraction, hasFraction := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		return sign + whole + "." + fraction
	}
	return sign + whole
}
