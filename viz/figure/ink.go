package figure

import "protosim/viz/palette"

// Ink is a colour on light paper and its counterpart on dark.
type Ink = palette.Ink

// RGB is a colour as 0xRRGGBB.
type RGB = palette.RGB

// The inks of everything that is not data.
var (
	Strong = palette.Strong
	Muted  = palette.Muted
	Faint  = palette.Faint
	Edge   = palette.Edge
	Paper  = palette.Paper
)
