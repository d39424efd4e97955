//go:build js && wasm

package main

import (
	"image"
	"image/color"
	"math"
	"unicode/utf8"

	"github.com/hajimehoshi/ebiten/v2"

	"protosim/viz/stage"
)

// brush paints a scene with as few draws as possible: everything but the fields
// is quadrilaterals of one atlas.
type brush struct {
	atlas    *atlas
	target   *ebiten.Image
	vertices []ebiten.Vertex
	indices  []uint32
	fields   []field
}

// field is a picture of many small squares.
type field struct {
	image  *ebiten.Image
	pixels []byte
}

func newBrush(a *atlas) *brush { return &brush{atlas: a} }

func (b *brush) paint(screen *ebiten.Image, s *stage.Scene) {
	b.target = screen
	screen.Fill(s.Paper)
	for {
		generation := b.atlas.generation
		b.vertices = b.vertices[:0]
		for i := range s.Items {
			b.item(s, &s.Items[i])
		}
		if generation == b.atlas.generation {
			break
		}
		// The atlas was full and has been begun anew: what came before refers to
		// what is no longer there.
		screen.Fill(s.Paper)
	}
	b.flush()
}

func (b *brush) flush() {
	if len(b.vertices) == 0 {
		return
	}
	for n := len(b.indices) / 6; n < len(b.vertices)/4; n++ {
		v := uint32(4 * n)
		b.indices = append(b.indices, v, v+1, v+2, v+1, v+2, v+3)
	}
	b.target.DrawTriangles32(b.vertices, b.indices[:len(b.vertices)/4*6], b.atlas.image, &ebiten.DrawTrianglesOptions{Filter: ebiten.FilterLinear})
	b.vertices = b.vertices[:0]
}

// quad adds a quadrilateral by its corners, upper left, upper right, lower left
// and lower right, showing a rectangle of the atlas.
func (b *brush) quad(x0, y0, x1, y1, x2, y2, x3, y3 float32, u0, v0, u1, v1 float32, c color.NRGBA) {
	red, green, blue, alpha := float32(c.R)/255, float32(c.G)/255, float32(c.B)/255, float32(c.A)/255
	b.vertices = append(b.vertices,
		ebiten.Vertex{DstX: x0, DstY: y0, SrcX: u0, SrcY: v0, ColorR: red, ColorG: green, ColorB: blue, ColorA: alpha},
		ebiten.Vertex{DstX: x1, DstY: y1, SrcX: u1, SrcY: v0, ColorR: red, ColorG: green, ColorB: blue, ColorA: alpha},
		ebiten.Vertex{DstX: x2, DstY: y2, SrcX: u0, SrcY: v1, ColorR: red, ColorG: green, ColorB: blue, ColorA: alpha},
		ebiten.Vertex{DstX: x3, DstY: y3, SrcX: u1, SrcY: v1, ColorR: red, ColorG: green, ColorB: blue, ColorA: alpha},
	)
}

func (b *brush) rect(x, y, w, h, u0, v0, u1, v1 float32, c color.NRGBA) {
	b.quad(x, y, x+w, y, x, y+h, x+w, y+h, u0, v0, u1, v1, c)
}

// plain adds a rectangle of one colour.
func (b *brush) plain(x, y, w, h float32, c color.NRGBA) {
	if w > 0 && h > 0 {
		s := b.atlas.white()
		m := float32(s.x) + 2
		n := float32(s.y) + 2
		b.rect(x, y, w, h, m, n, m, n, c)
	}
}

// sprite adds a sprite around a point.
func (b *brush) sprite(s sprite, x, y float32, c color.NRGBA) {
	w, h := float32(s.w), float32(s.h)
	b.rect(x-w/2, y-h/2, w, h, float32(s.x), float32(s.y), float32(s.x)+w, float32(s.y)+h, c)
}

func (b *brush) item(s *stage.Scene, i *stage.Item) {
	k := float32(b.atlas.scale)
	switch i.Shape {
	case stage.Box, stage.Frame:
		x0, y0 := round(i.X*k), round(i.Y*k)
		x1, y1 := round((i.X+i.W)*k), round((i.Y+i.H)*k)
		if i.Shape == stage.Box {
			b.box(x0, y0, max(x1-x0, 1), max(y1-y0, 1), i.R*k, i.Colour)
		} else {
			b.frame(x0, y0, x1-x0, y1-y0, i.R*k, max(i.Stroke*k, 1), i.Colour)
		}
	case stage.Disc, stage.Ring, stage.Arcs, stage.Cross, stage.Diamond:
		b.sprite(b.atlas.shape(i.Shape, i.R*k, i.Stroke*k), i.X*k, i.Y*k, i.Colour)
	case stage.Line:
		b.line(i.X*k, i.Y*k, i.W*k, i.H*k, i.Stroke*k, i.Colour)
	case stage.Text:
		b.text(s.TextOf(i), i.X*k, i.Y*k, float64(i.Size), i.Bold, i.Colour)
	case stage.Grid:
		b.flush()
		b.grid(int(i.Field), &s.Fields[i.Field])
	}
}

func round(v float32) float32 { return float32(math.Round(float64(v))) }

// cornerOf is a radius in whole pixels of which two fit into either side.
func cornerOf(r, w, h float32) float32 { return float32(int(min(r+.5, w/2, h/2))) }

