package result_test

import (
	"testing"

	"protosim/model/result"
)

func TestScaleFor(t *testing.T) {
	for _, c := range []struct {
		unit   string
		values []float64
		want   []string
	}{
		{"ms", []float64{1885, 205}, []string{"1,885 ms", "205 ms"}},
		{"ms", []float64{1885.123456, 205}, []string{"1,885.1 ms", "205.0 ms"}},
		{"ms", []float64{12345.6, 205.25}, []string{"12.346 s", "0.205 s"}},
		{"ms", []float64{0.25, 0.5}, []string{"250 µs", "500 µs"}},
		{"ms", []float64{0, 0}, []string{"0 ms", "0 ms"}},
		{"ms", []float64{1.5, 0}, []string{"1.50 ms", "0.00 ms"}},
		{"ms", []float64{7_200_000}, []string{"120 min"}},
		{"bytes", []float64{2_048_123, 940_000}, []string{"2.048 MB", "0.940 MB"}},
		{"bytes", []float64{999, 871}, []string{"999 B", "871 B"}},
		{"bytes", []float64{2_000, 12_000}, []string{"2 kB", "12 kB"}},
		{"ratio", []float64{0.125, 1}, []string{"12.5 %", "100.0 %"}},
		{"per_second", []float64{1200, 30}, []string{"1,200/s", "30/s"}},
		{"count", []float64{100, 6}, []string{"100", "6"}},
		{"count", []float64{5_000.5, 6}, []string{"5,000.50", "6.00"}},
		{"count", []float64{25_000_000, 500_000}, []string{"25.000M", "0.500M"}},
		{"count", []float64{-1234567}, []string{"-1,234,567"}},
		{"", []float64{3}, []string{"3"}},
	} {
		scale := result.ScaleFor(c.unit, c.values...)
		for i, v := range c.values {
			if got := scale.Format(v); got != c.want[i] {
				t.Errorf("%v %s of %v: %q, want %q", v, c.unit, c.values, got, c.want[i])
			}
		}
	}
}

func TestScaleNeverPrintsNegativeZero(t *testing.T) {
	scale := result.Scale{Divisor: 1, Decimals: 1}
	if got := scale.Number(-0.01); got != "0.0" {
		t.Errorf("got %q", got)
	}
}

func TestSpan(t *testing.T) {
	for _, c := range []struct{ least, most, want string }{
		{"98.3 %", "100 %", "98.3 to 100 %"},
		{"1,372.5 ms", "1,374.8 ms", "1,372.5 to 1,374.8 ms"},
		{"990 ms", "1.02 s", "990 ms to 1.02 s"},
		{"25 ms", "25 ms", "25 ms"},
		{"2", "3", "2 to 3"},
	} {
		if got := result.Span(c.least, c.most); got != c.want {
			t.Errorf("%s and %s: %s, want %s", c.least, c.most, got, c.want)
		}
	}
}
