package stage

import (
	"math"
	"strings"

	"protosim/model/trace"
)

// naming is how the hosts of a column are named: all in the same form and size, as
// much of their names as their cards have space for.
type naming struct {
	names []string // by the host's number in the column
	size  float64
}

// smallestName is the size of the smallest letters on the stage.
const smallestName = 8.0

// lowestCard is how high a card is at least that has a name.
const lowestCard = 10.0

// tiny says that a card is too small for more than a name.
func tiny(card Rect) bool { return card.H < 15 || card.W < 40 }

// nameSize is the size of the name in a card, if there is width enough.
func nameSize(card Rect) float64 {
	switch {
	case tiny(card):
		return min(small-1, math.Floor(2*(card.H-2))/2)
	case card.H >= twoLines && card.H < 31: // two lines just fit
		return small - .5
	}
	return normal - .5
}

// name is how a host is named in its card, and in which size.
func (l *Lane) name(place int32) (text string, size float64) {
	h := l.Reel.Hosts[place]
	for _, c := range l.columns {
		if c.role == h.Role {
			return c.naming.names[h.Number], c.naming.size
		}
	}
	return h.Name, small
}

// name finds the longest form of the names of a column's hosts that fits all its
// cards: the whole name (www-3), its letter and number (w-3), or either (3).
func (s *Stage) name(hosts []string, card Rect, role trace.Role) naming {
	n := naming{hosts, nameSize(card)}
	width := inside(card, role).W
	if tiny(card) {
		width = card.W - 4
		if card.H < lowestCard || n.size < smallestName {
			return naming{make([]string, len(hosts)), n.size}
		}
	}
	if s.nameFits(n, width) {
		return n
	}
	n.size = min(n.size, small-1)
	for _, form := range []func(string) string{whole, initialed, shortest} {
		n.names = make([]string, len(hosts))
		for i, h := range hosts {
			n.names[i] = form(h)
		}
		if distinct(n.names, hosts) && s.nameFits(n, width) {
			return n
		}
	}
	n.names = hosts // each as far as it goes
	return n
}

func (s *Stage) nameFits(n naming, width float64) bool {
	for _, name := range n.names {
		s.scratch = append(s.scratch[:0], name...)
		if s.metrics.Width(s.scratch, n.size, true) > width {
			return false
		}
	}
	return true
}

// distinct says that hosts of different names are still told apart.
func distinct(short, hosts []string) bool {
	of := map[string]string{}
	for i, name := range short {
		if other, known := of[name]; known && other != hosts[i] {
			return false
		}
		of[name] = hosts[i]
	}
	return true
}

func whole(name string) string { return name }

// initialed is a name's first letter and its number.
func initialed(name string) string {
	letters := strings.TrimRight(name, "0123456789")
	number := name[len(letters):]
	if number == "" {
		return name
	}
	first := shortest(letters)
	if strings.HasSuffix(letters, "-") {
		first += "-"
	}
	return first + number
}

// shortest is a name's number, or its first letter if it has none.
func shortest(name string) string {
	if letters := strings.TrimRight(name, "0123456789"); len(letters) < len(name) {
		return name[len(letters):]
	}
	for i := range name {
		if i > 0 {
			return name[:i]
		}
	}
	return name
}
