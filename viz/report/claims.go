package report

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"protosim/model/claim"
	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// Examined is what there is to report about claims.
type Examined struct {
	Claims  []*claim.Evidence
	Off     map[int]*claim.Evidence // by number, with the claim's mechanism switched off
	Table   *claim.Table            // nil if it was not measured
	Seeds   int
	Quick   bool
	Partial bool
	Version string
	Date    string // when it was measured, for people
}

// claimsReport is what the page about claims shows.
type claimsReport struct {
	report
	Intro   string
	Partial bool
	Claims  []claimSection
	Table   *claimTable
}

type claimSection struct {
	Number                       int
	Claim, Figure, Label         string
	Verdict, Limit, Class        string
	Summary, Because, Overturned string
	Holds, Off                   string
	Commands                     []string
	SVG                          template.HTML
}

type claimTable struct {
	Columns []scenarios.Strategy
	Rows    []claimRow
}

type claimRow struct {
	Row, Note, Scenario string
	Cells               []string
}

func newClaims(x *Examined, pictures bool) *claimsReport {
	r := &claimsReport{report: report{Title: "Sockets or requests? The claims, measured", Versions: x.Version}, Partial: x.Partial, Intro: x.intro()}
	if x.Table != nil {
		r.Table = sideBySide(x.Table)
	}
	var results []*result.Result
	for _, e := range x.Claims {
		s := claimSection{
			Number: e.Claim.Number, Claim: e.Claim.Claim, Figure: e.Figures[0].Text(), Label: e.Figures[0].Label,
			Verdict: string(e.Verdict()), Class: classOf(e.Verdict()), Summary: e.Summary(),
			Because: e.Claim.Because, Overturned: e.Claim.Overturned, Holds: e.Claim.Holds,
		}
		if l := e.Limit; l != nil {
			s.Limit = l.String()
			if l.Holds != "" {
				s.Limit = l.Holds + " " + s.Limit
			}
		}
		if off := x.Off[e.Claim.Number]; off != nil {
			s.Off = fmt.Sprintf("with %s it %s: %s is %s", e.Claim.Off.What, off.Verdict(), off.Figures[0].Label, off.Figures[0].Text())
		}
		for i, run := range e.Claim.Runs {
			s.Commands = append(s.Commands, RunCommand(run, e.Results[i], x.Quick))
		}
		if pictures {
			f := chart.Claim(e)
			title := f.Title
			f.Title, f.Subtitle = "", ""
			scene := figure.Layout(f)
			scene.Title = title
			r.ink(scene)
			s.SVG = inline(scene, fmt.Sprintf("claim-%d", e.Claim.Number))
		}
		r.Claims = append(r.Claims, s)
		results = append(results, e.Results...)
	}
	r.LeftOut = leftOut(results)
	return r
}

func (x *Examined) intro() string {
	text := fmt.Sprintf("Each sentence was put to the test by simulation, with real protocol code over a simulated network, under %s", chart.Plural(x.Seeds, "seed"))
	if x.Quick {
		text += ", with smaller populations than usual (--quick)"
	}
	return text + fmt.Sprintf(". Measured on %s with protosim %s.", x.Date, x.Version)
}

func classOf(v claim.Verdict) string {
	switch v {
	case claim.Holds, claim.HoldsWithin:
		return "holds"
	case claim.DoesNotHold:
		return "contradicted"
	}
	return ""
}

// RunCommand is what gives the numbers of a claim's run again.
func RunCommand(run scenarios.ClaimRun, r *result.Result, quick bool) string {
	line := "protosim run " + run.Scenario
	set := run.Set
	if quick {
		set = append(append([]string{}, set...), run.Quick...)
	}
	for _, s := range set {
		if strings.ContainsAny(s, " {}[]") {
			s = "'" + s + "'"
		}
		line += " --set " + s
	}
	if n := r.Seeds(); n > 1 {
		line += fmt.Sprintf(" --seeds %d", n)
	}
	var ran []string
	for _, one := range r.Runs {
		ran = append(ran, string(one.Strategy))
	}
	return line + " --strategy " + strings.Join(ran, ",")
}

func sideBySide(t *claim.Table) *claimTable {
	out := &claimTable{Columns: t.Columns}
	for _, row := range t.Rows {
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = "–"
			if c.Known {
				cells[i] = claim.Text(row.Unit, c.Mean, c.CI95)
			}
		}
		out.Rows = append(out.Rows, claimRow{row.Row, row.Note, row.Run.Scenario, cells})
	}
	return out
}

// ClaimsHTML writes the claims up as one page that needs nothing else.
func ClaimsHTML(w io.Writer, x *Examined) error {
	return templates.ExecuteTemplate(w, "claims.html", newClaims(x, true))
}

// ClaimsMarkdown writes the table of the strategies and that of the claims.
func ClaimsMarkdown(w io.Writer, x *Examined) error {
	r := newClaims(x, false)
	var b strings.Builder
	if r.Partial {
		b.WriteString("**Partial: it was interrupted, and claims are missing.**\n\n")
	}
	if t := r.Table; t != nil {
		b.WriteString("| |")
		for _, c := range t.Columns {
			fmt.Fprintf(&b, " %s |", c)
		}
		b.WriteString("\n|---|" + strings.Repeat("---:|", len(t.Columns)) + "\n")
		for _, row := range t.Rows {
			fmt.Fprintf(&b, "| %s | %s |\n", row.Row, strings.Join(row.Cells, " | "))
		}
		b.WriteString("\n")
	}
	b.WriteString("| | Claim | Measured | Verdict |\n|---:|---|---|---|\n")
	for _, c := range r.Claims {
		verdict := c.Verdict
		if c.Limit != "" {
			verdict += ": " + plain(c.Limit)
		}
		fmt.Fprintf(&b, "| %d | %s | **%s** %s | %s |\n", c.Number, plain(c.Claim), c.Figure, plain(c.Label), verdict)
	}
	fmt.Fprintf(&b, "\n%s\n", r.Intro)
	_, err := io.WriteString(w, b.String())
	return err
}
