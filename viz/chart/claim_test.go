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
	v := least
	for _, f := range c.Figures {
		e.Figures = append(e.Figures, claim.Figure{ClaimFigure: f, Mean: v, CI95: v / 10})
		v *= factor
	}
	if c.Limit != nil {
		e.Limit = &claim.Limit{ClaimLimit: *c.Limit, Last: "last", First: "first"}
		for i, value := range []string{c.Limit.From, "last", "first", c.Limit.To} {
			e.Limit.Points = append(e.Limit.Points, claim.LimitPoint{Share: float64(i) / 3, Value: value, Held: i < 2, Figures: e.Figures})
		}
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
		if c.Limit == nil {
			continue
		}
		f := chart.Claim(evidence(t, c, 1, 2))
		want := fmt.Sprintf("%s at last, no longer at first", c.Limit.Path)
		if f.Title != c.Claim || !strings.Contains(f.Subtitle, want) {
			t.Errorf("claim %d: %q, %q", c.Number, f.Title, f.Subtitle)
		}
	}
}
