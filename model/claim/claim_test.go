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
		Off:     &scenarios.ClaimOff{Set: []string{"network.rtt=10ms"}},
		Limit:   &scenarios.ClaimLimit{Path: "network.rtt", From: "420ms", To: "20ms"},
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
	if err != nil || off.Verdict() != claim.DoesNotHold {
		t.Errorf("switched off: %v, %v", off, err)
	}
	before := calls
	if _, err := x.Examine(t.Context(), quicker()); err != nil || calls != before {
		t.Errorf("the same runs were simulated again")
	}
}

// It holds above 100 ms, which the search finds to a sixty-fourth of its range.
func TestFindLimit(t *testing.T) {
	calls := 0
	x := &claim.Examiner{Simulate: invented(&calls), Seeds: 3, Between: milliseconds}
	l, err := x.FindLimit(t.Context(), quicker())
	if err != nil {
		t.Fatal(err)
	}
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
	c.Limit.To = "150ms"
	if l, err = x.FindLimit(t.Context(), c); err != nil || l.String() != "for every network.rtt from 420ms to 150ms" {
		t.Errorf("%v, %v", l, err)
	}
	c.Limit.From, c.Limit.To = "90ms", "10ms"
	if l, err = x.FindLimit(t.Context(), c); err != nil || l.String() != "not even with network.rtt at 90ms" {
		t.Errorf("%v, %v", l, err)
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
		Columns: []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2, scenarios.SSE},
		Rows: []scenarios.ClaimRow{{
			Run:   scenarios.ClaimRun{Scenario: "page-load", Set: []string{"network.rtt=100ms"}},
			Of:    "{}.page_load_ms.p50",
			Cells: map[scenarios.Strategy]string{scenarios.HTTP2: "http2.page_load_ms.p50 * 2"},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	cells := table.Rows[0].Cells
	if cells[0].Mean != 101 || cells[1].Mean != 200 || cells[2].Known {
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
