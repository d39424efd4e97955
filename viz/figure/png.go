package figure

import (
	"bytes"
	"image"
	"image/png"
	"math"

	"golang.org/x/image/font"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// pngScale is how many pixels a point has: 1920 x 1080 in all.
const pngScale = 2

// PNG is the scene as a picture of 1920 x 1080 pixels on light paper.
func (s *Scene) PNG() ([]byte, error) {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, s.Image(pngScale)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Image is the scene as a picture on light paper, with scale pixels to a point.
func (s *Scene) Image(scale float64) image.Image {
	c := vgimg.NewWith(
		vgimg.UseWH(vg.Length(s.Width), vg.Length(s.Height)),
		vgimg.UseDPI(int(72*scale)),
		vgimg.UseBackgroundColor(Paper.OnLight()),
	)
	s.paint(c)
	return c.Image()
}

var fonts = plotfont.NewCache(liberation.Collection())

// paint draws the scene on a canvas of gonum's, whose y goes upwards.
func (s *Scene) paint(c vg.Canvas) {
	for _, p := range s.Paths {
		path := s.vector(p)
		if p.Fill != (Ink{}) {
			c.SetColor(p.Fill.OnLight())
			c.Fill(path)
		}
		if p.Stroke != (Ink{}) {
			c.SetColor(p.Stroke.OnLight())
			c.SetLineWidth(vg.Length(p.Width))
			c.SetLineDash(nil, 0)
			if p.Dashed {
				c.SetLineDash([]vg.Length{4, 3}, 0)
			}
			c.Stroke(path)
		}
	}
	for _, t := range s.Texts {
		f := plotfont.Font{Typeface: "Liberation", Variant: "Sans"}
		if t.Bold {
			f.Weight = font.WeightBold
		}
		face := fonts.Lookup(f, vg.Length(t.Size))
		c.SetColor(t.Ink.OnLight())
		at := vg.Point{X: vg.Length(t.At.X), Y: vg.Length(s.Height - t.At.Y)}
		if !t.Turned {
			c.FillString(face, at, t.Text)
			continue
		}
		c.Push()
		c.Translate(at)
		c.Rotate(math.Pi / 2)
		c.FillString(face, vg.Point{}, t.Text)
		c.Pop()
	}
}

// vector is a path as gonum has it.
func (s *Scene) vector(p Path) vg.Path {
	var path vg.Path
	if p.Radius > 0 {
		center := vg.Point{X: vg.Length(p.Points[0].X), Y: vg.Length(s.Height - p.Points[0].Y)}
		path.Move(vg.Point{X: center.X + vg.Length(p.Radius), Y: center.Y})
		path.Arc(center, vg.Length(p.Radius), 0, 2*math.Pi)
		path.Close()
		return path
	}
	for i, at := range p.Points {
		to := vg.Point{X: vg.Length(at.X), Y: vg.Length(s.Height - at.Y)}
		if i == 0 {
			path.Move(to)
		} else {
			path.Line(to)
		}
	}
	if p.Closed {
		path.Close()
	}
	return path
}
