package figure_test

import (
	"bytes"
	"image/png"
	"slices"
	"strings"
	"testing"

	"protosim/viz/figure"
)

// small is a figure with one of everything.
func small() *figure.Figure {
	blue := figure.Ink{Light: 0x0072b2, Dark: 0x58a9e0}
	return &figure.Figure{
		Title:    "Blue < green & red",
		Subtitle: "What is shown",
		Key:      []figure.Swatch{{Ink: blue, Text: "blue"}},
		Alt:      "A line",
		Notes:    []string{"seed 1"},
		Rows: []figure.Row{{Panels: []figure.Panel{{
			Title: "Panel",
			X:     figure.Axis{Max: 100, Unit: "ms"},
			Y:     figure.Axis{Max: 10, Unit: "count"},
			Bands: []figure.Band{{From: 20, To: 30, Text: "fault"}},
			Rules: []figure.Rule{{At: 5, Dashed: true}},
			Boxes: []figure.Box{{X0: 1, X1: 2, Y1: 3, Ink: blue.Tint(.5)}},
			Lines: []figure.Line{{Points: []figure.Point{{X: 0, Y: 1}, {X: 100, Y: 9}}, Ink: blue, Name: "line"}},
			Dots:  []figure.Dot{{At: figure.Point{X: 50, Y: 5}, Radius: 3, Ink: blue}},
			Labels: []figure.Label{
				{At: figure.Point{X: 50, Y: 2}, Text: "label"},
				{At: figure.Point{X: 50, Y: 2}, Text: "covered", Optional: true},
				{At: figure.Point{X: 50, Y: 8}, Text: "too wide for its place", Within: 1},
			},
		}}}},
	}
}

func texts(s *figure.Scene) string {
	var all []string
	for _, t := range s.Texts {
		all = append(all, t.Text)
	}
	return strings.Join(all, "|")
}

