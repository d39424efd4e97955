package figure

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// SVG is the scene as a document of its own. Letters are drawn as outlines, so
// that it looks the same everywhere, whatever fonts there are.
func (s *Scene) SVG() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	s.open(&b, "", "chart")
	s.defineGlyphs(&b)
	b.WriteString(`<path d="` + pathData(corners(s.Width, s.Height), true) + `" fill="` + Paper.Light.Hex() + `"/>` + "\n")
	s.writePaths(&b, fixedColour)
	for _, t := range s.Texts {
		writeOutlines(&b, t)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// InlineSVG is the scene as an element of an HTML page. Letters are text in the
// page's own fonts, set to the width that the layout gave them; colours follow
// the page's CSS variables, whose names RGB.Variable gives. The id must be
// unique in the page.
func (s *Scene) InlineSVG(id string) []byte {
	var b bytes.Buffer
	s.open(&b, id, id)
	s.writePaths(&b, pageColour)
	for _, t := range s.Texts {
		turn := ""
		if t.Turned {
			turn = fmt.Sprintf(` transform="rotate(-90 %s %s)"`, number(t.At.X), number(t.At.Y))
		}
		weight := ""
		if t.Bold {
			weight = ` font-weight="700"`
		}
		fmt.Fprintf(&b, `<text x="%s" y="%s" font-size="%s"%s textLength="%s" lengthAdjust="spacingAndGlyphs" %s%s>%s</text>`+"\n",
			number(t.At.X), number(t.At.Y), number(t.Size), weight, number(TextWidth(t.Text, t.Size, t.Bold)),
			paint("fill", t.Ink, pageColour), turn, escape(t.Text))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// open writes the element's start, and what it says to those who cannot see.
func (s *Scene) open(b *bytes.Buffer, id, prefix string) {
	if id != "" {
		id = ` id="` + id + `"`
	}
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg"%s viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-labelledby="%s-title %s-desc" font-family="Liberation Sans, Arial, Helvetica, sans-serif">`+"\n",
		id, number(s.Width), number(s.Height), number(s.Width), number(s.Height), prefix, prefix)
	fmt.Fprintf(b, "<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>\n", prefix, escape(s.Title), prefix, escape(s.Alt))
}

// fixedColour and pageColour say how a colour is written.
func fixedColour(c RGB) string { return c.Hex() }
func pageColour(c RGB) string  { return fmt.Sprintf("var(%s, %s)", c.Variable(), c.Hex()) }

// paint is an attribute for an ink.
func paint(attribute string, i Ink, colour func(RGB) string) string {
	if i == (Ink{}) {
		return attribute + `="none"`
	}
	text := fmt.Sprintf(`%s="%s"`, attribute, colour(i.Light))
	if i.Opacity() < 1 {
		text += fmt.Sprintf(` %s-opacity="%s"`, attribute, number(i.Alpha))
	}
	return text
}

func (s *Scene) writePaths(b *bytes.Buffer, colour func(RGB) string) {
	for _, p := range s.Paths {
		if p.Radius > 0 {
			fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s" %s`, number(p.Points[0].X), number(p.Points[0].Y), number(p.Radius), paint("fill", p.Fill, colour))
		} else {
			fmt.Fprintf(b, `<path d="%s" %s`, pathData(p.Points, p.Closed), paint("fill", p.Fill, colour))
		}
		if p.Stroke != (Ink{}) {
			fmt.Fprintf(b, ` %s stroke-width="%s" stroke-linejoin="round"`, paint("stroke", p.Stroke, colour), number(p.Width))
			if p.Dashed {
				b.WriteString(` stroke-dasharray="4 3"`)
			}
		}
		b.WriteString("/>\n")
	}
}

// pathData writes points as the commands of a path.
func pathData(points []Point, closed bool) string {
	var b strings.Builder
	for i, p := range points {
		command := "L"
		if i == 0 {
			command = "M"
		}
		b.WriteString(command + number(p.X) + " " + number(p.Y))
	}
	if closed {
		b.WriteByte('Z')
	}
	return b.String()
}

func corners(w, h float64) []Point { return []Point{{0, 0}, {w, 0}, {w, h}, {0, h}} }

// defineGlyphs writes each letter in use once.
func (s *Scene) defineGlyphs(b *bytes.Buffer) {
	used := map[string]string{}
	var names []string
	for _, t := range s.Texts {
		for _, r := range t.Text {
			name := glyphName(r, t.Bold)
			if _, ok := used[name]; !ok {
				used[name] = faceOf(t.Bold).glyph(r)
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	b.WriteString("<defs>\n")
	for _, name := range names {
		if used[name] != "" {
			fmt.Fprintf(b, "<path id=\"%s\" d=\"%s\"/>\n", name, used[name])
		}
	}
	b.WriteString("</defs>\n")
}

func glyphName(r rune, bold bool) string {
	weight := "r"
	if bold {
		weight = "b"
	}
	return fmt.Sprintf("%s%04x", weight, r)
}

// writeOutlines writes a text as its letters' outlines.
func writeOutlines(b *bytes.Buffer, t Text) {
	face := faceOf(t.Bold)
	em := float64(face.em)
	turn := ""
	if t.Turned {
		turn = " rotate(-90)"
	}
	fmt.Fprintf(b, `<g transform="translate(%s %s)%s scale(%.5f)" %s aria-label="%s">`,
		number(t.At.X), number(t.At.Y), turn, t.Size/em, paint("fill", t.Ink, fixedColour), escape(t.Text))
	at := 0.0
	for _, r := range t.Text {
		if face.glyph(r) != "" {
			fmt.Fprintf(b, `<use href="#%s" x="%s"/>`, glyphName(r, t.Bold), number(at))
		}
		at += face.width(string(r)) * em
	}
	b.WriteString("</g>\n")
}

func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic("figure: " + err.Error()) // a strings.Builder takes everything
	}
	return b.String()
}
