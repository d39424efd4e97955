package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"protosim/scenarios"
	"protosim/viz/figure"
)

// Tuning is a search for the best values of one or two fields of a scenario
// under one strategy.
type Tuning struct {
	Strategy scenarios.Strategy
	Metric   string // that was made as low or as high as it can be
	Maximize bool
	Fields   []TunedField
	// Settings in the range that were tried, sorted by their values.
	Settings []TunedSetting
	// Best is the index of the best setting, or of the one nearest to keeping
	// the constraints where none keeps them.
	Best int
	// Constraints are all that were to be kept, and Binds is the one that keeps
	// the best setting from being better, or empty.
	Constraints []string
	Binds       string
	// Forbids says which way the binding constraint forbids, "less" or "more",
	// where one field was tuned.
	Forbids string
	// Idle says that the fields make hardly any difference.
	Idle  bool
	Seeds int
	Notes []string
}

// TunedField is a field and the range in which its best value was sought.
type TunedField struct {
	Path string
	Unit string
	Log  bool
	Span
	// Flat is where the objective is within 5 % of the best.
	Flat Span
}

// Span is a range of values.
type Span struct{ From, To Value }

// String is the span as people write it.
func (s Span) String() string {
	if s.From == s.To {
		return "only " + s.From.Text
	}
	return s.From.Text + " to " + s.To.Text
}

// TunedSetting is what one setting gave.
type TunedSetting struct {
	At       []Value
	Measured bool
	Value    float64
	CI95     float64
	Broken   []string // the constraints that it breaks
	Now      bool     // the scenario has it so
}

// allowed says that the setting keeps all constraints.
func (s TunedSetting) allowed() bool { return s.Measured && len(s.Broken) == 0 }

// Names are the values of a setting as a sentence has them.
func (t *Tuning) Names(s TunedSetting) string {
	if len(t.Fields) == 1 {
		return s.At[0].Text
	}
	var parts []string
	for k, v := range s.At {
		parts = append(parts, t.Fields[k].Path+" = "+v.Text)
	}
	return list(parts)
}

// paths are the fields as a sentence has them.
func (t *Tuning) paths() string {
	var paths []string
	for _, f := range t.Fields {
		paths = append(paths, f.Path)
	}
	return list(paths)
}

// Finding is the outcome in a sentence.
func (t *Tuning) Finding() string {
	m := describe(t.Metric)
	best := t.Settings[t.Best]
	label := lowerFirst(m.Label)
	switch {
	case !best.allowed() && !best.Measured:
		return fmt.Sprintf("%s was measured at no %s under %s", m.Label, t.paths(), t.Strategy)
	case !best.allowed():
		return fmt.Sprintf("No %s keeps %s under %s; %s comes nearest", t.paths(), list(t.Constraints), t.Strategy, t.Names(best))
	case t.Idle:
		return fmt.Sprintf("%s makes hardly any difference to the %s of %s: %s", t.paths(), label, t.Strategy, brief(m.Unit, best.Value))
	}
	what := t.paths()
	if len(t.Fields) > 1 {
		what = "setting"
	}
	finding := fmt.Sprintf("The best %s for %s is %s: %s %s", what, t.Strategy, t.Names(best), label, brief(m.Unit, best.Value))
	switch {
	case t.Binds != "" && t.Forbids != "":
		finding += fmt.Sprintf("; %s forbids %s", t.Binds, t.Forbids)
	case t.Binds != "":
		finding += fmt.Sprintf("; %s binds", t.Binds)
	}
	return finding
}

