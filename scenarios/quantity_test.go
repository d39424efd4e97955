package scenarios_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"protosim/scenarios"
)

func ExampleParseDuration() {
	d, _ := scenarios.ParseDuration("90s")
	fmt.Println(d)
	_, err := scenarios.ParseDuration("90")
	fmt.Println(err)
	// Output:
	// 1m30s
	// duration "90" has no unit
	// write a unit, for example 90ms or 90s
}

func ExampleParseSize() {
	for _, text := range []string{"871", "1.5kB", "64KiB", "65536B"} {
		s, _ := scenarios.ParseSize(text)
		fmt.Println(int64(s), s)
	}
	// Output:
	// 871 871B
	// 1500 1.5kB
	// 65536 64KiB
	// 65536 64KiB
}

func ExampleParseBandwidth() {
	b, _ := scenarios.ParseBandwidth("20Mbps")
	fmt.Println(int64(b), b, scenarios.Unlimited)
	_, err := scenarios.ParseBandwidth("20Mbit")
	fmt.Println(err)
	// Output:
	// 20000000 20Mbps unlimited
	// bandwidth "20Mbit" has the unknown unit "Mbit"
	// did you mean "Mbps"?
}

func ExampleParseRatio() {
	r, _ := scenarios.ParseRatio("0.1%")
	fmt.Println(float64(r), r)
	// Output: 0.001 0.1%
}

func TestParsedValues(t *testing.T) {
	for text, want := range map[string]scenarios.Duration{"0": 0, "0s": 0, "50ms": 50e6, "1m30s": 90e9, "1.5h": 5400e9, "7us": 7e3, "7µs": 7e3, "3ns": 3} {
		if got, err := scenarios.ParseDuration(text); err != nil || got != want {
			t.Errorf("duration %q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]scenarios.Size{"0": 0, "871": 871, "20kB": 20e3, "20 kB": 20e3, "64MB": 64e6, "2GB": 2e9, "1KiB": 1024, "3MiB": 3 << 20, "1GiB": 1 << 30, "0.5kB": 500} {
		if got, err := scenarios.ParseSize(text); err != nil || got != want {
			t.Errorf("size %q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]scenarios.Bandwidth{"0": 0, "unlimited": 0, "5bps": 5, "56kbps": 56e3, "1.31Mbps": 1.31e6, "10Gbps": 10e9} {
		if got, err := scenarios.ParseBandwidth(text); err != nil || got != want {
			t.Errorf("bandwidth %q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]scenarios.Ratio{"0": 0, "1": 1, "100%": 1, "0.01": 0.01, "1%": 0.01, "0.1%": 0.001, "1e-5": 1e-5} {
		if got, err := scenarios.ParseRatio(text); err != nil || got != want {
			t.Errorf("ratio %q: %v, %v", text, got, err)
		}
	}
}

func TestRefusedValues(t *testing.T) {
	common := []string{"", " ", "-1", "-5ms", "x", "NaN", ".nan", "inf", "+Inf", "0x10", "1e400", "１ms", strings.Repeat("9", 50), strings.Repeat("9", 18) + "GB", "1 2", "\x00", "1/3"}
	for name, q := range map[string]struct {
		target encoding.TextUnmarshaler
		texts  []string
	}{
		"duration":  {new(scenarios.Duration), []string{"50", "5 ms", "ms", "5d", "99999999h", "1s-1s"}},
		"size":      {new(scenarios.Size), []string{"20kb", "1.5", "1.5B", "0.0001kB", "99999999999GB", "5ms"}},
		"bandwidth": {new(scenarios.Bandwidth), []string{"20", "20MB", "0bps", "0.5bps", "99999999999Gbps"}},
		"ratio":     {new(scenarios.Ratio), []string{"2", "101%", "1e5", "1e-2%", "%", "1%%"}},
	} {
		for _, text := range append(common, q.texts...) {
			err := q.target.UnmarshalText([]byte(text))
			var typed *scenarios.Error
			if !errors.As(err, &typed) || typed.Reason == "" || typed.Remedy == "" {
				t.Errorf("%s %q: %v, want an *Error with a remedy", name, text, err)
			}
		}
	}
}

// roundTrip checks that a quantity survives YAML and JSON, and in both as the
// same text.
func roundTrip[T interface {
	comparable
	fmt.Stringer
}](t *testing.T, value T) {
	t.Helper()
	asYAML, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(string(asYAML)), value.String(); strings.Trim(got, `"`) != want {
		t.Errorf("YAML of %v is %s", value, got)
	}
	if got, want := string(asJSON), `"`+value.String()+`"`; got != want {
		t.Errorf("JSON of %v is %s", value, got)
	}
	var back T
	if err := yaml.Unmarshal(asYAML, &back); err != nil || back != value {
		t.Errorf("%v became %v through YAML: %v", value, back, err)
	}
	if err := json.Unmarshal(asJSON, &back); err != nil || back != value {
		t.Errorf("%v became %v through JSON: %v", value, back, err)
	}
}

func TestQuantitiesRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := random.Int64N(1 << random.IntN(62))
		if random.IntN(2) == 0 { // round ones, too
			n = n % 10_000 * 1000
		}
		roundTrip(t, scenarios.Duration(n))
		roundTrip(t, scenarios.Size(n))
		roundTrip(t, scenarios.Bandwidth(n))
		roundTrip(t, scenarios.Ratio(random.Float64()))
		roundTrip(t, scenarios.Ratio(float64(random.IntN(1001))/1000))
	}
}

func TestBareNumbersInJSON(t *testing.T) {
	var s scenarios.Size
	if err := json.Unmarshal([]byte("871"), &s); err != nil || s != 871 {
		t.Errorf("size %v, %v", s, err)
	}
	var r scenarios.Ratio
	if err := json.Unmarshal([]byte("0.25"), &r); err != nil || r != 0.25 {
		t.Errorf("ratio %v, %v", r, err)
	}
}

func FuzzQuantities(f *testing.F) {
	for _, seed := range []string{"50ms", "1m30s", "0", "20kB", "64MiB", "871", "20Mbps", "unlimited", "1%", "0.01", "1e-5", "-1", "1.5 kB", "9999999999999999999h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := scenarios.ParseDuration(text); err == nil {
			if d < 0 {
				t.Errorf("%q is negative", text)
			}
			if back, err := scenarios.ParseDuration(d.String()); err != nil || back != d {
				t.Errorf("%q: %v became %v, %v", text, d, back, err)
			}
		}
		if s, err := scenarios.ParseSize(text); err == nil {
			if back, err := scenarios.ParseSize(s.String()); s < 0 || err != nil || back != s {
				t.Errorf("%q: %v became %v, %v", text, s, back, err)
			}
		}
		if b, err := scenarios.ParseBandwidth(text); err == nil {
			if back, err := scenarios.ParseBandwidth(b.String()); b < 0 || err != nil || back != b {
				t.Errorf("%q: %v became %v, %v", text, b, back, err)
			}
		}
		if r, err := scenarios.ParseRatio(text); err == nil {
			if back, err := scenarios.ParseRatio(r.String()); !(r >= 0 && r <= 1) || err != nil || back != r {
				t.Errorf("%q: %v became %v, %v", text, r, back, err)
			}
		}
	})
}
