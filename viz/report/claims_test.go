package report_test

import (
	"bytes"
	"strings"
	"testing"

	"protosim/model/claim"
	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/report"
)

// examined invents what came of the first claims.
func examined(t *testing.T) *report.Examined {
	t.Helper()
	x := &report.Examined{Seeds: 3, Version: "v1<2", Date: "2026-11-22", Off: map[int][]*claim.Evidence{}}
	for _, c := range scenarios.Claims()[:4] {
		e := &claim.Evidence{Claim: c, Held: 3, Seeds: 3}
		for _, run := range c.Runs {
			s, err := scenarios.Load(run.Scenario, run.Set)
			if err != nil {
				t.Fatal(err)
			}
			e.Results = append(e.Results, &result.Result{Scenario: s, Seed: 1, Runs: []result.Run{{Strategy: "http1"}}})
		}
		for _, f := range c.Figures {
			e.Figures = append(e.Figures, claim.Figure{ClaimFigure: f, Mean: 1234, CI95: 10})
		}
		x.Claims = append(x.Claims, e)
		for range c.Off {
			x.Off[c.Number] = append(x.Off[c.Number], &claim.Evidence{Claim: c, Seeds: 1, Figures: e.Figures})
		}
	}
	x.Claims[3].Held = 0
	x.Table = &claim.Table{Columns: []scenarios.Strategy{"http1", "hybrid"}, Rows: []claim.TableRow{{
		ClaimRow: scenarios.ClaimRow{Row: "Connections", Unit: "count", Note: "of a page"},
		Cells:    []claim.TableCell{{Run: scenarios.ClaimRun{Scenario: "page-load"}, Known: true, Mean: 6}, {}},
	}}}
	return x
}

// What is written is read again as it was, with all that makes the tables.
func TestFindingsAreReadAgain(t *testing.T) {
	var first, second, markdown, again bytes.Buffer
	found := examined(t).Findings()
	if err := found.Write(&first); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"date": "2026-11-22"`, `"scenario": "server-crash"`, `"with": "headers of 200 B"`, `"row": "Connections"`} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("the JSON lacks %s", want)
		}
	}
	read, err := report.ReadFindings(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	read.Write(&second)
	found.Markdown(&markdown)
	read.Markdown(&again)
	if first.String() != second.String() || markdown.String() != again.String() {
		t.Errorf("read again it is\n%s", second.String())
	}
	for _, bad := range []string{"", "{}", `{"schema":"protosim.result/1"}`, `{"schema":"protosim.claims/1","claims":[{"number":1}]}`} {
		if _, err := report.ReadFindings(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestClaimsReport(t *testing.T) {
	var html, markdown bytes.Buffer
	if err := report.ClaimsHTML(&html, examined(t)); err != nil {
		t.Fatal(err)
	}
	if err := examined(t).Findings().Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"v1&lt;2", "3 seeds", `id="c4"`, `class="contradicted">does not hold`, "with headers of 200 B it does not hold",
		"protosim run page-load-api --strategy http1", "<svg", "<td>–</td>", "1,234 ± 10 B",
	} {
		if !strings.Contains(html.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, want := range []string{"| Connections <br><sub>of a page</sub> | 6 | – | page-load |", "Of 4 claims, 3 hold, 1 contradicted (4).", "| 4 | A crash loses", "| server-crash | 123,400", "| does not hold |", "3 seeds"} {
		if !strings.Contains(markdown.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, markdown.String())
		}
	}
	if strings.Contains(html.String(), `src="http`) || strings.Contains(html.String(), `href="http`) || strings.Contains(html.String(), "url(") {
		t.Error("the page refers to something elsewhere")
	}
}