// lowerFirst writes a label within a sentence. Names such as TLS stay.
func lowerFirst(label string) string {
	if len(label) > 1 && strings.ToUpper(label[:2]) == label[:2] {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

// Figure draws the search: of one field the objective over it, of two a map.
func (t *Tuning) Figure() *figure.Figure {
	f := &figure.Figure{Title: t.Finding(), Subtitle: t.subtitle(), Notes: t.Notes}
	panel := t.curve
	if len(t.Fields) == 2 {
		panel = t.chessboard
	}
	f.Rows = []figure.Row{{Panels: []figure.Panel{panel()}}}
	for _, s := range t.Settings {
		if len(s.Broken) > 0 {
			f.Key = []figure.Swatch{{Ink: brokenInk, Text: "breaks " + list(t.Constraints)}}
			break
		}
	}
	f.Alt = f.Title + ". " + f.Subtitle
	return f
}

// brokenInk shades what a constraint forbids.
var brokenInk = failedInk.Tint(.12)

func (t *Tuning) subtitle() string {
	aim := "lower"
	if t.Maximize {
		aim = "higher"
	}
	text := fmt.Sprintf("%s over %s, %s is better", describe(t.Metric).Label, t.paths(), aim)
	if t.Seeds > 1 {
		text += fmt.Sprintf(", mean over %d seeds", t.Seeds)
		if len(t.Fields) == 1 {
			text += " with its 95 % confidence interval"
		}
	}
	return text
}

// curve is the objective over one field.
func (t *Tuning) curve() figure.Panel {
	field := t.Fields[0]
	p := figure.Panel{
		X: figure.Axis{Min: field.From.Number, Max: field.To.Number, Log: field.Log, Unit: field.Unit, Label: field.Path},
		Y: figure.Axis{Unit: describe(t.Metric).Unit},
	}
	p.Bands = t.forbidden(p.X.Min, p.X.Max, p.X.Log)
	ink := AreaInk(t.Strategy)
	line := figure.Line{Ink: ink, Width: 2.5}
	var upper, lower []figure.Point
	for i, s := range t.Settings {
		if !s.Measured {
			continue
		}
		x := s.At[0].Number
		line.Points = append(line.Points, figure.Point{X: x, Y: s.Value})
		upper = append(upper, figure.Point{X: x, Y: s.Value + s.CI95})
		lower = append(lower, figure.Point{X: x, Y: max(s.Value-s.CI95, 0)})
		p.Y.Max = max(p.Y.Max, s.Value+s.CI95)
		dot := figure.Dot{At: figure.Point{X: x, Y: s.Value}, Radius: 3, Ink: ink}
		switch {
		case i == t.Best:
			continue // drawn last
		case !s.allowed():
			dot.Ink = figure.Edge
		}
		p.Dots = append(p.Dots, dot)
	}
	slices.Reverse(lower)
	if t.Seeds > 1 && len(upper) > 1 {
		p.Lines = append(p.Lines, figure.Line{Points: append(upper, lower...), Fill: true, Ink: ink.Tint(.15)})
	}
	p.Lines = append(p.Lines, line)
	p.Y.Max = figure.NiceMax(p.Y.Max * 1.12)
	for _, s := range t.Settings {
		if s.Now && s.Measured {
			at := figure.Point{X: s.At[0].Number, Y: s.Value}
			p.Labels = append(p.Labels, figure.Label{At: at, Text: "now " + s.At[0].Text, Ink: figure.Muted, DX: 6, DY: 14, Optional: true})
		}
	}
	if best := t.Settings[t.Best]; best.Measured {
		at := figure.Point{X: best.At[0].Number, Y: best.Value}
		text, mark := "best: "+best.At[0].Text, TextInk(t.Strategy)
		if !best.allowed() {
			text, mark = "nearest: "+best.At[0].Text, failedInk
		}
		p.Rules = append(p.Rules, figure.Rule{At: at.X, Upright: true, Ink: figure.Edge, Dashed: true})
		p.Dots = append(p.Dots, figure.Dot{At: at, Radius: 7, Ink: mark}, figure.Dot{At: at, Radius: 3, Ink: figure.Paper})
		label := figure.Label{At: figure.Point{X: at.X, Y: t.clear() * p.Y.Max}, Text: text, Bold: true, Size: 13, Ink: mark, DX: 8}
		if field.place(at.X) > .7 {
			label.Align, label.DX = figure.End, -8
		}
		p.Labels = append([]figure.Label{label}, p.Labels...)
	}
	return p
}

// place is where in the range a value is, from 0 to 1, as the axis has it.
func (f TunedField) place(v float64) float64 {
	if f.Log {
		return math.Log(v/f.From.Number) / math.Log(f.To.Number/f.From.Number)
	}
	return (v - f.From.Number) / (f.To.Number - f.From.Number)
}

// clear is a height, as a share of the axis, that the curve leaves free around
// the best value: near the top or the bottom.
func (t *Tuning) clear() float64 {
	most, highest := 0.0, 0.0
	best := t.Fields[0].place(t.Settings[t.Best].At[0].Number)
	for _, s := range t.Settings {
		most = max(most, s.Value+s.CI95)
		if s.Measured && math.Abs(t.Fields[0].place(s.At[0].Number)-best) < .25 {
			highest = max(highest, s.Value+s.CI95)
		}
	}
	if highest < .75*most {
		return .9
	}
	return .08
}

// forbidden shades the stretches in which settings break a constraint, up to
// half of the way to the next that does not.
func (t *Tuning) forbidden(least, most float64, log bool) []figure.Band {
	middle := func(a, b float64) float64 {
		if log {
			return math.Sqrt(a * b)
		}
		return (a + b) / 2
	}
	var bands []figure.Band
	for i, s := range t.Settings {
		if s.allowed() {
			continue
		}
		b := figure.Band{From: least, To: most, Ink: brokenInk}
		x := s.At[0].Number
		if i > 0 {
			b.From = middle(t.Settings[i-1].At[0].Number, x)
		}
		if i < len(t.Settings)-1 {
			b.To = middle(x, t.Settings[i+1].At[0].Number)
		}
		if n := len(bands); n > 0 && bands[n-1].To == b.From {
			bands[n-1].To = b.To
			continue
		}
		bands = append(bands, b)
	}
	return bands
}

// chessboard is the objective over two fields, a cell for each pair of values
// that was tried.
func (t *Tuning) chessboard() figure.Panel {
	columns, rows := t.distinct(0), t.distinct(1)
	p := figure.Panel{
		X: figure.Axis{Max: float64(len(columns)), Ticks: []figure.Tick{}, Label: t.Fields[0].Path},
		Y: figure.Axis{Max: float64(len(rows)), Ticks: []figure.Tick{}},
	}
	p.Title = t.Fields[1].Path + " upwards"
	for i, v := range columns {
		p.X.Ticks = append(p.X.Ticks, figure.Tick{At: float64(i) + .5, Text: v.Text})
	}
	for i, v := range rows {
		p.Y.Ticks = append(p.Y.Ticks, figure.Tick{At: float64(i) + .5, Text: v.Text})
	}
	least, most := math.Inf(1), math.Inf(-1)
	for _, s := range t.Settings {
		if s.Measured {
			least, most = min(least, s.Value), max(most, s.Value)
		}
	}
	unit := describe(t.Metric).Unit
	for i, s := range t.Settings {
		x, y := float64(slices.Index(columns, s.At[0])), float64(slices.Index(rows, s.At[1]))
		ink := figure.Faint
		if s.Measured {
			share := (s.Value - least) / max(most-least, 1e-300) // 0 for the lowest
			if t.Maximize {
				share = 1 - share
			}
			ink = AreaInk(t.Strategy).Tint(.9 - .8*share)
		}
		if len(s.Broken) > 0 {
			ink = brokenInk
		}
		box := figure.Box{X0: x + .03, X1: x + .97, Y0: y + .04, Y1: y + .96, Ink: ink}
		if i == t.Best {
			frame := figure.Box{X0: x, X1: x + 1, Y0: y, Y1: y + 1, Ink: figure.Strong}
			p.Boxes = append(p.Boxes, frame, figure.Box{X0: x + .03, X1: x + .97, Y0: y + .04, Y1: y + .96, Ink: figure.Paper})
		}
		p.Boxes = append(p.Boxes, box)
		if s.Measured {
			p.Labels = append(p.Labels, figure.Label{At: figure.Point{X: x + .5, Y: y + .5}, Align: figure.Middle, Text: brief(unit, s.Value), Size: 12, Bold: i == t.Best, Within: 1, Ink: onArea(ink), Optional: true})
		}
	}
	return p
}

// distinct are the values of a field that were tried, in their order.
func (t *Tuning) distinct(field int) []Value {
	var all []Value
	for _, s := range t.Settings {
		if !slices.Contains(all, s.At[field]) {
			all = append(all, s.At[field])
		}
	}
	slices.SortFunc(all, func(a, b Value) int {
		if a.Number < b.Number {
			return -1
		}
		return 1
	})
	return all
}
