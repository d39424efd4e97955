package figure

import (
	"bytes"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
)

// PDF is the scene as a document of one page on light paper, with the letters
// in use as fonts. (gonum's own canvas for PDF has no bold type.)
func (s *Scene) PDF() ([]byte, error) {
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: s.Width, Ht: s.Height}})
	doc.SetCreationDate(time.Unix(0, 0).UTC()) // equal scenes give equal bytes
	doc.SetModificationDate(time.Unix(0, 0).UTC())
	doc.SetCatalogSort(true)
	doc.SetTitle(s.Title, true)
	doc.SetSubject(s.Alt, true)
	doc.AddUTF8FontFromBytes("sans", "", liberationsansregular.TTF)
	doc.AddUTF8FontFromBytes("sans", "B", liberationsansbold.TTF)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.AddPage()
	for _, p := range s.Paths {
		pathPDF(doc, p)
	}
	doc.SetAlpha(1, "Normal")
	for _, t := range s.Texts {
		style := ""
		if t.Bold {
			style = "B"
		}
		doc.SetFont("sans", style, t.Size)
		c := t.Ink.OnLight()
		doc.SetTextColor(int(c.R), int(c.G), int(c.B))
		if t.Turned {
			doc.TransformBegin()
			doc.TransformRotate(90, t.At.X, t.At.Y)
		}
		doc.Text(t.At.X, t.At.Y, t.Text)
		if t.Turned {
			doc.TransformEnd()
		}
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// pathPDF draws one path.
func pathPDF(doc *fpdf.Fpdf, p Path) {
	paint := ""
	ink := p.Fill
	if p.Fill != (Ink{}) {
		c := p.Fill.OnLight()
		doc.SetFillColor(int(c.R), int(c.G), int(c.B))
		paint = "F"
	}
	if p.Stroke != (Ink{}) {
		ink = p.Stroke
		c := p.Stroke.OnLight()
		doc.SetDrawColor(int(c.R), int(c.G), int(c.B))
		doc.SetLineWidth(p.Width)
		doc.SetLineJoinStyle("round")
		paint += "D"
	}
	doc.SetAlpha(ink.Opacity(), "Normal")
	if p.Radius > 0 {
		doc.Circle(p.Points[0].X, p.Points[0].Y, p.Radius, paint)
		return
	}
	doc.SetDashPattern(nil, 0)
	if p.Dashed {
		doc.SetDashPattern([]float64{4, 3}, 0)
	}
	for i, at := range p.Points {
		if i == 0 {
			doc.MoveTo(at.X, at.Y)
		} else {
			doc.LineTo(at.X, at.Y)
		}
	}
	if p.Closed {
		doc.ClosePath()
	}
	doc.DrawPath(paint)
}
