//go:build js && wasm

package main

import (
	"fmt"
	"image"
	"math"
	"syscall/js"
	"unicode/utf8"

	"github.com/hajimehoshi/ebiten/v2"

	"protosim/viz/stage"
)

// atlas is the one picture that holds all sprites: shapes, drawn when they are
// first wanted, and letters, which the browser draws in its own font: no font
// needs to be loaded, and texts look like those of the page.
type atlas struct {
	scale      float64
	image      *ebiten.Image
	generation int

	x, y, row int // where there is space
	shapes    map[shapeKey]sprite
	faces     map[faceKey]*face
	context   js.Value // of a canvas for letters
	bytes     []byte
}

const atlasSide, gap, letterSide = 1024, 2, 96

type sprite struct{ x, y, w, h int }

// shapeKey tells shapes apart, their sizes in quarters of a pixel.
type shapeKey struct {
	shape     stage.Shape
	r, stroke int
}

const profileShape, whiteShape = stage.Shape(100), stage.Shape(101)

type faceKey struct {
	size float64
	bold bool
}

// face is a size and weight of the browser's font.
type face struct {
	atlas *atlas
	css   string
	above int // pixels from a letter's top to the base line
	high  int
	ascii [utf8.RuneSelf]glyph
	more  map[rune]glyph
}

type glyph struct {
	sprite
	left    int
	advance float64 // device pixels
	known   bool
}

func newAtlas(scale float64) *atlas {
	canvas := js.Global().Get("document").Call("createElement", "canvas")
	canvas.Set("width", letterSide)
	canvas.Set("height", letterSide)
	options := js.Global().Get("Object").New()
	options.Set("willReadFrequently", true)
	a := &atlas{image: ebiten.NewImage(atlasSide, atlasSide), context: canvas.Call("getContext", "2d", options)}
	a.rescale(scale)
	return a
}

// rescale begins the atlas anew, for another number of pixels to a CSS pixel.
func (a *atlas) rescale(scale float64) {
	a.scale = scale
	a.generation++
	a.x, a.y, a.row = gap, gap, 0
	a.shapes, a.faces = map[shapeKey]sprite{}, map[faceKey]*face{}
	a.image.Clear()
}

// add puts a picture of white with these opacities into the atlas.
func (a *atlas) add(w, h int, opacity []byte) sprite {
	if a.x+w+gap > atlasSide {
		a.x, a.y, a.row = gap, a.y+a.row+gap, 0
	}
	if a.y+h+gap > atlasSide {
		a.rescale(a.scale)
	}
	s := sprite{a.x, a.y, w, h}
	a.x += w + gap
	a.row = max(a.row, h)
	pixels := make([]byte, 4*w*h)
	for i, v := range opacity {
		pixels[4*i], pixels[4*i+1], pixels[4*i+2], pixels[4*i+3] = v, v, v, v
	}
	a.image.SubImage(image.Rect(s.x, s.y, s.x+w, s.y+h)).(*ebiten.Image).WritePixels(pixels)
	return s
}

func quarters(v float32) int { return int(v*4 + .5) }

func (a *atlas) sprite(key shapeKey, w, h int, covers func(x, y float64) bool) sprite {
	if s, ok := a.shapes[key]; ok {
		return s
	}
	const fine = 6
	opacity := make([]byte, w*h)
	for i := range opacity {
		n := 0
		for k := range fine * fine {
			x := float64(i%w) + (float64(k%fine)+.5)/fine - float64(w)/2
			y := float64(i/w) + (float64(k/fine)+.5)/fine - float64(h)/2
			if covers(x, y) {
				n++
			}
		}
		opacity[i] = byte(n * 255 / (fine * fine))
	}
	s := a.add(w, h, opacity)
	a.shapes[key] = s
	return s
}

func (a *atlas) white() sprite {
	return a.sprite(shapeKey{shape: whiteShape}, 4, 4, func(float64, float64) bool { return true })
}

