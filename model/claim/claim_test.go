package claim_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"protosim/model/claim"
	"protosim/model/result"
	"protosim/scenarios"
)

// invented simulates nothing: http1 takes as long as the round trip says, and a
// seed more, and http2 half of 100 ms more.
func invented(calls *int) func(context.Context, *scenarios.Scenario, []scenarios.Strategy, int) (*result.Result, error) {
	return func(_ context.Context, s *scenarios.Scenario, strategies []scenarios.Strategy, seeds int) (*result.Result, error) {
		*calls++
		r := &result.Result{Scenario: s, Seed: 1}
		for seed := range seeds {
			replicate := result.Replicate{Seed: uint64(1 + seed)}
			for _, st := range strategies {
				v := float64(s.Network.RTT) / 1e6
				if st == scenarios.HTTP1 {
					v += float64(seed)
				} else {
					v = v/2 + 50
				}
				replicate.Runs = append(replicate.Runs, result.Run{Strategy: st, Metrics: result.Metrics{"page_load_ms.p50": v}})
			}
			r.Replicates = append(r.Replicates, replicate)
		}
		r.Runs = result.Summarize(r.Replicates)
		return r, nil
	}
}

// milliseconds puts values evenly between two.
func milliseconds(from, to string, share float64) (string, error) {
	a, err1 := strconv.ParseFloat(strings.TrimSuffix(from, "ms"), 64)
	b, err2 := strconv.ParseFloat(strings.TrimSuffix(to, "ms"), 64)
	return fmt.Sprintf("%gms", a+(b-a)*share), errors.Join(err1, err2)
}

func quicker() scenarios.Claim {
	return scenarios.Claim{
		Number:  1,
		Runs:    []scenarios.ClaimRun{{Scenario: "page-load", Set: []string{"network.rtt=200ms"}}},
		Figures: []scenarios.ClaimFigure{{Of: "http1.page_load_ms.p50 - http2.page_load_ms.p50", Unit: "ms"}},
		Holds:   "http2.page_load_ms.p50 < http1.page_load_ms.p50",
		Off:     []scenarios.ClaimOff{{Set: []string{"network.rtt=10ms"}}},
		Limits:  []scenarios.ClaimLimit{{Path: "network.rtt", From: "420ms", To: "20ms"}},
	}
}

func TestExamine(t *testing.T) {
	calls := 0
	x := &claim.Examiner{Simulate: invented(&calls), Seeds: 3, Between: milliseconds}
	e, err := x.Examine(t.Context(), quicker())
	if err != nil {
		t.Fatal(err)
	}
	// 200 - 150 and 0, 1, 2 more: 51, with Student's t for two degrees of freedom.
	f := e.Figures[0]
	if half := 4.302653 / math.Sqrt(3); f.Mean != 51 || math.Abs(f.CI95-half) > 1e-5 {
		t.Errorf("figure %v ± %v, want 51 ± %v", f.Mean, f.CI95, half)
	}
	if e.Verdict() != claim.Holds || e.Held != 3 {
		t.Errorf("verdict %q under %d seeds", e.Verdict(), e.Held)
	}
	if ran := len(e.Results[0].Runs); ran != 2 {
		t.Errorf("%d strategies were simulated, and two are compared", ran)
	}
	off, err := x.Off(t.Context(), quicker())
	if err != nil || len(off) != 1 || off[0].Verdict() != claim.DoesNotHold {
		t.Errorf("switched off: %v, %v", off, err)
	}
	before := calls
	if _, err := x.Examine(t.Context(), quicker()); err != nil || calls != before {
		t.Errorf("the same runs were simulated again")
	}
}

// findLimit searches the only limit of a claim.
func findLimit(t *testing.T, c scenarios.Claim, seeds int) *claim.Limit {
	t.Helper()
	calls := 0
	x := &claim.Examiner{Simulate: invented(&calls), Seeds: seeds, Between: milliseconds}
	all, err := x.FindLimits(t.Context(), c)
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0]
}

