// Package palette has the colours of all pictures: charts, report and stage. It
// imports nothing but the standard library, so that the stage in the browser
// does not carry the charts' libraries.
package palette

import (
	"fmt"
	"image/color"
)

// Ink is a colour on light paper and its counterpart on dark. The zero value
// stands for a default that depends on what is drawn.
type Ink struct {
	Light, Dark RGB
	// Alpha is the opacity, 0 to 1; 0 counts as opaque.
	Alpha float64
}

// RGB is a colour as 0xRRGGBB.
type RGB uint32

// The inks of everything that is not data.
var (
	Strong = Ink{Light: 0x1f2328, Dark: 0xe6edf3}
	Muted  = Ink{Light: 0x57606a, Dark: 0x9aa4af}
	Faint  = Ink{Light: 0xe4e7eb, Dark: 0x2b3138}
	Edge   = Ink{Light: 0x8c959f, Dark: 0x6e7681}
	Paper  = Ink{Light: 0xffffff, Dark: 0x0d1117}
	// Failed marks what went wrong.
	Failed = Ink{Light: 0xa40e26, Dark: 0xff7b72}
)

// Tint is the same ink with an opacity. With none it cannot be seen.
func (i Ink) Tint(alpha float64) Ink {
	const unseen = 1. / 1024 // not 0, which counts as opaque
	i.Alpha = max(alpha, unseen)
	return i
}

// Or is the ink, or another if it is zero.
func (i Ink) Or(other Ink) Ink {
	if i == (Ink{}) {
		return other
	}
	return i
}

// Opacity is Alpha with its default.
func (i Ink) Opacity() float64 {
	if i.Alpha == 0 {
		return 1
	}
	return i.Alpha
}

// OnLight is the colour on light paper.
func (i Ink) OnLight() color.NRGBA { return i.Light.With(i.Opacity()) }

// OnDark is the colour on dark paper.
func (i Ink) OnDark() color.NRGBA { return i.Dark.With(i.Opacity()) }

// With is the colour with an opacity.
func (c RGB) With(alpha float64) color.NRGBA {
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: uint8(alpha*255 + .5)}
}

// Hex is the colour as CSS writes it.
func (c RGB) Hex() string { return fmt.Sprintf("#%06x", uint32(c)) }

// Variable is the name of the CSS variable that holds the colour in a page.
func (c RGB) Variable() string { return fmt.Sprintf("--c%06x", uint32(c)) }
