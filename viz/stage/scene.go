package stage

import (
	"image/color"
	"strconv"
)

// Scene is a picture as a list of shapes, drawn in their order. It is filled
// anew for each frame and keeps its memory.
type Scene struct {
	Width, Height float64 // CSS pixels
	Paper         color.NRGBA
	Items         []Item
	Fields        []Field

	text    []byte
	metrics Metrics
	dark    bool
}

// Metrics tells how wide texts are, in CSS pixels.
type Metrics interface {
	Width(text []byte, size float64, bold bool) float64
}

// Shape is a kind of item.
type Shape uint8

// The shapes, and what an Item's numbers mean for each.
const (
	Box     Shape = iota // X, Y, W, H; corners of radius R
	Frame                // the outline of a Box, Stroke thick, within it
	Disc                 // around X, Y with radius R
	Ring                 // the outline of a Disc, Stroke thick, within it
	Arcs                 // a Ring with two gaps
	Cross                // two strokes that cross at X, Y and reach R far
	Diamond              // around X, Y, reaching R far
	Line                 // from X, Y to W, H, Stroke thick
	Text                 // begins at X with its baseline at Y; Size, Bold
	Grid                 // the Field with number Field
)

// Item is one shape.
type Item struct {
	Shape      Shape
	Bold       bool
	Field      int32
	from, to   int32 // of the text
	X, Y, W, H float32
	R, Stroke  float32
	Size       float32
	Colour     color.NRGBA
}

// Field is many small squares of a size, row by row, for what is too many for
// items of its own. Cells without opacity are not drawn.
type Field struct {
	X, Y    float64
	Columns int
	Pitch   float64 // from one cell to the next
	Side    float64 // of a cell's square
	Cells   []color.NRGBA
}

// NewScene returns an empty scene for texts of these metrics.
func NewScene(m Metrics) *Scene { return &Scene{metrics: m} }

// Metrics are those that the scene's texts are measured with.
func (s *Scene) Metrics() Metrics { return s.metrics }

// TextOf is an item's text, until the scene is filled anew.
func (s *Scene) TextOf(i *Item) []byte { return s.text[i.from:i.to] }

// begin empties the scene.
func (s *Scene) begin(w, h float64, dark bool) {
	s.Width, s.Height, s.dark = w, h, dark
	s.Items, s.text, s.Fields = s.Items[:0], s.text[:0], s.Fields[:0]
}

func (s *Scene) box(r Rect, radius float64, c color.NRGBA) {
	if r.W > 0 && r.H > 0 {
		s.Items = append(s.Items, Item{Shape: Box, X: float32(r.X), Y: float32(r.Y), W: float32(r.W), H: float32(r.H), R: float32(min(radius, r.W/2, r.H/2)), Colour: c})
	}
}

func (s *Scene) frame(r Rect, radius, stroke float64, c color.NRGBA) {
	s.Items = append(s.Items, Item{Shape: Frame, X: float32(r.X), Y: float32(r.Y), W: float32(r.W), H: float32(r.H), R: float32(min(radius, r.W/2, r.H/2)), Stroke: float32(stroke), Colour: c})
}

func (s *Scene) mark(shape Shape, at Point, radius, stroke float64, c color.NRGBA) {
	s.Items = append(s.Items, Item{Shape: shape, X: float32(at.X), Y: float32(at.Y), R: float32(radius), Stroke: float32(stroke), Colour: c})
}

func (s *Scene) line(from, to Point, stroke float64, c color.NRGBA) {
	s.Items = append(s.Items, Item{Shape: Line, X: float32(from.X), Y: float32(from.Y), W: float32(to.X), H: float32(to.Y), Stroke: float32(stroke), Colour: c})
}

// Align says where a text's X is.
type Align uint8

// The alignments.
const (
	Start Align = iota
	Middle
	End
)

// label is a text in the making: its bytes are gathered at the end of the
// scene's, so that numbers need no strings of their own.
type label struct {
	scene *Scene
	from  int
}

// say begins a text.
func (s *Scene) say(text string) label {
	l := label{s, len(s.text)}
	s.text = append(s.text, text...)
	return l
}

// and adds to the text.
func (l label) and(text string) label {
	l.scene.text = append(l.scene.text, text...)
	return l
}

// number adds a whole number, its thousands apart.
func (l label) number(n int) label {
	s := l.scene
	if n < 0 {
		s.text = append(s.text, '-')
		n = -n
	}
	if n >= 1000 {
		l.number(n / 1000)
		s.text = append(s.text, ',')
		for d := 100; d > 0; d /= 10 {
			s.text = append(s.text, byte('0'+n/d%10))
		}
		return l
	}
	s.text = strconv.AppendInt(s.text, int64(n), 10)
	return l
}

// compact adds a whole number in at most four letters: 950, 1.2k, 35k, 1.2M.
func (l label) compact(n int) label {
	if n < 1000 {
		return l.number(n)
	}
	v, unit := float64(n)/1000, "k"
	if v >= 999.5 {
		v, unit = v/1000, "M"
	}
	digits := 0
	if v < 9.95 {
		digits = 1
	}
	return l.fixed(v, digits).and(unit)
}

// bytes adds a number of bytes: 950 B, 22.9 kB, 1.7 MB.
func (l label) bytes(n int) label {
	v := float64(n)
	for _, unit := range [...]string{" B", " kB", " MB", " GB"} {
		if v < 999.5 || unit == " GB" {
			digits := 0
			if v < 99.5 && unit != " B" {
				digits = 1
			}
			return l.fixed(v, digits).and(unit)
		}
		v /= 1000
	}
	return l
}

// fixed adds a number with some digits behind the point.
func (l label) fixed(v float64, digits int) label {
	l.scene.text = strconv.AppendFloat(l.scene.text, v, 'f', digits, 64)
	return l
}

// width is how wide the text is.
func (l label) width(size float64, bold bool) float64 {
	return l.scene.metrics.Width(l.scene.text[l.from:], size, bold)
}

// drop takes the text back.
func (l label) drop() { l.scene.text = l.scene.text[:l.from] }

// put ends the text and adds it to the scene, if it fits into most (0: any
// width), and returns the width that it takes, 0 if it does not fit.
func (l label) put(at Point, size float64, bold bool, align Align, most float64, c color.NRGBA) float64 {
	s := l.scene
	w := l.width(size, bold)
	if len(s.text) == l.from || most != 0 && w > most {
		l.drop()
		return 0
	}
	x := at.X
	switch align {
	case Middle:
		x -= w / 2
	case End:
		x -= w
	}
	s.Items = append(s.Items, Item{Shape: Text, Bold: bold, X: float32(x), Y: float32(at.Y), W: float32(w), Size: float32(size), from: int32(l.from), to: int32(len(s.text)), Colour: c})
	return w
}

// ellipsis shortens the text until it fits into most.
func (l label) ellipsis(size float64, bold bool, most float64) label {
	s := l.scene
	if l.width(size, bold) <= most {
		return l
	}
	for len(s.text) > l.from {
		s.text = s.text[:len(s.text)-1]
		for n := len(s.text); n > l.from && s.text[n-1]&0xc0 == 0x80; n-- { // within a letter
			s.text = s.text[:n-1]
		}
		n := len(s.text)
		s.text = append(s.text, "…"...)
		if l.width(size, bold) <= most {
			return l
		}
		s.text = s.text[:n]
	}
	return l
}