// It holds above 100 ms, which the search finds to a sixty-fourth of its range.
func TestFindLimit(t *testing.T) {
	l := findLimit(t, quicker(), 1)
	last, _ := strconv.ParseFloat(strings.TrimSuffix(l.Last, "ms"), 64)
	first, _ := strconv.ParseFloat(strings.TrimSuffix(l.First, "ms"), 64)
	if last <= 100 || first > 100 || last-first > 400.0/64 {
		t.Errorf("holds at %s and no longer at %s", l.Last, l.First)
	}
	if want := fmt.Sprintf("with network.rtt at %s, no longer at %s", l.Last, l.First); l.String() != want {
		t.Errorf("%q", l)
	}
	if !slices.IsSortedFunc(l.Sorted(), func(a, b claim.LimitPoint) int { return int(64 * (a.Share - b.Share)) }) {
		t.Error("points are not in order")
	}

	c := quicker()
	c.Limits[0].To = "150ms"
	if l = findLimit(t, c, 3); l.String() != "for every network.rtt from 420ms to 150ms" {
		t.Error(l)
	}
	c.Limits[0].From, c.Limits[0].To = "90ms", "10ms"
	if l = findLimit(t, c, 3); l.String() != "not even with network.rtt at 90ms" {
		t.Error(l)
	}
}

// Under seed 1 it holds above 100 ms, and under later ones, with http1 slower by
// some ms, down to less: between, it is undecided. What is found holds under all
// seeds at one end, and under none at the other.
func TestLimitsHoldUnderAllSeeds(t *testing.T) {
	c := quicker()
	c.Limits[0].From, c.Limits[0].To = "110ms", "84ms"
	l := findLimit(t, c, 9)
	last, _ := strconv.ParseFloat(strings.TrimSuffix(l.Last, "ms"), 64)
	first, _ := strconv.ParseFloat(strings.TrimSuffix(l.First, "ms"), 64)
	// http1 has up to 8 ms more: rtt + 8 > rtt / 2 + 50 above 84 ms.
	if last <= 100 || last > 102 || first > 84 {
		t.Errorf("%s: it holds above 100 ms under all seeds, up to 84 ms under some", l)
	}
	for _, at := range l.Points {
		if at.Value == l.Last && at.Held != 9 || at.Value == l.First && at.Held != 0 {
			t.Errorf("at %s it holds under %d of %d seeds", at.Value, at.Held, at.Seeds)
		}
	}
}

// A claim that holds at both ends of the range may not in between.
func TestLimitsInBetween(t *testing.T) {
	c := quicker()
	c.Holds = "http1.page_load_ms.p50 > 200 or http1.page_load_ms.p50 < 80"
	if l := findLimit(t, c, 1); l.Last != "201.25ms" || l.First != "199.6875ms" {
		t.Error(l)
	}
}

// A limit may be of another run than the first, and set several fields.
func TestLimitOfAnotherRun(t *testing.T) {
	c := quicker()
	c.Runs = append(c.Runs, scenarios.ClaimRun{Name: "far", Scenario: "page-load-ideal"})
	c.Holds = "far.http2.page_load_ms.p50 < far.http1.page_load_ms.p50"
	c.Limits[0].Run, c.Limits[0].Also = "far", []string{"network.jitter"}
	c.Figures = append(c.Figures, scenarios.ClaimFigure{Of: "far.http1.page_load_ms.p50", Unit: "ms"})
	l := findLimit(t, c, 1)
	if !strings.HasPrefix(l.String(), "with network.rtt and network.jitter at ") || !strings.HasSuffix(l.String(), "ms (page-load-ideal)") {
		t.Error(l)
	}
	e := &claim.Evidence{Claim: c}
	if varying := e.Varying(l); !slices.Equal(varying, []int{1}) {
		t.Errorf("figures %v depend on the other run", varying)
	}
}

// Where the figures in the first unit stay as they are, those in the next are shown.
func TestVaryingFiguresAreShown(t *testing.T) {
	e := &claim.Evidence{Claim: quicker()}
	e.Claim.Figures = []scenarios.ClaimFigure{{Of: "http1.a", Unit: "ms"}, {Of: "http2.b", Unit: "ratio"}, {Of: "http2.c", Unit: "ms"}, {Of: "http1.d", Unit: "ratio"}}
	at := func(share float64, means ...float64) (p claim.LimitPoint) {
		p.Share = share
		for _, m := range means {
			p.Figures = append(p.Figures, claim.Figure{Mean: m})
		}
		return p
	}
	l := &claim.Limit{Points: []claim.LimitPoint{at(1, 10, 0, 10, 5), at(0, 10, 1, 10.5, 5)}}
	if got := e.Varying(l); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("figures %v", got)
	}
	l.Points[0] = at(1, 10, 0, 20, 5)
	if got := e.Varying(l); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("figures %v", got)
	}
}

