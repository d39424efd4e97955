package chart

import (
	"protosim/scenarios"
	"protosim/viz/figure"
	"protosim/viz/palette"
)

// AreaInk is a strategy's colour for areas and lines.
func AreaInk(s scenarios.Strategy) figure.Ink { return palette.Area(string(s)) }

// TextInk is a strategy's colour for text.
func TextInk(s scenarios.Strategy) figure.Ink { return palette.Text(string(s)) }

// failedInk marks what went wrong.
var failedInk = palette.Failed

// onArea is the ink for text on an area in a colour.
func onArea(area figure.Ink) figure.Ink {
	c := area.Light
	brightness := 299*(c>>16&255) + 587*(c>>8&255) + 114*(c&255)
	if area.Alpha > 0 && area.Alpha < .6 {
		return figure.Strong
	}
	if brightness > 120_000 {
		return figure.Ink{Light: 0x1f2328, Dark: 0x1f2328}
	}
	return figure.Ink{Light: 0xffffff, Dark: 0x0d1117}
}
