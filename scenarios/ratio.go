package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Ratio is a number from 0 to 1, also written in per cent: "1%", 0.01.
type Ratio float64

const ratioExample = "1% or 0.01"

// ratioPattern is what a Ratio looks like as text, in a form that JSON Schema
// shares.
const ratioPattern = `^[0-9]{1,18}(\.[0-9]{1,30})?([eE]-?[0-9]{1,3})?%?$`

var ratioSyntax = regexp.MustCompile(ratioPattern)

// ParseRatio reads a Ratio. It refuses what is not a number from 0 to 1, or
// from 0% to 100%, with an *Error.
func ParseRatio(text string) (Ratio, error) {
	if !ratioSyntax.MatchString(text) {
		if strings.HasPrefix(text, "-") {
			return 0, &Error{Reason: fmt.Sprintf("ratio %q is negative", text), Remedy: "give a value from 0 to 1, or from 0% to 100%"}
		}
		return 0, &Error{Reason: fmt.Sprintf("%q is not a ratio", text), Remedy: "write it as " + ratioExample}
	}
	digits, percent := strings.CutSuffix(text, "%")
	if percent {
		if strings.ContainsAny(digits, "eE") {
			return 0, &Error{Reason: fmt.Sprintf("%q is not a ratio", text), Remedy: "write it as " + ratioExample}
		}
		digits += "e-2" // exact, where a division by 100 would round
	}
	r, err := strconv.ParseFloat(digits, 64)
	if err != nil || r > 1 {
		return 0, &Error{Reason: fmt.Sprintf("ratio %q is above 1", text),
			Remedy: "give a value from 0 to 1, or from 0% to 100%"}
	}
	return Ratio(r), nil
}

// String returns the ratio as a scenario file writes it, exactly: "1%".
func (r Ratio) String() string {
	percent := strconv.FormatFloat(float64(r)*100, 'f', -1, 64) + "%"
	if back, err := ParseRatio(percent); err == nil && back == r {
		return percent
	}
	return strconv.FormatFloat(float64(r), 'g', -1, 64)
}

// MarshalText writes the ratio as String does.
func (r Ratio) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the ratio as ParseRatio does.
func (r *Ratio) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRatio(string(text))
	return err
}

// UnmarshalJSON reads the ratio from a JSON string or number.
func (r *Ratio) UnmarshalJSON(data []byte) error { return unmarshalScalar(r, data) }