// box draws a rectangle with the quarters of a disc as its corners.
func (b *brush) box(x, y, w, h, r float32, c color.NRGBA) {
	r = cornerOf(r, w, h)
	if r < 1.5 {
		b.plain(x, y, w, h, c)
		return
	}
	s := b.atlas.shape(stage.Disc, r, 0)
	b.corners(s, x, y, w, h, r, c)
	b.plain(x+r, y, w-2*r, r, c)
	b.plain(x, y+r, w, h-2*r, c)
	b.plain(x+r, y+h-r, w-2*r, r, c)
}

// frame draws the outline of a rectangle with the quarters of a ring as its
// corners.
func (b *brush) frame(x, y, w, h, r, stroke float32, c color.NRGBA) {
	stroke = max(round(stroke), 1)
	r = cornerOf(r, w, h)
	if r < 1.5 {
		r = 0
		b.plain(x, y, w, stroke, c)
		b.plain(x, y+h-stroke, w, stroke, c)
		b.plain(x, y+stroke, stroke, h-2*stroke, c)
		b.plain(x+w-stroke, y+stroke, stroke, h-2*stroke, c)
		return
	}
	b.corners(b.atlas.shape(stage.Ring, r, stroke), x, y, w, h, r, c)
	b.plain(x+r, y, w-2*r, stroke, c)
	b.plain(x+r, y+h-stroke, w-2*r, stroke, c)
	b.plain(x, y+r, stroke, h-2*r, c)
	b.plain(x+w-stroke, y+r, stroke, h-2*r, c)
}

// corners draws the quarters of a round sprite, whose radius is a whole number,
// into the corners of a rectangle.
func (b *brush) corners(s sprite, x, y, w, h, r float32, c color.NRGBA) {
	mx, my := float32(s.x)+float32(s.w)/2, float32(s.y)+float32(s.h)/2
	b.rect(x, y, r, r, mx-r, my-r, mx, my, c)
	b.rect(x+w-r, y, r, r, mx, my-r, mx+r, my, c)
	b.rect(x, y+h-r, r, r, mx-r, my, mx, my+r, c)
	b.rect(x+w-r, y+h-r, r, r, mx, my, mx+r, my+r, c)
}

func (b *brush) line(x0, y0, x1, y1, stroke float32, c color.NRGBA) {
	dx, dy := x1-x0, y1-y0
	length := float32(math.Hypot(float64(dx), float64(dy)))
	if length == 0 {
		return
	}
	if stroke < 1 { // thinner than a pixel: fainter
		c.A = uint8(float32(c.A) * stroke)
		stroke = 1
	}
	s := b.atlas.profile(stroke)
	half := float32(s.h) / 2
	nx, ny := -dy/length*half, dx/length*half
	u := float32(s.x) + float32(s.w)/2
	b.quad(x0-nx, y0-ny, x1-nx, y1-ny, x0+nx, y0+ny, x1+nx, y1+ny, u, float32(s.y), u, float32(s.y+s.h), c)
}

func (b *brush) text(text []byte, x, y float32, size float64, bold bool, c color.NRGBA) {
	f := b.atlas.face(size, bold)
	y = round(y)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		g := f.glyph(r)
		if g.w > 0 {
			b.rect(round(x)+float32(g.left), y-float32(f.above), float32(g.w), float32(g.h),
				float32(g.x), float32(g.y), float32(g.x+g.w), float32(g.y+g.h), c)
		}
		x += float32(g.advance)
	}
}

// grid draws a field as one picture, some pixels to a cell.
func (b *brush) grid(number int, f *stage.Field) {
	if len(f.Cells) == 0 {
		return
	}
	for len(b.fields) <= number {
		b.fields = append(b.fields, field{})
	}
	p := &b.fields[number]
	pitch := f.Pitch * b.atlas.scale
	cell := max(int(math.Ceil(pitch)), 2)
	side := max(min(int(math.Round(float64(cell)*f.Side/f.Pitch)), cell), 1)
	rows := (len(f.Cells) + f.Columns - 1) / f.Columns
	w, h := f.Columns*cell, rows*cell
	if p.image == nil || p.image.Bounds().Dx() != w || p.image.Bounds().Dy() != h {
		if p.image != nil {
			p.image.Deallocate()
		}
		p.image = ebiten.NewImageWithOptions(image.Rect(0, 0, w, h), &ebiten.NewImageOptions{Unmanaged: true})
		p.pixels = make([]byte, 4*w*h)
	}
	clear(p.pixels)
	for i, c := range f.Cells {
		a := uint32(c.A)
		red, green, blue := byte(uint32(c.R)*a/255), byte(uint32(c.G)*a/255), byte(uint32(c.B)*a/255)
		at := 4 * (i/f.Columns*cell*w + i%f.Columns*cell)
		for range side {
			for k := at; k < at+4*side; k += 4 {
				p.pixels[k], p.pixels[k+1], p.pixels[k+2], p.pixels[k+3] = red, green, blue, c.A
			}
			at += 4 * w
		}
	}
	p.image.WritePixels(p.pixels)
	o := &ebiten.DrawImageOptions{Filter: ebiten.FilterLinear}
	o.GeoM.Scale(pitch/float64(cell), pitch/float64(cell))
	o.GeoM.Translate(math.Round(f.X*b.atlas.scale), math.Round(f.Y*b.atlas.scale))
	b.target.DrawImage(p.image, o)
}
