//go:build js && wasm

package main

import (
	"strconv"
	"time"

	"protosim/viz/stage"
)

// JSON by hand: encoding/json would make the viewer larger by a third of a
// megabyte for a handful of objects.

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}

func appendNumber(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', 2, 64) }

func appendMs(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, float64(d)/float64(time.Millisecond), 'f', -1, 64)
}

func appendRect(b []byte, r stage.Rect) []byte {
	for i, v := range [...]float64{r.X, r.Y, r.W, r.H} {
		b = append(b, `,"`...)
		b = append(b, "xywh"[i], '"', ':')
		b = appendNumber(b, v)
	}
	return b
}

func appendInts(b []byte, names []string, values ...int32) []byte {
	for i, name := range names {
		b = append(b, `,"`...)
		b = append(b, name...)
		b = append(b, `":`...)
		b = strconv.AppendInt(b, int64(values[i]), 10)
	}
	return b
}

func appendLines(b []byte, lines []string) []byte {
	b = append(b, '[')
	for i, line := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, line)
	}
	return append(b, ']')
}
