package chart

import (
	"fmt"
	"strings"

	"protosim/model/claim"
	"protosim/viz/figure"
)

// Claim draws the figures of a claim as bars, those of one unit beside each
// other, and below how the first ones go over the parameter on whose value it
// depends whether the claim holds.
func Claim(e *claim.Evidence) *figure.Figure {
	f := &figure.Figure{
		Title:    e.Claim.Claim,
		Subtitle: "The claim " + e.Summary(),
		Notes:    []string{claimRuns(e)},
	}
	for _, unit := range claimUnits(e) {
		p := claimBars(e, unit)
		f.Rows = append(f.Rows, figure.Row{Weight: float64(len(p.Y.Ticks)), Panels: []figure.Panel{p}})
	}
	for _, l := range e.Limits {
		if len(l.Points) > 2 {
			f.Rows = append(f.Rows, figure.Row{Weight: max(4, .7*float64(len(e.Figures))), Panels: []figure.Panel{limitCurve(e, l)}})
		}
	}
	f.Alt = f.Title + " " + f.Subtitle
	return f
}

// claimUnits are the units of a claim's figures, in their order.
func claimUnits(e *claim.Evidence) []string {
	var units []string
	seen := map[string]bool{}
	for _, f := range e.Figures {
		if !seen[f.Unit] {
			seen[f.Unit] = true
			units = append(units, f.Unit)
		}
	}
	return units
}

// claimBars draws the figures of one unit.
func claimBars(e *claim.Evidence, unit string) figure.Panel {
	p := figure.Panel{X: figure.Axis{Bare: true}, Y: figure.Axis{Down: true, Bare: false, Ticks: []figure.Tick{}}}
	n := 0.0
	for _, f := range e.Figures {
		if f.Unit != unit {
			continue
		}
		y := n + .5
		n++
		p.Y.Ticks = append(p.Y.Ticks, figure.Tick{At: y, Text: f.Label})
		p.Boxes = append(p.Boxes, figure.Box{X1: f.Mean, Y0: y - .34, Y1: y + .34, Ink: AreaInk(f.Ink)})
		p.Labels = append(p.Labels, figure.Label{At: figure.Point{X: f.Mean, Y: y}, DX: 5, Text: f.Text(), Ink: figure.Strong, Bold: true})
		p.Room = append(p.Room, f.Text())
		p.X.Max = max(p.X.Max, f.Mean)
	}
	p.Y.Max = n
	if p.X.Max == 0 {
		p.X.Max = 1
	}
	return p
}

// limitCurve draws the figures that depend on a limit's parameter over it.
func limitCurve(e *claim.Evidence, l *claim.Limit) figure.Panel {
	varying := e.Varying(l)
	p := figure.Panel{
		Title: "Holds " + l.String(),
		X:     figure.Axis{Max: 1, Label: l.Path},
		Y:     figure.Axis{Unit: e.Figures[varying[0]].Unit},
	}
	points := l.Sorted()
	var last, first float64
	for _, at := range points {
		if at.Value == l.Last {
			last = at.Share
		}
		if at.Value == l.First {
			first = at.Share
		}
	}
	p.X.Ticks = []figure.Tick{{At: 0, Text: l.From}, {At: 1, Text: l.To}}
	if edge := (last + first) / 2; l.First != "" && l.First != l.To && edge > .12 && edge < .88 {
		p.X.Ticks = append(p.X.Ticks[:1], figure.Tick{At: edge, Text: l.First}, p.X.Ticks[1])
	}
	if edge := (last + first) / 2; l.First != "" {
		band := figure.Band{From: edge, To: 1}
		if edge < .8 {
			band.Text = "no longer holds"
		}
		p.Bands = append(p.Bands, band)
	}
	for _, i := range varying {
		f := e.Figures[i]
		line := figure.Line{Ink: AreaInk(f.Ink), Name: string(f.Ink), NameInk: TextInk(f.Ink), Width: 2.5}
		for _, at := range points {
			v := at.Figures[i].Mean
			line.Points = append(line.Points, figure.Point{X: at.Share, Y: v})
			p.Dots = append(p.Dots, figure.Dot{At: figure.Point{X: at.Share, Y: v}, Radius: 3, Ink: AreaInk(f.Ink)})
			p.Y.Max = max(p.Y.Max, v)
		}
		p.Lines = append(p.Lines, line)
	}
	p.Y.Max = figure.NiceMax(p.Y.Max * 1.05)
	return p
}

// claimRuns says what was run.
func claimRuns(e *claim.Evidence) string {
	var runs []string
	for i, run := range e.Claim.Runs {
		text := run.Scenario
		if len(run.Set) > 0 {
			text += " with " + strings.Join(run.Set, " ")
		}
		runs = append(runs, fmt.Sprintf("%s (%s, seed %d)", text, Plural(e.Results[i].Scenario.Clients.Count, "client"), e.Results[i].Seed))
	}
	note := strings.Join(runs, "; ")
	if e.Seeds > 1 {
		note += fmt.Sprintf("; means over %d seeds with their 95 %% confidence intervals", e.Seeds)
	}
	return note
}