// What a claim holds within is said if it is seen under all seeds, and nothing is
// of a claim that is undecided.
func TestWithin(t *testing.T) {
	calls := 0
	x := &claim.Examiner{Simulate: invented(&calls), Seeds: 3}
	c := quicker()
	c.Within = []scenarios.ClaimWithin{
		{That: "as far as one can tell"},
		{That: "as far as is seen", If: "http1.page_load_ms.p50 >= 200"},
		{That: "not seen", If: "http1.page_load_ms.p50 > 200"},
	}
	e, err := x.Examine(t.Context(), c)
	if err != nil || e.Verdict() != claim.HoldsWithin || e.Summary() != "holds within limits: as far as one can tell; as far as is seen" {
		t.Errorf("%v, %v", e.Summary(), err)
	}
	e.Limits = []*claim.Limit{{ClaimLimit: c.Limits[0], Last: "a", First: "b"}}
	if e.Summary() != "holds within limits: as far as one can tell; as far as is seen; with network.rtt at a, no longer at b" {
		t.Error(e.Summary())
	}
	e.Held = 2
	if e.Verdict() != claim.Undecided || strings.Contains(e.Summary(), "no longer") {
		t.Error(e.Summary())
	}
}

func TestUndecided(t *testing.T) {
	calls := 0
	x := &claim.Examiner{Simulate: invented(&calls), Seeds: 3}
	c := quicker()
	c.Holds = "http1.page_load_ms.p50 > 200.5"
	e, err := x.Examine(t.Context(), c)
	if err != nil || e.Verdict() != claim.Undecided || e.Summary() != "is undecided: it held under 2 of 3 seeds" {
		t.Errorf("%v, %v", e.Summary(), err)
	}
}

func TestMistakesInClaims(t *testing.T) {
	calls := 0
	x := &claim.Examiner{Simulate: invented(&calls), Seeds: 1}
	for _, holds := range []string{"http1.page_load_ms.p51 > 1", "http1.page_load_ms.p50", "http1.page_load_ms.p50 >"} {
		c := quicker()
		c.Holds = holds
		if _, err := x.Examine(t.Context(), c); err == nil || !strings.Contains(err.Error(), "claim 1") {
			t.Errorf("%s: error %v", holds, err)
		}
	}
	c := quicker()
	c.Runs[0].Scenario = "page-lode"
	if _, err := x.Examine(t.Context(), c); err == nil {
		t.Error("a scenario that does not exist")
	}
}

func TestTable(t *testing.T) {
	calls := 0
	x := &claim.Examiner{Simulate: invented(&calls), Seeds: 3}
	table, err := x.Table(t.Context(), scenarios.ClaimTable{
		Columns: []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2, scenarios.SSE, scenarios.WebSocket},
		Rows: []scenarios.ClaimRow{{
			Run: scenarios.ClaimRun{Scenario: "page-load", Set: []string{"network.rtt=100ms"}},
			Of:  "{}.page_load_ms.p50",
			Cells: map[scenarios.Strategy]scenarios.ClaimCell{
				scenarios.HTTP2:     {Of: "http2.page_load_ms.p50 * 2"},
				scenarios.WebSocket: {Run: &scenarios.ClaimRun{Scenario: "page-load", Set: []string{"network.rtt=10ms"}}},
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	cells := table.Rows[0].Cells
	if cells[0].Mean != 101 || cells[1].Mean != 200 || cells[2].Known || cells[3].Mean != 55 {
		t.Errorf("cells %+v", cells)
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		unit       string
		mean, half float64
		want       string
	}{
		{"ratio", .3333333, 0, "33.3 %"},
		{"bytes", 1741.3, 12.4, "1,741 ± 12 B"},
		{"ms", 25, 0, "25 ms"},
		{"count", 1.5777, 0, "1.58"},
	} {
		if got := claim.Text(test.unit, test.mean, test.half); got != test.want {
			t.Errorf("%s %v: %q, want %q", test.unit, test.mean, got, test.want)
		}
	}
}
