package push

import (
	"math/rand/v2"
	"strconv"

	"protosim/model/random"
)

// words are what events tell of: enough for a text to compress as those of real
// applications do, to a third or less.
var words = [...]string{
	"the", "user", "has", "changed", "status", "of", "order", "price", "to", "and", "message", "from", "in", "room",
	"joined", "left", "typing", "value", "temperature", "server", "region", "update", "document", "paragraph", "insert",
	"delete", "cursor", "position", "player", "moved", "score", "team", "alert", "warning", "queue", "length", "is",
	"now", "at", "about", "with", "new", "old", "open", "closed", "pending", "accepted", "rejected", "total", "average",
}

// writer makes the text of events: words, numbers and names, the same in every
// run of a seed.
type writer struct{ draw *rand.Rand }

func newWriter(seed uint64) *writer { return &writer{random.New(seed, "event text")} }

// append adds n bytes of text without quotes or line feeds.
func (w *writer) append(data []byte, n int) []byte {
	end := len(data) + n
	for len(data) < end {
		switch w.draw.IntN(8) {
		case 0:
			data = strconv.AppendInt(data, w.draw.Int64N(100_000), 10)
		case 1:
			data = strconv.AppendUint(data, w.draw.Uint64(), 36)
		default:
			data = append(data, words[w.draw.IntN(len(words))]...)
		}
		data = append(data, ' ')
	}
	return data[:end]
}