func TestLayoutLeavesOutWhatHasNoRoom(t *testing.T) {
	s := figure.Layout(small())
	if flaws := s.Flaws(); flaws != nil {
		t.Error(flaws)
	}
	got := texts(s)
	for _, want := range []string{"Blue < green & red", "What is shown", "blue", "Panel", "100 ms", "fault", "|line", "label", "seed 1"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	for _, unwanted := range []string{"covered", "too wide"} {
		if strings.Contains(got, unwanted) {
			t.Errorf("%q is in %s", unwanted, got)
		}
	}
}

// Whoever shows a scene learns where its plots have the time of the run: those
// that say so, and no others.
func TestClocksAreWherePlotsAre(t *testing.T) {
	f := small()
	f.Rows = append(f.Rows, f.Rows[0], f.Rows[0])
	for i, row := range f.Rows {
		f.Rows[i].Panels = slices.Clone(row.Panels)
		f.Rows[i].Panels[0].X.Clock = i != 1
	}
	f.Rows[2].Panels[0].Boxes = []figure.Box{{X0: 25, X1: 75, Y1: 10, Ink: figure.Strong.Tint(.5)}} // the middle half, from top to bottom
	s := figure.Layout(f)
	if len(s.Clocks) != 2 {
		t.Fatalf("%d clocks of 2 plots over time", len(s.Clocks))
	}
	c := s.Clocks[1]
	if c.From != 0 || c.To != 100 {
		t.Errorf("from %v to %v, expected 0 to 100", c.From, c.To)
	}
	quarter := c.Area.W() / 4
	want := []figure.Point{{X: c.Area.X0 + quarter, Y: c.Area.Y0}, {X: c.Area.X1 - quarter, Y: c.Area.Y1}}
	if !slices.ContainsFunc(s.Paths, func(p figure.Path) bool {
		return len(p.Points) == 4 && p.Points[0] == want[0] && p.Points[2] == want[1]
	}) {
		t.Errorf("the box from 25 to 75 is not at %v", want)
	}
	if s.Clocks[0].Area.Y1 >= c.Area.Y0 {
		t.Errorf("%v is not above %v", s.Clocks[0].Area, c.Area)
	}
}

func TestFlawsFindsOverlaps(t *testing.T) {
	s := &figure.Scene{Width: 100, Height: 100, Texts: []figure.Text{
		{At: figure.Point{X: 10, Y: 50}, Text: "one", Size: 10}, {At: figure.Point{X: 15, Y: 52}, Text: "two", Size: 10}, {At: figure.Point{X: 95, Y: 20}, Text: "out", Size: 10},
	}}
	if flaws := s.Flaws(); len(flaws) != 2 || !strings.Contains(flaws[0], "overlaps") || !strings.Contains(flaws[1], "leaves the canvas") {
		t.Errorf("got %q", flaws)
	}
}

// An SVG needs nothing from outside: no font, no image, no style sheet.
func TestSVGStandsAlone(t *testing.T) {
	svg := string(figure.Layout(small()).SVG())
	for _, unwanted := range []string{"<text", "url(", "http://www.w3.org/1999/xlink", "<image", "var("} {
		if strings.Contains(svg, unwanted) {
			t.Errorf("%s is in the SVG", unwanted)
		}
	}
	for _, want := range []string{`role="img"`, "<title id=\"chart-title\">Blue &lt; green &amp; red</title>", "<desc id=\"chart-desc\">A line</desc>", `aria-label="label"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in the SVG", want)
		}
	}
}

// In a page, letters are text, and colours are the page's.
func TestInlineSVGFollowsThePage(t *testing.T) {
	s := figure.Layout(small())
	svg := string(s.InlineSVG("chart-1"))
	for _, want := range []string{`id="chart-1"`, "var(--c0072b2, #0072b2)", ">label</text>", "textLength="} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in the SVG", want)
		}
	}
	for _, ink := range s.Inks() {
		if !strings.Contains(svg, ink.Light.Variable()) {
			t.Errorf("%s is not used", ink.Light.Variable())
		}
	}
}

func TestFormatsAreTheSameTwice(t *testing.T) {
	for _, format := range figure.Formats() {
		first, err := figure.Layout(small()).Encode(format)
		if err != nil {
			t.Fatal(err)
		}
		second, err := figure.Layout(small()).Encode(format)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s: other bytes the second time, error %v", format, err)
		}
	}
	if _, err := figure.Layout(small()).Encode("gif"); err == nil {
		t.Error("there is a GIF")
	}
}

func TestPNGIsOfSlideSize(t *testing.T) {
	data, err := figure.Layout(small()).PNG()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || picture.Width != 1920 || picture.Height != 1080 {
		t.Errorf("%d x %d, %v", picture.Width, picture.Height, err)
	}
}

// Ticks are round numbers with their unit once, on linear and on log axes.
func TestTicks(t *testing.T) {
	for name, c := range map[string]struct {
		axis figure.Axis
		want string
	}{
		"milliseconds": {figure.Axis{Max: 2000, Unit: "ms"}, "0|500|1,000|1,500|2,000 ms"},
		"seconds":      {figure.Axis{Max: 30000, Unit: "ms"}, "0|10|20|30 s"},
		"ratio":        {figure.Axis{Max: 1, Unit: "ratio"}, "0|25|50|75|100 %"},
		"logarithmic":  {figure.Axis{Min: 1, Max: 1000, Unit: "ms", Log: true}, "1|10|100|1,000 ms"},
		"no extent":    {figure.Axis{Min: 5, Max: 5, Unit: "count"}, "5.00|5.25|5.50|5.75|6.00"},
	} {
		f := &figure.Figure{Rows: []figure.Row{{Panels: []figure.Panel{{X: c.axis, Y: figure.Axis{Bare: true}}, {Weight: 2, X: figure.Axis{Bare: true}, Y: figure.Axis{Bare: true}}}}}}
		if got := texts(figure.Layout(f)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Lines on top of one another have one name that says so.
func TestLinesThatCoincideShareAName(t *testing.T) {
	points := []figure.Point{{X: 0, Y: 1}, {X: 5, Y: 1}, {X: 10, Y: 9}}
	p := figure.Panel{X: figure.Axis{Max: 10}, Y: figure.Axis{Max: 10}, Lines: []figure.Line{
		{Points: points, Name: "sse"}, {Points: []figure.Point{{X: 0, Y: 8}, {X: 5, Y: 8}, {X: 10, Y: 2}}, Name: "poll"}, {Points: points, Name: "websocket"},
	}}
	var names []string
	for _, text := range figure.Layout(&figure.Figure{Rows: []figure.Row{{Panels: []figure.Panel{p}}}}).Texts {
		if text.Bold {
			names = append(names, text.Text)
		}
	}
	if len(names) != 2 || names[0] != "sse = websocket" || names[1] != "poll" {
		t.Errorf("names are %q", names)
	}
}

// Ticks are round in the unit that they are printed in.
func TestTicksOfMinutes(t *testing.T) {
	p := figure.Panel{X: figure.Axis{Max: 600_000, Unit: "ms"}, Y: figure.Axis{Bare: true, Max: 1}}
	for _, text := range figure.Layout(&figure.Figure{Rows: []figure.Row{{Panels: []figure.Panel{p}}}}).Texts {
		if strings.Contains(text.Text, ".") {
			t.Errorf("a tick says %s", text.Text)
		}
	}
}

// What makes a text hard to read is told: a line through it, or an end that is
// cut off.
func TestSceneTellsStruckAndCutTexts(t *testing.T) {
	s := figure.Scene{Texts: []figure.Text{{At: figure.Point{X: 10, Y: 20}, Text: "struck", Size: 12}, {At: figure.Point{X: 10, Y: 60}, Text: "cut…", Size: 12}}}
	s.Paths = []figure.Path{{Points: []figure.Point{{X: 0, Y: 16}, {X: 100, Y: 17}}, Stroke: figure.Strong, Width: 2}}
	if got := s.Struck(); len(got) != 1 || got[0] != "struck" {
		t.Errorf("struck: %q", got)
	}
	if got := s.Cut(); len(got) != 1 || got[0] != "cut…" {
		t.Errorf("cut: %q", got)
	}
}
