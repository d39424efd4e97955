package scenarios

import (
	"encoding/json"
	"fmt"
)

// Size is a number of bytes, written with a decimal (B, kB, MB, GB) or binary
// (KiB, MiB, GiB) unit: "20kB", "64MiB". A bare whole number counts bytes: 871.
type Size int64

const sizeExample = "871, 20kB or 64MiB"

// sizePattern is what a Size looks like as text, in a form that JSON Schema
// shares.
const sizePattern = `^` + number + ` ?(B|kB|MB|GB|KiB|MiB|GiB)?$`

func sizeUnits() []unit {
	return []unit{
		{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
		{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9},
	}
}

// ParseSize reads a Size. It refuses an unknown unit, negative values, parts
// of a byte, and values that overflow, each with an *Error.
func ParseSize(text string) (Size, error) {
	if numberPrefix.FindString(text) == text && text != "" {
		text += "B"
	}
	n, err := parseScaled(text, "size", sizeExample, sizeUnits())
	return Size(n), err
}

// String returns the size as a scenario file writes it, exactly and in the
// shortest form: "20kB", "64KiB", "1460B".
func (s Size) String() string {
	if s <= 0 {
		return fmt.Sprintf("%dB", int64(s))
	}
	return formatScaled(int64(s), sizeUnits())
}

// MarshalText writes the size as String does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the size as ParseSize does.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// UnmarshalJSON reads the size from a JSON string or a bare number of bytes.
func (s *Size) UnmarshalJSON(data []byte) error { return unmarshalScalar(s, data) }

// unmarshalScalar reads a quantity from a JSON string or number.
func unmarshalScalar(q interface{ UnmarshalText([]byte) error }, data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		text = string(data)
	}
	return q.UnmarshalText([]byte(text))
}
