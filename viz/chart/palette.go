package chart

import (
	"hash/fnv"

	"protosim/scenarios"
	"protosim/viz/figure"
)

// colours of a strategy: for areas and lines, and for text, which needs more
// contrast. Areas are the palette of Okabe and Ito, whose colours differ for
// people with any kind of colour vision.
type colours struct{ area, text figure.Ink }

func paired(area, text, dark figure.RGB) colours {
	return colours{figure.Ink{Light: area, Dark: dark}, figure.Ink{Light: text, Dark: dark}}
}

// palette gives each strategy the same colour in every picture.
var palette = map[scenarios.Strategy]colours{
	"http1":       paired(0xd55e00, 0xb04e00, 0xf08a4b), // vermilion
	"http1-close": paired(0xe69f00, 0x8a5f00, 0xf0b429), // orange
	"http2":       paired(0x0072b2, 0x0067a1, 0x58a9e0), // blue
	"websocket":   paired(0x009e73, 0x007a59, 0x35c79c), // bluish green
	"hybrid":      paired(0x56b4e9, 0x1a6f9e, 0x8fd0f5), // sky blue
	"poll":        paired(0xf0e442, 0x6f6800, 0xf0e44a), // yellow
	"longpoll":    paired(0xcc79a7, 0x9c3f74, 0xe3a3c6), // reddish purple
	"sse":         paired(0x000000, 0x000001, 0xd5dae0), // black
}

// others are for strategies of later versions.
var others = []colours{
	paired(0x7f7f7f, 0x5f5f5f, 0xa8a8a8),
	paired(0x882255, 0x882256, 0xd07aa3),
	paired(0x44aa99, 0x2a7468, 0x7fd1c3),
	paired(0x999933, 0x696916, 0xc9c96a),
}

func coloursOf(s scenarios.Strategy) colours {
	if c, ok := palette[s]; ok {
		return c
	}
	h := fnv.New32a()
	h.Write([]byte(s))
	return others[int(h.Sum32()%uint32(len(others)))]
}

// AreaInk is a strategy's colour for areas and lines.
func AreaInk(s scenarios.Strategy) figure.Ink { return coloursOf(s).area }

// TextInk is a strategy's colour for text.
func TextInk(s scenarios.Strategy) figure.Ink { return coloursOf(s).text }

// failedInk marks what went wrong.
var failedInk = figure.Ink{Light: 0xa40e26, Dark: 0xff7b72}

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