// profile is a line of some thickness, seen across.
func (a *atlas) profile(stroke float32) sprite {
	key := shapeKey{profileShape, 0, quarters(stroke)}
	half := float64(key.stroke) / 8
	h := 2 * int(math.Ceil(half+1))
	return a.sprite(key, 4, h, func(_, y float64) bool { return math.Abs(y) <= half })
}

// shape is a mark of the scene.
func (a *atlas) shape(shape stage.Shape, radius, thick float32) sprite {
	key := shapeKey{shape, quarters(radius), quarters(thick)}
	if s, ok := a.shapes[key]; ok {
		return s
	}
	r, stroke := float64(key.r)/4, float64(key.stroke)/4
	side := 2 * int(math.Ceil(r+1))
	return a.sprite(key, side, side, func(x, y float64) bool {
		d := math.Hypot(x, y)
		switch shape {
		case stage.Ring:
			return d <= r && d >= r-stroke
		case stage.Arcs:
			return d <= r && d >= r-stroke && math.Abs(y) < d*.93
		case stage.Cross:
			reach := r*.75 + stroke*.35
			return min(math.Abs(x-y), math.Abs(x+y)) <= stroke*.71 && max(math.Abs(x), math.Abs(y)) <= reach
		case stage.Diamond:
			return math.Abs(x)+math.Abs(y) <= r
		}
		return d <= r
	})
}

const family = `system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", "DejaVu Sans", sans-serif`

func (a *atlas) face(size float64, bold bool) *face {
	key := faceKey{size, bold}
	f := a.faces[key]
	if f == nil {
		weight := 400
		if bold {
			weight = 600
		}
		pixels := size * a.scale
		f = &face{
			atlas: a, css: fmt.Sprintf("%d %.2fpx %s", weight, pixels, family),
			above: int(math.Ceil(pixels * 1.1)), high: int(math.Ceil(pixels * 1.5)), more: map[rune]glyph{},
		}
		a.faces[key] = f
	}
	return f
}

// glyph is a letter.
func (f *face) glyph(r rune) glyph {
	if r < utf8.RuneSelf {
		if g := f.ascii[r]; g.known {
			return g
		}
	} else if g, ok := f.more[r]; ok {
		return g
	}
	generation := f.atlas.generation
	g := f.draw(r)
	if generation != f.atlas.generation { // the atlas is begun anew, without this face
		return g
	}
	if r < utf8.RuneSelf {
		f.ascii[r] = g
	} else {
		f.more[r] = g
	}
	return g
}

// draw lets the browser draw a letter.
func (f *face) draw(r rune) glyph {
	a := f.atlas
	c := a.context
	c.Set("font", f.css)
	c.Set("fillStyle", "#fff")
	c.Set("textBaseline", "alphabetic")
	text := string(r)
	advance := c.Call("measureText", text).Get("width").Float()
	if a.scale < 1.5 { // whole pixels, or letters would stand unevenly
		advance = math.Round(advance)
	}
	g := glyph{advance: advance, known: true}
	if r == ' ' {
		return g
	}
	const left = 2
	w, h := min(int(math.Ceil(advance))+2*left, letterSide), min(f.high, letterSide)
	c.Call("clearRect", 0, 0, letterSide, letterSide)
	c.Call("fillText", text, left, f.above)
	data := c.Call("getImageData", 0, 0, w, h).Get("data")
	a.bytes = append(a.bytes[:0], make([]byte, 4*w*h)...)
	js.CopyBytesToGo(a.bytes, data)
	opacity := make([]byte, w*h)
	for i := range opacity {
		opacity[i] = a.bytes[4*i+3]
	}
	g.sprite, g.left = a.add(w, h, opacity), -left
	return g
}

// Width is the width of a text, in CSS pixels.
func (a *atlas) Width(text []byte, size float64, bold bool) float64 {
	f := a.face(size, bold)
	w := 0.0
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		w += f.glyph(r).advance
	}
	return w / a.scale
}
