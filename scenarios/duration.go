package scenarios

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Duration is a span of virtual time from 0 up to 292 years, written with a
// unit (ns, us, ms, s, m, h): "50ms", "1m30s". A plain 0 needs none.
type Duration time.Duration

const durationExample = "50ms, 2s or 1m30s"

// durationPattern is what a Duration looks like, in a form that JSON Schema
// shares.
const durationPattern = `^(0|(` + number + `(ns|us|µs|ms|s|m|h))+)$`

var durationSyntax = regexp.MustCompile(durationPattern)

// ParseDuration reads a Duration. It refuses a missing or unknown unit,
// negative values, and values that overflow, each with an *Error.
func ParseDuration(text string) (Duration, error) {
	if durationSyntax.MatchString(text) {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, &Error{Reason: fmt.Sprintf("duration %q is too long", text), Remedy: "give a shorter one"}
		}
		return Duration(d), nil
	}
	switch digits := numberPrefix.FindString(text); {
	case strings.HasPrefix(text, "-"):
		return 0, &Error{Reason: fmt.Sprintf("duration %q is negative", text), Remedy: "give a value of 0 or more"}
	case digits == "":
		return 0, &Error{Reason: fmt.Sprintf("%q is not a duration", text), Remedy: "write it as a number and a unit, for example " + durationExample}
	case digits == text:
		return 0, &Error{Reason: fmt.Sprintf("duration %q has no unit", text),
			Remedy: fmt.Sprintf("write a unit, for example %sms or %ss", digits, digits)}
	default:
		return 0, &Error{Reason: fmt.Sprintf("duration %q has an unknown unit", text), Remedy: "use ns, us, ms, s, m or h, for example " + durationExample}
	}
}

// String returns the duration as a scenario file writes it, exactly: "1m30s".
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText writes the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the duration as ParseDuration does.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}

// Std returns the duration as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }
