// Package picture paints a scene of the stage into an image, without a browser
// or a display: for tests and for pictures in documents.
package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"protosim/viz/stage"
)

// Painter paints scenes, with a number of pixels to a CSS pixel.
type Painter struct {
	Scale float64

	fonts [2]*opentype.Font
	faces map[faceKey]font.Face
	image *image.RGBA
	pen   *vector.Rasterizer
	// origin of the pen, which has the size of one shape only.
	origin image.Point
}

type faceKey struct {
	size float64
	bold bool
}

var parsed = sync.OnceValue(func() (fonts [2]*opentype.Font) {
	for i, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		f, err := opentype.Parse(ttf)
		if err != nil {
			panic("picture: " + err.Error()) // it is part of the program
		}
		fonts[i] = f
	}
	return fonts
})

// New returns a painter.
func New(scale float64) *Painter {
	return &Painter{Scale: scale, fonts: parsed(), faces: map[faceKey]font.Face{}}
}

func (p *Painter) face(size float64, bold bool) font.Face {
	key := faceKey{size, bold}
	f := p.faces[key]
	if f == nil {
		weight := 0
		if bold {
			weight = 1
		}
		var err error
		if f, err = opentype.NewFace(p.fonts[weight], &opentype.FaceOptions{Size: size * p.Scale, DPI: 72}); err != nil {
			panic("picture: " + err.Error())
		}
		p.faces[key] = f
	}
	return f
}

// Width is the width of a text in Liberation Sans.
func (p *Painter) Width(text []byte, size float64, bold bool) float64 {
	return float64(font.MeasureBytes(p.face(size, bold), text)) / 64 / p.Scale
}

// Paint returns the picture of a scene.
func (p *Painter) Paint(s *stage.Scene) *image.RGBA {
	w, h := int(math.Ceil(s.Width*p.Scale)), int(math.Ceil(s.Height*p.Scale))
	p.image = image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(p.image, p.image.Bounds(), image.NewUniform(s.Paper), image.Point{}, draw.Src)
	for i := range s.Items {
		p.item(s, &s.Items[i])
	}
	return p.image
}

func (p *Painter) item(s *stage.Scene, i *stage.Item) {
	x, y, w, h, r, stroke := float64(i.X), float64(i.Y), float64(i.W), float64(i.H), float64(i.R), float64(i.Stroke)
	switch i.Shape {
	case stage.Box:
		p.begin(x, y, w, h)
		p.rounded(x, y, w, h, r, false)
		p.fill(i.Colour)
	case stage.Frame:
		p.begin(x, y, w, h)
		p.rounded(x, y, w, h, r, false)
		p.rounded(x+stroke, y+stroke, w-2*stroke, h-2*stroke, max(r-stroke, 0), true)
		p.fill(i.Colour)
	case stage.Disc:
		p.begin(x-r, y-r, 2*r, 2*r)
		p.rounded(x-r, y-r, 2*r, 2*r, r, false)
		p.fill(i.Colour)
	case stage.Ring:
		p.begin(x-r, y-r, 2*r, 2*r)
		p.rounded(x-r, y-r, 2*r, 2*r, r, false)
		p.rounded(x-r+stroke, y-r+stroke, 2*(r-stroke), 2*(r-stroke), r-stroke, true)
		p.fill(i.Colour)
	case stage.Arcs:
		p.begin(x-r, y-r, 2*r, 2*r)
		p.arc(x, y, r, stroke, math.Pi*.62, math.Pi*1.38)
		p.arc(x, y, r, stroke, -math.Pi*.38, math.Pi*.38)
		p.fill(i.Colour)
	case stage.Cross:
		p.begin(x-r-1, y-r-1, 2*r+2, 2*r+2)
		d := r * .75
		p.stroke(x-d, y-d, x+d, y+d, stroke)
		p.fill(i.Colour)
		p.begin(x-r-1, y-r-1, 2*r+2, 2*r+2)
		p.stroke(x-d, y+d, x+d, y-d, stroke)
		p.fill(i.Colour)
	case stage.Diamond:
		p.begin(x-r, y-r, 2*r, 2*r)
		p.move(x, y-r)
		p.to(x+r, y)
		p.to(x, y+r)
		p.to(x-r, y)
		p.pen.ClosePath()
		p.fill(i.Colour)
	case stage.Line:
		p.begin(min(x, w)-stroke, min(y, h)-stroke, math.Abs(w-x)+2*stroke, math.Abs(h-y)+2*stroke)
		p.stroke(x, y, w, h, stroke)
		p.fill(i.Colour)
	case stage.Text:
		d := font.Drawer{
			Dst: p.image, Src: image.NewUniform(i.Colour), Face: p.face(float64(i.Size), i.Bold),
			Dot: fixed.Point26_6{X: fixed.Int26_6(x * p.Scale * 64), Y: fixed.Int26_6(math.Round(y*p.Scale) * 64)},
		}
		d.DrawBytes(s.TextOf(i))
	case stage.Grid:
		f := &s.Fields[i.Field]
		for k, c := range f.Cells {
			if c.A == 0 {
				continue
			}
			x, y := f.X+float64(k%f.Columns)*f.Pitch, f.Y+float64(k/f.Columns)*f.Pitch
			p.begin(x, y, f.Side, f.Side)
			p.rounded(x, y, f.Side, f.Side, 0, false)
			p.fill(c)
		}
	}
}

func (p *Painter) begin(x, y, w, h float64) {
	p.origin = image.Pt(int(math.Floor(x*p.Scale))-1, int(math.Floor(y*p.Scale))-1)
	wide, high := int(math.Ceil(w*p.Scale))+4, int(math.Ceil(h*p.Scale))+4
	if p.pen == nil {
		p.pen = vector.NewRasterizer(wide, high)
	}
	p.pen.Reset(max(wide, 1), max(high, 1))
}

func (p *Painter) move(x, y float64) {
	p.pen.MoveTo(float32(x*p.Scale)-float32(p.origin.X), float32(y*p.Scale)-float32(p.origin.Y))
}

func (p *Painter) to(x, y float64) {
	p.pen.LineTo(float32(x*p.Scale)-float32(p.origin.X), float32(y*p.Scale)-float32(p.origin.Y))
}

func (p *Painter) curve(ax, ay, bx, by, x, y float64) {
	k, ox, oy := p.Scale, float64(p.origin.X), float64(p.origin.Y)
	p.pen.CubeTo(float32(ax*k-ox), float32(ay*k-oy), float32(bx*k-ox), float32(by*k-oy), float32(x*k-ox), float32(y*k-oy))
}

// rounded adds a rectangle with round corners, the other way round for a hole.
func (p *Painter) rounded(x, y, w, h, r float64, hole bool) {
	if w <= 0 || h <= 0 {
		return
	}
	r = min(r, w/2, h/2)
	k := r * (1 - .5522847)
	if !hole {
		p.move(x+r, y)
		p.to(x+w-r, y)
		p.curve(x+w-k, y, x+w, y+k, x+w, y+r)
		p.to(x+w, y+h-r)
		p.curve(x+w, y+h-k, x+w-k, y+h, x+w-r, y+h)
		p.to(x+r, y+h)
		p.curve(x+k, y+h, x, y+h-k, x, y+h-r)
		p.to(x, y+r)
		p.curve(x, y+k, x+k, y, x+r, y)
	} else {
		p.move(x+r, y)
		p.curve(x+k, y, x, y+k, x, y+r)
		p.to(x, y+h-r)
		p.curve(x, y+h-k, x+k, y+h, x+r, y+h)
		p.to(x+w-r, y+h)
		p.curve(x+w-k, y+h, x+w, y+h-k, x+w, y+h-r)
		p.to(x+w, y+r)
		p.curve(x+w, y+k, x+w-k, y, x+w-r, y)
		p.to(x+r, y)
	}
	p.pen.ClosePath()
}

func (p *Painter) arc(x, y, r, stroke, from, to float64) {
	const steps = 12
	for i := range steps + 1 {
		a := from + (to-from)*float64(i)/steps
		px, py := x+r*math.Cos(a), y+r*math.Sin(a)
		if i == 0 {
			p.move(px, py)
		} else {
			p.to(px, py)
		}
	}
	for i := range steps + 1 {
		a := to - (to-from)*float64(i)/steps
		p.to(x+(r-stroke)*math.Cos(a), y+(r-stroke)*math.Sin(a))
	}
	p.pen.ClosePath()
}

func (p *Painter) stroke(x0, y0, x1, y1, width float64) {
	length := math.Hypot(x1-x0, y1-y0)
	if length == 0 {
		return
	}
	dx, dy := (y1-y0)/length*width/2, -(x1-x0)/length*width/2
	p.move(x0+dx, y0+dy)
	p.to(x1+dx, y1+dy)
	p.to(x1-dx, y1-dy)
	p.to(x0-dx, y0-dy)
	p.pen.ClosePath()
}

func (p *Painter) fill(c color.NRGBA) {
	size := p.pen.Size()
	p.pen.Draw(p.image, image.Rectangle{Min: p.origin, Max: p.origin.Add(size)}, image.NewUniform(c), image.Point{})
}
