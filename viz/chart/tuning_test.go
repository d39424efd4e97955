package chart_test

import (
	"fmt"
	"strings"
	"testing"

	"protosim/viz/chart"
	"protosim/viz/figure"
)

// tuned is a search over n values of one field, or n by m of two, whose metric
// grows with them, and whose lower third breaks a constraint.
func tuned(n, m int) *chart.Tuning {
	value := func(i int) chart.Value {
		return chart.Value{Text: fmt.Sprintf("%ds", 1+i*i), Number: 1000 * float64(1+i*i)}
	}
	field := func(path string, n int) chart.TunedField {
		span := chart.Span{From: value(0), To: value(n - 1)}
		return chart.TunedField{Path: path, Unit: "ms", Log: n > 4, Span: span, Flat: span}
	}
	t := &chart.Tuning{
		Strategy: "websocket", Metric: "recovery_ms", Seeds: 3, Best: -1,
		Fields:      []chart.TunedField{field("clients.reconnect.window", n)},
		Constraints: []string{"reconnects.peak_per_second <= 200"},
		Binds:       "reconnects.peak_per_second <= 200",
		Forbids:     "less",
		Notes:       []string{"made", "protosim test"},
	}
	if m > 0 {
		t.Fields = append(t.Fields, field("clients.reconnect.cap", m))
		t.Forbids = ""
	}
	for i := range n {
		for j := range max(m, 1) {
			s := chart.TunedSetting{At: []chart.Value{value(i)}, Measured: true, Value: 4000 + 300*float64(i*i+j), CI95: 400, Now: i == 1 && j == 0}
			if m > 0 {
				s.At = append(s.At, value(j))
			}
			if i < n/3 {
				s.Broken = []string{"websocket.reconnects.peak_per_second <= 200"}
			} else if t.Best < 0 {
				t.Best = len(t.Settings)
			}
			t.Settings = append(t.Settings, s)
		}
	}
	return t
}

func TestTuningSaysWhatItFound(t *testing.T) {
	idle, none, unmeasured := tuned(9, 0), tuned(9, 0), tuned(9, 0)
	idle.Idle = true
	for i := range none.Settings {
		none.Settings[i].Broken = none.Constraints
		unmeasured.Settings[i].Measured = false
	}
	for want, c := range map[string]*chart.Tuning{
		"The best clients.reconnect.window for websocket is 10s: recovery 6.70 s; reconnects.peak_per_second <= 200 forbids less":                                  tuned(9, 0),
		"The best setting for websocket is clients.reconnect.window = 2s and clients.reconnect.cap = 1s: recovery 4.30 s; reconnects.peak_per_second <= 200 binds": tuned(5, 3),
		"clients.reconnect.window makes hardly any difference to the recovery of websocket: 6.70 s":                                                                idle,
		"No clients.reconnect.window keeps reconnects.peak_per_second <= 200 under websocket; 10s comes nearest":                                                   none,
		"Recovery was measured at no clients.reconnect.window under websocket":                                                                                     unmeasured,
	} {
		if got := c.Finding(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Of whatever was tuned the picture has nothing that overlaps.
func TestTuningsHaveFlawlessCharts(t *testing.T) {
	for n := 2; n < 20; n += 3 {
		for m := range 5 {
			for _, best := range []int{0, n / 2, n - 1} {
				c := tuned(n, m)
				c.Best = best
				c.Maximize = m%2 == 1
				if flaws := figure.Layout(c.Figure()).Flaws(); flaws != nil {
					t.Fatalf("%d by %d values, best %d: %s", n, m, best, strings.Join(flaws, "\n"))
				}
			}
		}
	}
	unmeasured := tuned(4, 0)
	for i := range unmeasured.Settings {
		unmeasured.Settings[i] = chart.TunedSetting{At: unmeasured.Settings[i].At}
	}
	if flaws := figure.Layout(unmeasured.Figure()).Flaws(); flaws != nil {
		t.Error(flaws)
	}
}

func TestTuningLooksAsItDid(t *testing.T) {
	if testing.Short() {
		t.Skip("draws pictures")
	}
	for name, c := range map[string]*chart.Tuning{"tuning": tuned(9, 0), "tuning-map": tuned(6, 4)} {
		mustLookAsItDid(t, figure.Layout(c.Figure()).Image(.5), "testdata/"+name+".png")
	}
}
