package scenarios

import "fmt"

// Bandwidth is bits per second, written with a decimal unit (bps, kbps, Mbps,
// Gbps): "20Mbps". Zero is no limit and is written "unlimited".
type Bandwidth int64

// Unlimited is the bandwidth of a link that never delays a packet by its rate.
const Unlimited Bandwidth = 0

const bandwidthExample = "20Mbps or unlimited"

// bandwidthPattern is what a Bandwidth looks like, in a form that JSON Schema
// shares.
const bandwidthPattern = `^(0|unlimited|` + number + ` ?(bps|kbps|Mbps|Gbps))$`

func bandwidthUnits() []unit {
	return []unit{{"bps", 1}, {"kbps", 1e3}, {"Mbps", 1e6}, {"Gbps", 1e9}}
}

// ParseBandwidth reads a Bandwidth. It refuses a missing or unknown unit,
// negative values, parts of a bit, and values that overflow, each with an
// *Error.
func ParseBandwidth(text string) (Bandwidth, error) {
	if text == "unlimited" || text == "0" {
		return Unlimited, nil
	}
	n, err := parseScaled(text, "bandwidth", bandwidthExample, bandwidthUnits())
	if err == nil && n == 0 {
		return 0, &Error{Reason: fmt.Sprintf("bandwidth %q lets nothing through", text),
			Remedy: `write "unlimited" for no limit`}
	}
	return Bandwidth(n), err
}

// String returns the bandwidth as a scenario file writes it, exactly:
// "20Mbps", "unlimited".
func (b Bandwidth) String() string {
	switch {
	case b == Unlimited:
		return "unlimited"
	case b < 0:
		return fmt.Sprintf("%dbps", int64(b))
	}
	return formatScaled(int64(b), bandwidthUnits())
}

// MarshalText writes the bandwidth as String does.
func (b Bandwidth) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the bandwidth as ParseBandwidth does.
func (b *Bandwidth) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBandwidth(string(text))
	return err
}
