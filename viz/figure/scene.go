package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Scene is a figure laid out: paths and texts on a canvas, in points, with y
// downwards. Paths are drawn in their order, then the texts.
type Scene struct {
	Width, Height float64
	Title, Alt    string
	Paths         []Path
	Texts         []Text
	// Clocks are the plots with the time of the run from left to right: where
	// whoever shows the scene can point at a moment.
	Clocks []Clock

	keyed    map[string]bool // names of lines that the key has
	homeless []Swatch        // lines whose names found no place
}

// Clock is a plot whose left and right ends are moments of the run, in
// milliseconds.
type Clock struct {
	Area     Rect
	From, To float64
}

// Path is a filled or stroked shape.
type Path struct {
	Points []Point
	Fill   Ink // zero for none
	Stroke Ink // zero for none
	Width  float64
	Dashed bool
	// Closed joins the last point to the first.
	Closed bool
	// Radius, when set, makes a circle around the only point.
	Radius float64
}

// Text is a line of text whose baseline begins at At.
type Text struct {
	At   Point
	Text string
	Size float64
	Bold bool
	Ink  Ink
	// Turned texts run upwards.
	Turned bool
}

// Rect is a rectangle on the canvas.
type Rect struct{ X0, Y0, X1, Y1 float64 }

// W and H are its sides.
func (r Rect) W() float64 { return r.X1 - r.X0 }
func (r Rect) H() float64 { return r.Y1 - r.Y0 }

// Overlaps says that the rectangles share some area, more than a hair.
func (r Rect) Overlaps(o Rect) bool {
	const hair = .05
	return min(r.X1, o.X1)-max(r.X0, o.X0) > hair && min(r.Y1, o.Y1)-max(r.Y0, o.Y0) > hair
}

// grown is the rectangle with d added on all sides.
func (r Rect) grown(d float64) Rect { return Rect{r.X0 - d, r.Y0 - d, r.X1 + d, r.Y1 + d} }

// contains says that o lies within r.
func (r Rect) contains(o Rect) bool {
	return o.X0 >= r.X0 && o.X1 <= r.X1 && o.Y0 >= r.Y0 && o.Y1 <= r.Y1
}

// Box is the space that the text takes.
func (t Text) Box() Rect {
	w := TextWidth(t.Text, t.Size, t.Bold)
	if t.Turned {
		return Rect{t.At.X - ascent*t.Size, t.At.Y - w, t.At.X + descent*t.Size, t.At.Y}
	}
	return Rect{t.At.X, t.At.Y - ascent*t.Size, t.At.X + w, t.At.Y + descent*t.Size}
}

// Flaws lists what must not be in a picture: texts that overlap, that leave
// the canvas, or are empty, and numbers that are none.
func (s *Scene) Flaws() []string {
	var flaws []string
	canvas := Rect{0, 0, s.Width, s.Height}
	for i, t := range s.Texts {
		box := t.Box()
		if t.Text == "" {
			flaws = append(flaws, "an empty text")
		}
		if !canvas.contains(box) {
			flaws = append(flaws, fmt.Sprintf("%q leaves the canvas: %v", t.Text, box))
		}
		for _, o := range s.Texts[:i] {
			if box.Overlaps(o.Box()) {
				flaws = append(flaws, fmt.Sprintf("%q %v overlaps %q %v", t.Text, box, o.Text, o.Box()))
			}
		}
	}
	for i, p := range s.Paths {
		for _, at := range p.Points {
			if math.IsNaN(at.X+at.Y) || math.IsInf(at.X+at.Y, 0) {
				flaws = append(flaws, fmt.Sprintf("path %d passes %v", i, at))
			} else if !canvas.grown(1).contains(Rect{at.X, at.Y, at.X, at.Y}) {
				flaws = append(flaws, fmt.Sprintf("path %d leaves the canvas at %v", i, at))
			}
		}
	}
	return flaws
}

// Struck lists texts that a thick line crosses: it is hard to read them. What
// cannot be avoided in a crowded picture is no flaw, but should be rare.
func (s *Scene) Struck() []string {
	var struck []string
	for _, t := range s.Texts {
		box := t.Box().grown(-1.5)
		for _, p := range s.Paths {
			if p.Stroke == (Ink{}) || p.Width < 1.4 || crossings(p.Points, box) == 0 {
				continue
			}
			struck = append(struck, t.Text)
			break
		}
	}
	return struck
}

// Cut lists texts that were too long for their place.
func (s *Scene) Cut() []string {
	var cut []string
	for _, t := range s.Texts {
		if strings.HasSuffix(t.Text, "…") {
			cut = append(cut, t.Text)
		}
	}
	return cut
}

// Inks lists the inks in use, each once, in the order of first use.
func (s *Scene) Inks() []Ink {
	var inks []Ink
	seen := map[RGB]bool{}
	add := func(i Ink) {
		if i != (Ink{}) && !seen[i.Light] {
			seen[i.Light] = true
			inks = append(inks, Ink{Light: i.Light, Dark: i.Dark})
		}
	}
	for _, p := range s.Paths {
		add(p.Fill)
		add(p.Stroke)
	}
	for _, t := range s.Texts {
		add(t.Ink)
	}
	return inks
}

// box adds a filled rectangle.
func (s *Scene) box(r Rect, fill Ink) {
	s.Paths = append(s.Paths, Path{Points: []Point{{r.X0, r.Y0}, {r.X1, r.Y0}, {r.X1, r.Y1}, {r.X0, r.Y1}}, Fill: fill, Closed: true})
}

// segment adds a straight line.
func (s *Scene) segment(from, to Point, ink Ink, width float64) {
	s.Paths = append(s.Paths, Path{Points: []Point{from, to}, Stroke: ink, Width: width})
}

// text adds a text and returns its box.
func (s *Scene) text(t Text, align Align) Rect {
	w := TextWidth(t.Text, t.Size, t.Bold)
	switch align {
	case Middle:
		t.At.X -= w / 2
	case End:
		t.At.X -= w
	}
	if t.Text != "" {
		s.Texts = append(s.Texts, t)
	}
	return t.Box()
}

// number writes a coordinate: to a hundredth of a point, so that the bytes are
// the same on every platform.
func number(v float64) string {
	text := strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	if text == "-0" {
		return "0"
	}
	return text
}
