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
	Off     map[int][]*claim.Evidence // by number, with the claim's mechanism switched off
	Table   *claim.Table              // nil if it was not measured
	Seeds   int
	Quick   bool
	Partial bool
	Version string
	Date    string // when it was measured, for people
}

// claimsReport is what the page about claims shows.
type claimsReport struct {
	report
	Found    *Findings
	Sections []claimSection
}

type claimSection struct {
	Finding
	Class string
	SVG   template.HTML
}

func newClaims(x *Examined) *claimsReport {
	r := &claimsReport{report: report{Title: "Sockets or requests? The claims, measured", Versions: x.Version}, Found: x.Findings()}
	var results []*result.Result
	for i, e := range x.Claims {
		f := chart.Claim(e)
		title := f.Title
		f.Title, f.Subtitle = "", ""
		scene := figure.Layout(f)
		scene.Title = title
		r.ink(scene)
		r.Sections = append(r.Sections, claimSection{r.Found.Claims[i], classOf(e.Verdict()), inline(scene, fmt.Sprintf("claim-%d", e.Claim.Number))})
		results = append(results, e.Results...)
	}
	r.LeftOut = leftOut(results)
	return r
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

// ClaimsHTML writes the claims up as one page that needs nothing else.
func ClaimsHTML(w io.Writer, x *Examined) error {
	return templates.ExecuteTemplate(w, "claims.html", newClaims(x))
}
