package palette

import "hash/fnv"

// colours of a strategy: for areas and lines, and for text, which needs more
// contrast. Areas are the palette of Okabe and Ito, whose colours differ for
// people with any kind of colour vision; its light ones are darkened to the
// contrast of 3 to 1 with paper that a line needs (WCAG 2.2, 1.4.11).
type colours struct{ area, text Ink }

func paired(area, text, dark RGB) colours {
	return colours{Ink{Light: area, Dark: dark}, Ink{Light: text, Dark: dark}}
}

// strategies gives each strategy the same colour in every picture.
var strategies = map[string]colours{
	"http1":       paired(0xd55e00, 0xb04e00, 0xf08a4b), // vermilion
	"http1-close": paired(0xc18200, 0x8a5f00, 0xf0b429), // orange
	"http2":       paired(0x0072b2, 0x0067a1, 0x58a9e0), // blue
	"websocket":   paired(0x009e73, 0x007a59, 0x35c79c), // bluish green
	"hybrid":      paired(0x2f97cf, 0x1a6f9e, 0x8fd0f5), // sky blue
	"poll":        paired(0xa39600, 0x6f6800, 0xf0e44a), // yellow
	"longpoll":    paired(0xcc79a7, 0x9c3f74, 0xe3a3c6), // reddish purple
	"sse":         paired(0x000000, 0x000001, 0xd5dae0), // black
	"fallback":    paired(0x882255, 0x882256, 0xd07aa3), // wine
}

// others are for strategies of later versions.
var others = []colours{
	paired(0x7f7f7f, 0x5f5f5f, 0xa8a8a8),
	paired(0x3a9e8d, 0x2a7468, 0x7fd1c3),
	paired(0x999933, 0x696916, 0xc9c96a),
}

func coloursOf(strategy string) colours {
	if c, ok := strategies[strategy]; ok {
		return c
	}
	h := fnv.New32a()
	h.Write([]byte(strategy))
	return others[int(h.Sum32()%uint32(len(others)))]
}

// Area is a strategy's colour for areas and lines.
func Area(strategy string) Ink { return coloursOf(strategy).area }

// Text is a strategy's colour for text.
func Text(strategy string) Ink { return coloursOf(strategy).text }
