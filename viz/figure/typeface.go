package figure

import (
	"slices"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// typeface is one weight of Liberation Sans, which is part of the program: no
// font of the system is used.
type typeface struct {
	font *sfnt.Font
	em   fixed.Int26_6 // units of the font to an em

	mu     sync.Mutex
	buffer sfnt.Buffer
	widths map[rune]float64 // in em
	glyphs map[rune]string  // SVG paths in units of the font
}

var faces = sync.OnceValue(func() (weights [2]*typeface) {
	for i, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		parsed, err := sfnt.Parse(ttf)
		if err != nil {
			panic("figure: " + err.Error()) // it is part of the program
		}
		weights[i] = &typeface{
			font:   parsed,
			em:     fixed.Int26_6(parsed.UnitsPerEm()),
			widths: map[rune]float64{},
			glyphs: map[rune]string{},
		}
	}
	return weights
})

func faceOf(bold bool) *typeface {
	if bold {
		return faces()[1]
	}
	return faces()[0]
}

// ascent and descent are how far letters reach above and below the line, in em.
const ascent, descent = .74, .21

// width is the width of a text in em.
func (t *typeface) width(text string) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := 0.0
	for _, r := range text {
		sum += t.advance(r)
	}
	return sum
}

func (t *typeface) advance(r rune) float64 {
	if w, ok := t.widths[r]; ok {
		return w
	}
	w := 0.0
	if index, err := t.font.GlyphIndex(&t.buffer, r); err == nil {
		// At one pixel per unit of the font everything is a whole number.
		if advance, err := t.font.GlyphAdvance(&t.buffer, index, t.em<<6, font.HintingNone); err == nil {
			w = float64(advance>>6) / float64(t.em)
		}
	}
	t.widths[r] = w
	return w
}

// glyph is the outline of a letter as an SVG path, y downwards.
func (t *typeface) glyph(r rune) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if path, ok := t.glyphs[r]; ok {
		return path
	}
	var b strings.Builder
	if index, err := t.font.GlyphIndex(&t.buffer, r); err == nil {
		segments, _ := t.font.LoadGlyph(&t.buffer, index, t.em<<6, nil)
		for _, s := range segments {
			points := 1
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				if b.Len() > 0 {
					b.WriteByte('Z')
				}
				b.WriteByte('M')
			case sfnt.SegmentOpLineTo:
				b.WriteByte('L')
			case sfnt.SegmentOpQuadTo:
				b.WriteByte('Q')
				points = 2
			case sfnt.SegmentOpCubeTo:
				b.WriteByte('C')
				points = 3
			}
			for i := range points {
				if i > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(number(float64(s.Args[i].X) / 64))
				b.WriteByte(' ')
				b.WriteString(number(float64(s.Args[i].Y) / 64))
			}
		}
		if b.Len() > 0 {
			b.WriteByte('Z')
		}
	}
	t.glyphs[r] = b.String()
	return t.glyphs[r]
}

// TextWidth is the width of a text in points.
func TextWidth(text string, size float64, bold bool) float64 {
	return faceOf(bold).width(text) * size
}

// wrap breaks a text into lines of at most the given width.
func wrap(text string, size float64, bold bool, width float64) []string {
	var lines []string
	line := ""
	for _, word := range words(text) {
		for TextWidth(word, size, bold) > width { // it has to be broken
			end := 1
			for i := range word {
				if i > 0 && TextWidth(word[:i], size, bold) <= width {
					end = i
				}
			}
			if line != "" {
				lines = append(lines, line)
				line = ""
			}
			lines, word = append(lines, word[:end]), word[end:]
		}
		longer := strings.TrimLeft(line+" "+word, " ")
		if line != "" && TextWidth(longer, size, bold) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// words splits a text where it may be broken: not between a number and its unit,
// nor around ±.
func words(text string) []string {
	var words []string
	for _, word := range strings.Fields(text) {
		n := len(words)
		if n > 0 && (word == "±" || strings.HasSuffix(words[n-1], "±")) {
			words[n-1] += " " + word
			continue
		}
		if n > 0 && slices.Contains(units, strings.TrimRight(word, ".,;:")) && strings.ContainsAny(words[n-1][len(words[n-1])-1:], "0123456789") {
			words[n-1] += " " + word
			continue
		}
		words = append(words, word)
	}
	return words
}

var units = []string{"%", "µs", "ms", "s", "min", "h", "d", "B", "kB", "MB", "GB", "times"}

// clip shortens a text to the given width, with an ellipsis.
func clip(text string, size float64, bold bool, width float64) string {
	if TextWidth(text, size, bold) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && TextWidth(string(runes)+"…", size, bold) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}
