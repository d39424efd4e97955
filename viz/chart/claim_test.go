package chart_test

import (
	"fmt"
	"strings"
	"testing"

	"protosim/model/claim"
	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// evidence invents what the runs of a claim show: figures that grow by a
// factor, and a limit in the middle of its range.
func evidence(t *testing.T, c scenarios.Claim, least, factor float64) *claim.Evidence {
	t.Helper()
	e := &claim.Evidence{Claim: c, Held: 3, Seeds: 3}
	for _, run := range c.Runs {
		s, err := scenarios.Load(run.Scenario, run.Set)
		if err != nil {
			t.Fatal(err)
		}
		e.Results = append(e.Results, &result.Result{Scenario: s, Seed: 1})
	}
	for _, w := range c.Within {
		e.Within = append(e.Within, w.That)
	}
	v := least
	for _, f := range c.Figures {
		e.Figures = append(e.Figures, claim.Figure{ClaimFigure: f, Mean: v, CI95: v / 10})
		v *= factor
	}
	for _, limit := range c.Limits {
		l := &claim.Limit{ClaimLimit: limit, Last: "last", First: "first"}
		for i, value := range []string{limit.From, "last", "first", limit.To} {
			l.Points = append(l.Points, claim.LimitPoint{Share: float64(i) / 3, Value: value, Figures: e.Figures})
		}
		e.Limits = append(e.Limits, l)
	}
	return e
}

func TestClaimsHaveFlawlessCharts(t *testing.T) {
	for _, c := range scenarios.Claims() {
		for _, size := range [][2]float64{{0, 1}, {.001, 3}, {1e6, 10}, {25, 1}} {
			f := chart.Claim(evidence(t, c, size[0], size[1]))
			if flaws := figure.Layout(f).Flaws(); flaws != nil {
				t.Errorf("claim %d, figures from %v on: %v", c.Number, size[0], flaws)
			}
		}
	}
}

func TestClaimChartSaysWhatBecameOfIt(t *testing.T) {
	for _, c := range scenarios.Claims() {
		f := chart.Claim(evidence(t, c, 1, 2))
		for _, l := range c.Limits {
			want := fmt.Sprintf("%s at last, no longer at first", strings.Join(append([]string{l.Path}, l.Also...), " and "))
			if f.Title != c.Claim || !strings.Contains(f.Subtitle, want) {
				t.Errorf("claim %d: %q, %q", c.Number, f.Title, f.Subtitle)
			}
		}
	}
}

// A value has one place on the axis, also where a claim stops holding only at the
// end of a limit's range.
func TestLimitsAtTheEndOfTheirRange(t *testing.T) {
	c := scenarios.Claims()[2]
	e := evidence(t, c, 1, 2)
	e.Limits[0].First = c.Limits[0].To
	var last []figure.Tick
	for _, row := range chart.Claim(e).Rows {
		last = row.Panels[0].X.Ticks
	}
	if len(last) != 2 || last[0].Text != c.Limits[0].From || last[1].Text != c.Limits[0].To {
		t.Errorf("ticks %v of a limit from %s to %s", last, c.Limits[0].From, c.Limits[0].To)
	}
}
