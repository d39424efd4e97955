package cache

import (
	"math/rand/v2"
	"time"

	"protosim/model/random"
	"protosim/scenarios"
)

// Contents says what a catalogue is made of.
type Contents struct {
	Objects  int
	Alpha    float64                            // of Zipf's law, .64 to .83 on the web; 0 for all alike
	Size     scenarios.Dist[scenarios.Size]     // of an object
	Update   scenarios.Dist[scenarios.Duration] // time between two changes of an object; zero for never
	Personal float64                            // share of the requests that are for one user's own
	Seed     uint64
}

// Catalogue is a set of objects that clients ask for: shared ones by their
// popularity, and some that are one user's own.
type Catalogue struct {
	contents Contents
	zipf     *Zipf
	sizes    []int
	periods  []time.Duration
	phases   []time.Duration
}

// Item is one object at one time.
type Item struct {
	Number   int
	Size     int
	Version  int  // changes with each update
	Personal bool // of the user that asked
}

// NewCatalogue draws a catalogue. The same contents give the same catalogue.
func NewCatalogue(contents Contents) *Catalogue {
	c := &Catalogue{contents: contents, zipf: NewZipf(contents.Objects, contents.Alpha)}
	for i := range contents.Objects {
		r := random.New(contents.Seed, "object", uint64(i))
		c.sizes = append(c.sizes, int(random.Draw(contents.Size, r)))
		period := time.Duration(random.Draw(contents.Update, r))
		phase := time.Duration(0)
		if period > 0 {
			phase = time.Duration(r.Int64N(int64(period)))
		}
		c.periods, c.phases = append(c.periods, period), append(c.phases, phase)
	}
	return c
}

// Draw draws what a user asks for next.
func (c *Catalogue) Draw(r *rand.Rand, now time.Duration) Item {
	personal := r.Float64() < c.contents.Personal
	item := c.At(c.zipf.Draw(r), now)
	item.Personal = personal
	return item
}

// At returns an object as it is at a time.
func (c *Catalogue) At(number int, now time.Duration) Item {
	item := Item{Number: number, Size: c.sizes[number]}
	if period := c.periods[number]; period > 0 {
		item.Version = int((now + c.phases[number]) / period)
	}
	return item
}

// Changes returns when an object changes next, after a time; ok is false for
// one that never does.
func (c *Catalogue) Changes(number int, after time.Duration) (at time.Duration, ok bool) {
	period := c.periods[number]
	if period <= 0 {
		return 0, false
	}
	phase := c.phases[number]
	return ((after+phase)/period+1)*period - phase, true
}
