package scenarios

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// unit is a suffix of a quantity and what it multiplies by.
type unit struct {
	suffix string
	factor int64
}

// number matches the digits of a quantity. It bounds their count, so that no
// text, however long, makes parsing expensive.
const number = `[0-9]{1,19}(\.[0-9]{1,9})?`

// parseScaled reads a decimal number followed by one of the units as a whole
// multiple of the base unit. What names the quantity in errors, example shows
// how to write one.
func parseScaled(text, what, example string, units []unit) (int64, error) {
	digits := numberPrefix.FindString(text)
	if digits == "" {
		reason, remedy := fmt.Sprintf("%q is not a %s", text, what), "write it as a number and a unit, for example "+example
		if strings.HasPrefix(text, "-") {
			reason, remedy = fmt.Sprintf("%s %q is negative", what, text), "give a value of 0 or more"
		}
		return 0, &Error{Reason: reason, Remedy: remedy}
	}
	suffix := strings.TrimPrefix(text[len(digits):], " ")
	for _, u := range units {
		if u.suffix != suffix {
			continue
		}
		value, _ := new(big.Rat).SetString(digits) // the pattern admits nothing it refuses
		value.Mul(value, new(big.Rat).SetInt64(u.factor))
		switch {
		case !value.IsInt():
			return 0, &Error{Reason: fmt.Sprintf("%s %q is finer than one %s", what, text, units[0].suffix),
				Remedy: "round it to a whole number of " + units[0].suffix}
		case !value.Num().IsInt64():
			return 0, &Error{Reason: fmt.Sprintf("%s %q is too large", what, text), Remedy: "give a smaller value"}
		}
		return value.Num().Int64(), nil
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.suffix
	}
	if suffix == "" {
		return 0, &Error{Reason: fmt.Sprintf("%s %q has no unit", what, text),
			Remedy: "write a unit, for example " + example}
	}
	return 0, &Error{Reason: fmt.Sprintf("%s %q has the unknown unit %q", what, text, suffix),
		Remedy: suggest(suffix, names)}
}

// numberPrefix matches the leading number of a quantity.
var numberPrefix = regexp.MustCompile(`^` + number)

// formatScaled writes value in the unit that makes the text shortest, exactly.
// Of texts equally short it takes the one with the larger unit.
func formatScaled(value int64, units []unit) string {
	best := ""
	for _, u := range units {
		amount := big.NewRat(value, u.factor)
		text := strings.TrimSuffix(strings.TrimRight(amount.FloatString(9), "0"), ".")
		if text == "" || value < u.factor && u.factor > 1 {
			continue
		}
		if back, ok := new(big.Rat).SetString(text); !ok || back.Cmp(amount) != 0 {
			continue // more decimals than the notation has
		}
		if text += u.suffix; best == "" || len(text) <= len(best) {
			best = text
		}
	}
	return best
}
