package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"protosim/scenarios"
	"protosim/viz/chart"
)

// maxPoints bounds a sweep.
const maxPoints = 10_000

// parseVary reads what --vary says: path=from..to:count for evenly spaced
// values, path=from..to:count:log for evenly spaced ratios, or
// path=a,b,c for a list. Of a range from one whole number to another all values
// are whole if the field holds such, each once.
func parseVary(text string, whole func(path string) bool) (chart.Dimension, error) {
	path, values, ok := strings.Cut(text, "=")
	d := chart.Dimension{Path: strings.TrimSpace(path)}
	wrong := func(reason string) error {
		return badInput(fmt.Sprintf("--vary %s: %s", text, reason), "write it like network.rtt=10ms..300ms:10 or network.down.loss=0%,1%,2%")
	}
	if !ok || d.Path == "" || values == "" {
		return d, wrong("it needs a field, = and values")
	}
	from, rest, isRange := strings.Cut(values, "..")
	if !isRange {
		for _, word := range strings.Split(values, ",") {
			v, q, err := parseMeasure(strings.TrimSpace(word))
			if err != nil {
				return d, wrong(err.Error())
			}
			d.Unit = q.unit
			d.Values = append(d.Values, chart.Value{Text: strings.TrimSpace(word), Number: v})
		}
		return d, nil
	}
	to, steps, _ := strings.Cut(rest, ":")
	count, log := strings.CutSuffix(steps, ":log")
	n, err := strconv.Atoi(count)
	if err != nil || n < 2 || n > maxPoints {
		return d, wrong(fmt.Sprintf("the range needs the number of values, 2 to %d, after a colon", maxPoints))
	}
	a, b, q, err := parseEnds(from, to)
	if err != nil {
		return d, wrong(err.Error())
	}
	if log && (a <= 0 || b <= 0) {
		return d, wrong("ratios need ends above 0")
	}
	d.Unit, d.Log = q.unit, log
	round := func(v float64) float64 { return v }
	if a == math.Trunc(a) && b == math.Trunc(b) && whole(d.Path) {
		round = math.Round
	}
	for i := range n {
		text := q.write(round(along(a, b, float64(i)/float64(n-1), log)))
		v, _, _ := parseMeasure(text)
		d.Values = append(d.Values, chart.Value{Text: text, Number: v})
	}
	d.Values = slices.Compact(d.Values)
	return d, nil
}

// asFlag lets an error about a value that --set would have given speak of the
// flag that gave it.
func asFlag(err error, flag, path string) error {
	var e *scenarios.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.File, "--set "+path+"=") {
		return err
	}
	return e.GivenBy(flag)
}

// along is the value at a share of the way from a to b, evenly or by ratios.
func along(a, b, share float64, log bool) float64 {
	if log {
		return a * math.Pow(b/a, share)
	}
	return a + (b-a)*share
}

// measureKind is a kind of value that a scenario file holds.
type measureKind struct {
	unit  string // as metrics and charts have it
	write func(float64) string
}

// rounded keeps three significant digits: nobody wants 42.222222222ms.
func rounded(v float64) float64 {
	text := strconv.FormatFloat(v, 'g', 3, 64)
	v, _ = strconv.ParseFloat(text, 64)
	return v
}

func plainNumber(v float64) string { return strconv.FormatFloat(rounded(v), 'f', -1, 64) }

// parseMeasure reads a number, duration, bandwidth, size or ratio, whichever
// it is.
func parseMeasure(text string) (float64, measureKind, error) {
	if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		return v, measureKind{"count", plainNumber}, nil
	}
	if v, err := scenarios.ParseDuration(text); err == nil {
		return float64(v) / 1e6, measureKind{"ms", func(ms float64) string { return scenarios.Duration(math.Round(rounded(ms)*1e3) * 1e3).String() }}, nil
	}
	if v, err := scenarios.ParseRatio(text); err == nil {
		return float64(v), measureKind{"ratio", func(r float64) string { return plainNumber(100*r) + "%" }}, nil
	}
	if v, err := scenarios.ParseBandwidth(text); err == nil {
		return float64(v), measureKind{"bps", func(bps float64) string { return scenarios.Bandwidth(math.Round(rounded(bps))).String() }}, nil
	}
	if v, err := scenarios.ParseSize(text); err == nil {
		return float64(v), measureKind{"bytes", func(b float64) string { return scenarios.Size(math.Round(rounded(b))).String() }}, nil
	}
	return 0, measureKind{}, fmt.Errorf("%q is no number, duration, bandwidth, size or percentage", text)
}

// parseEnds reads the two ends of a range, which are of one kind.
func parseEnds(from, to string) (a, b float64, kind measureKind, err error) {
	a, kind, err = parseMeasure(strings.TrimSpace(from))
	if err != nil {
		return 0, 0, kind, err
	}
	b, other, err := parseMeasure(strings.TrimSpace(to))
	switch {
	case err != nil:
		return 0, 0, kind, err
	case kind.unit != other.unit && a != 0 && b != 0:
		return 0, 0, kind, fmt.Errorf("its two ends are of different kinds")
	case a == 0:
		kind = other
	}
	return a, b, kind, nil
}
