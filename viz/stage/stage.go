package stage

import (
	"image/color"
	"time"

	"protosim/model/trace"
	"protosim/viz/palette"
)

// Stage is the picture of all lanes at one time. It is not safe for use by
// several goroutines.
type Stage struct {
	Player
	Dark bool

	metrics       Metrics
	width, height float64
	lanes         []*Lane
	stale         bool // the layout is
	strip, key    Rect
	keyLines      int
	packets       bool // are what the legend explains
	hover, chosen Target
	pointer       Point
	length        time.Duration // of the scenario, 0 if unknown
	scratch       []byte
}

// Target is a thing on the stage: a host of a lane.
type Target struct {
	Lane *Lane
	Host int32 // place
}

// New returns an empty stage.
func New(m Metrics) *Stage { return &Stage{metrics: m, stale: true} }

// Reset forgets all traces and expects those of these strategies, of runs of
// about this length (0 if unknown).
func (s *Stage) Reset(length time.Duration, strategies ...string) {
	s.lanes = nil
	for _, strategy := range strategies {
		s.lanes = append(s.lanes, &Lane{Strategy: strategy})
	}
	s.length = length
	s.Player = Player{speed: s.speed}
	s.hover, s.chosen, s.stale = Target{}, Target{}, true
	s.measure()
}

// Load shows a reel in the lane of its strategy, in a new one if there is none
// yet. Time stays where it is, as far as the run is known.
func (s *Stage) Load(r *Reel) {
	l := s.Lane(r.Strategy)
	if l == nil {
		l = &Lane{Strategy: r.Strategy}
		s.lanes = append(s.lanes, l)
	}
	s.hover, s.chosen = s.hover.in(l, r), s.chosen.in(l, r)
	l.Reel, l.State = r, r.NewState()
	s.stale = true
	s.measure()
}

// in is the same host of a lane's new reel.
func (t Target) in(l *Lane, r *Reel) Target {
	if t.Lane == l && l.Reel != nil {
		if p := r.Place(l.Reel.Hosts[t.Host].Name); p >= 0 {
			return Target{l, p}
		}
		return Target{}
	}
	return t
}

// measure finds the end of the longest run, and how much of all runs is known.
func (s *Stage) measure() {
	known := Never
	s.End = 0
	for _, l := range s.lanes {
		if l.Reel != nil {
			s.End, known = max(s.End, l.Reel.End), min(known, l.Reel.Known)
		}
	}
	if s.End == 0 || known < Never {
		s.End = max(s.End, s.length)
	}
	s.unknown = s.End - min(known, s.End)
	s.Seek(s.Now)
}

// Lanes are the stage's lanes, in their order.
func (s *Stage) Lanes() []*Lane { return s.lanes }

// Lane is that of a strategy, or nil.
func (s *Stage) Lane(strategy string) *Lane {
	for _, l := range s.lanes {
		if l.Strategy == strategy {
			return l
		}
	}
	return nil
}

// Resize sets the size, in CSS pixels.
func (s *Stage) Resize(w, h float64) {
	if s.width != w || s.height != h {
		s.width, s.height, s.stale = w, h, true
	}
}

// Step moves to the next event of any lane, or back to the last one.
func (s *Stage) Step(direction int) {
	s.Pause()
	to := s.Now
	for _, l := range s.lanes {
		if l.Reel == nil {
			continue
		}
		if t := l.Reel.Step(s.Now, direction); t != s.Now && (to == s.Now || (direction >= 0) == (t < to)) {
			to = t
		}
	}
	s.Seek(to)
}

// NextFault moves to the next fault or change of a host, after the last to the
// first.
func (s *Stage) NextFault() {
	first, next := Never, Never
	for _, l := range s.lanes {
		if l.Reel == nil {
			continue
		}
		for _, m := range l.Reel.Marks {
			first = min(first, m.At)
			if m.At > s.Now {
				next = min(next, m.At)
			}
		}
	}
	if next == Never {
		next = first
	}
	if next != Never {
		s.Seek(next)
	}
}

// sync moves all lanes to the time of the stage.
func (s *Stage) sync() {
	if s.stale || s.packets != s.showsPackets() {
		s.layout()
	}
	for _, l := range s.lanes {
		if l.State != nil && l.State.Now != s.Now {
			l.State.Seek(s.Now)
		}
	}
}

// At is what is at a point; reach is how far off it may be.
func (s *Stage) At(p Point, reach float64) Target {
	s.sync()
	for _, l := range s.lanes {
		if l.Reel == nil || !l.rect.Contains(p) {
			continue
		}
		best, found := reach, Target{}
		for i, r := range l.places {
			if l.Reel.Hosts[i].Role == trace.Client {
				continue
			}
			if r.Contains(p) {
				return Target{l, int32(i)}
			}
			dx, dy := max(r.X-p.X, p.X-r.X-r.W, 0), max(r.Y-p.Y, p.Y-r.Y-r.H, 0)
			if d := max(dx, dy); d < best {
				best, found = d, Target{l, int32(i)}
			}
		}
		if seat := l.seats.at(p); seat >= 0 && seat < len(l.Reel.seats) {
			return Target{l, l.Reel.seats[seat]}
		}
		return found
	}
	return Target{}
}

// Hover says where the pointer is.
func (s *Stage) Hover(p Point) Target {
	s.pointer = p
	s.hover = s.At(p, 0)
	return s.hover
}

// Leave says that the pointer is elsewhere.
func (s *Stage) Leave() { s.hover = Target{} }

// Choose marks a thing, or none.
func (s *Stage) Choose(t Target) { s.chosen = t }

// Chosen is the marked thing.
func (s *Stage) Chosen() Target { return s.chosen }

// Bounds is where a thing is drawn.
func (s *Stage) Bounds(t Target) Rect {
	s.sync()
	if t.Lane == nil || t.Lane.Reel == nil {
		return Rect{}
	}
	if t.Lane.Reel.ordinal[t.Host] >= 0 {
		c, r := t.Lane.client(t.Host), t.Lane.seats.radius()
		return Rect{c.X - r, c.Y - r, 2 * r, 2 * r}
	}
	return t.Lane.places[t.Host]
}

// Bounds is where a lane is drawn.
func (l *Lane) Bounds() Rect { return l.rect }

// Sync returns the lane's state at the stage's time, nil without a trace.
func (s *Stage) Sync(l *Lane) *State {
	s.sync()
	return l.State
}

// ink is a colour in the stage's theme.
func (s *Stage) ink(i palette.Ink) color.NRGBA {
	if s.Dark {
		return i.OnDark()
	}
	return i.OnLight()
}

// The inks of the stage's own surfaces.
var (
	panelInk     = palette.Ink{Light: 0xf6f8fa, Dark: 0x151b23}
	cardInk      = palette.Ink{Light: 0xffffff, Dark: 0x0d1117}
	borderInk    = palette.Ink{Light: 0xd0d7de, Dark: 0x30363d}
	pushInk      = palette.Ink{Light: 0xb8860b, Dark: 0xf0b429}
	warnInk      = palette.Ink{Light: 0x9a6700, Dark: 0xd29922}
	ownInk       = palette.Ink{Light: 0x667080, Dark: 0xa0a9b3} // a session that its client carries
	connectedInk = palette.Ink{Light: 0x9aa4af, Dark: 0x667079} // a client that has a connection, and asks for nothing
)

// Size is the stage's size, in CSS pixels.
func (s *Stage) Size() (w, h float64) { return s.width, s.height }

// Hovered is what is under the pointer.
func (s *Stage) Hovered() Target { return s.hover }
