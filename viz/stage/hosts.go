package stage

import (
	"image/color"
	"math"

	"protosim/model/trace"
	"protosim/viz/palette"
)

// drawHost draws a host that is no client as a card: its name, how it is, and
// what it holds, as far as there is space.
func (s *Stage) drawHost(c *Scene, l *Lane, place int32) {
	r, h, state := l.places[place], l.Reel.Hosts[place], &l.State.Hosts[place]
	if r.W < 2 || r.H < 1 {
		return
	}
	hue := s.hue(l, place)
	radius := min(6, r.H/4)
	c.box(r, radius, s.ink(cardInk))
	border, stroke := borderInk, 1.0
	condition := state.Condition
	if condition == trace.Down && l.Reel.downWord(state) != "crashed" {
		condition = 0
	}
	switch condition {
	case 0: // off, as planned
		c.box(r, radius, s.ink(palette.Faint.Tint(.6)))
	case trace.Down, trace.Vanished:
		border, stroke = palette.Failed, 1.5
		s.hatch(c, r, s.ink(palette.Failed.Tint(.22)))
	case trace.Draining, trace.Slow, trace.Failing:
		border, stroke = warnInk, 1.5
		c.box(r, radius, s.ink(warnInk.Tint(.1)))
	}
	c.frame(r, radius, stroke, s.ink(border))
	if tiny(r) {
		if state.Condition == trace.Up && h.Role == trace.Server {
			in := r.inset(1)
			c.box(in, radius, s.ink(hue.Tint(.15)))
			in.W *= level(int(state.Sessions), l.Reel.MostSessions)
			c.box(in, radius, s.ink(hue.Tint(.4)))
		}
		name, size := l.name(place)
		strong, base := s.ink(palette.Strong), r.Y+r.H/2+.36*size
		if h.Role == trace.Server && r.W >= 100 { // beside it how it is, or what it has
			used := c.say(name).ellipsis(size, true, r.W*.5).put(Point{r.X + 6, base}, size, true, Start, 0, strong)
			text := c.say("")
			switch {
			case state.Condition == trace.Down:
				text = text.and(l.Reel.downWord(state))
			case state.Condition != trace.Up:
				text = text.and(conditionWord(state.Condition))
			case l.Reel.MostSessions > 0:
				text = text.compact(int(state.Sessions)).and(" sess.")
			default:
				text = text.compact(int(state.Load)).and(l.Reel.busy())
			}
			text.put(Point{r.X + r.W - 6, base}, size, false, End, r.W-used-18, strong)
			return
		}
		c.say(name).ellipsis(size, true, r.W-4).put(Point{r.X + r.W/2, base}, size, true, Middle, r.W-4, strong)
		return
	}
	in := inside(r, h.Role)
	if h.Role == trace.Server {
		// The hue that its clients wear.
		c.box(Rect{r.X, r.Y + radius, 4, r.H - 2*radius}, 1, s.ink(hue))
	}
	s.drawCard(c, l, place, in)
}

// inside is the part of a card that is written on.
func inside(card Rect, role trace.Role) Rect {
	pad := min(9, card.W*.08)
	in := Rect{card.X + pad, card.Y, card.W - 2*pad, card.H}
	if role == trace.Server {
		in.X, in.W = in.X+3, in.W-3
	}
	return in
}

func level(n, most int) float64 {
	if most <= 0 {
		return 0
	}
	return min(float64(n)/float64(most), 1)
}

// twoLines is how high a card is at least that has a line below the name.
const twoLines = 26.0

// drawCard writes into the card, line by line.
func (s *Stage) drawCard(c *Scene, l *Lane, place int32, in Rect) {
	h, state := l.Reel.Hosts[place], &l.State.Hosts[place]
	strong := s.ink(palette.Strong)
	word, wordInk := conditionWord(state.Condition), palette.Failed
	switch state.Condition {
	case trace.Up:
		word = ""
	case trace.Down:
		if word = l.Reel.downWord(state); word != "crashed" {
			wordInk = palette.Muted
		}
	case trace.Draining, trace.Slow:
		wordInk = warnInk
	}
	tall := in.H >= 58
	// A server's sessions come first, and need some space beside all else.
	roomy := tall && (l.Reel.MostSessions == 0 || in.H >= 76)
	base, step := in.Y+16, 14.0
	switch {
	case in.H < twoLines:
		base = in.Y + in.H/2 + 4
	case in.H < 31: // two lines just fit
		base, step = in.Y+in.H/2-2.5, 12
	case !tall:
		base = in.Y + 14
	}
	// The condition stands to the right of the name, or below it, or instead of it.
	name, size := l.name(place)
	nameWidth := c.say(name).ellipsis(size, true, in.W).put(Point{in.X, base}, size, true, Start, in.W, strong)
	below := base + step
	told := false
	if word != "" {
		told = c.say(word).put(Point{in.X + in.W, base}, small, true, End, in.W-nameWidth-6, s.ink(wordInk)) > 0
		if !told && in.H >= twoLines {
			if state.Lost > 0 && !roomy { // what the tank of a taller card says
				told = c.say(word).and(" · ").number(int(state.Lost)).and(" lost").put(Point{in.X, below}, small, true, Start, in.W, s.ink(wordInk)) > 0
			}
			if told = told || c.say(word).put(Point{in.X, below}, small, true, Start, in.W, s.ink(wordInk)) > 0; told {
				below += 13
			}
		}
	}
	bottom := in.Y + in.H - 8 // of the last line's base
	if h.Role == trace.Server {
		switch {
		case roomy:
			s.drawServer(c, l, place, in, below, bottom)
		case word == "":
			s.drawSmallServer(c, l, place, in, base, bottom, nameWidth)
		case below+4 < bottom && state.Condition != trace.Down:
			s.drawSmallServer(c, l, place, in, below-14, bottom, in.W)
		}
		return
	}
	// Most telling first: what the role is there for, then connections.
	line := func(n int32, long, short string, bold bool, ink palette.Ink) {
		below = s.count(c, int(n), long, short, Point{in.X, below}, in.W, bottom+5, bold, ink)
	}
	switch h.Role {
	case trace.Cache, trace.Shield:
		line(state.Hits, " hits", " hit", false, palette.Muted)
		line(state.Misses, " misses", " miss", false, palette.Muted)
		if n := state.Hits + state.Misses; n > 0 && below <= bottom+2 {
			bar := Rect{in.X, below - 6, in.W, 5}
			c.box(bar, 2.5, s.ink(warnInk.Tint(.45)))
			bar.W *= float64(state.Hits) / float64(n)
			c.box(bar, 2.5, s.ink(palette.Server(2)))
			below += 12
		}
	case trace.Firewall:
		ink := palette.Muted
		if state.Refusals > 0 {
			ink = palette.Failed
		}
		line(state.Refusals, " refused", " cut", state.Refusals > 0, ink)
	case trace.Store:
		if state.Sessions > 0 {
			line(state.Sessions, " sessions", " sess.", false, palette.Muted)
		}
	}
	line(state.Connections, connections(state.Connections), conns(state.Connections), false, palette.Muted)
}

// count writes a number with its word into a width: in full, or as short as need
// be, or with the word below the number, and never without its word. It returns
// where the next line is; what would stand below the bottom is left out.
func (s *Stage) count(c *Scene, n int, long, short string, at Point, width, bottom float64, bold bool, ink palette.Ink) float64 {
	if at.Y > bottom {
		return at.Y
	}
	colour := s.ink(ink)
	if c.say("").number(n).and(long).put(at, small, bold, Start, width, colour) > 0 ||
		c.say("").compact(n).and(long).put(at, small, bold, Start, width, colour) > 0 ||
		c.say("").compact(n).and(short).put(at, small, bold, Start, width, colour) > 0 {
		return at.Y + 14
	}
	if at.Y+11 > bottom {
		return at.Y
	}
	c.say("").compact(n).put(at, small, bold, Start, width, colour)
	at.Y += 11
	if c.say(long[1:]).put(at, small-1.5, false, Start, width, colour) == 0 {
		c.say(short[1:]).put(at, small-1.5, false, Start, width, colour)
	}
	return at.Y + 14
}

// connections and conns are the words after a number of connections.
func connections(n int32) string {
	if n == 1 {
		return " connection"
	}
	return " connections"
}

func conns(n int32) string {
	if n == 1 {
		return " conn"
	}
	return " conns"
}

// service and busy are the words after a number of requests at a server: a stream,
// a long poll or a socket is open there until there are events, with which the
// server is not busy.
func (r *Reel) service() string {
	if r.HasPushes {
		return " open"
	}
	return " in service"
}

func (r *Reel) busy() string {
	if r.HasPushes {
		return " open"
	}
	return " busy"
}

// drawSmallServer writes a number below the name, or beside it, and two bars.
func (s *Stage) drawSmallServer(c *Scene, l *Lane, place int32, in Rect, base, bottom, nameWidth float64) {
	state, r := &l.State.Hosts[place], l.Reel
	n, long, short := int(state.Load), r.service(), r.busy()
	if r.MostSessions > 0 {
		n, long, short = int(state.Sessions), " sessions", " sess."
	}
	y := base + 5
	beside := in.W - nameWidth - 5
	muted := s.ink(palette.Muted)
	switch {
	case c.say("").number(n).and(long).put(Point{in.X + in.W, base}, small, false, End, max(beside, 1), muted) > 0,
		c.say("").compact(n).and(short).put(Point{in.X + in.W, base}, small, false, End, max(beside, 1), muted) > 0:
	case c.say("").compact(n).and(short).put(Point{in.X + in.W, base}, small-1.5, false, End, max(beside, 1), muted) > 0:
	case in.H < twoLines:
	case in.H < 42: // two lines, and a bar if need be
		c.say("").compact(n).and(short).put(Point{in.X, base + 11}, small-1, false, Start, in.W, muted)
		y = base + 14
	default:
		at := s.count(c, n, long, short, Point{in.X, base + 13}, in.W, bottom, false, palette.Muted)
		if n := int(state.Connections); at+9 <= bottom && r.MostSessions > 0 {
			at = s.count(c, n, connections(int32(n)), conns(int32(n)), Point{in.X, at}, in.W, at, false, palette.Muted)
		}
		y = at - 9
	}
	if r.MostSessions > 0 {
		thick := 6.0
		if y+thick > bottom+4 {
			thick = 4
		}
		if y+thick <= bottom+6 {
			s.bar(c, Rect{in.X, y, in.W, thick}, level(int(state.Sessions), r.MostSessions), s.hue(l, place))
		}
		y += thick + 3
	}
	if y+4 <= bottom+6 {
		s.bar(c, Rect{in.X, y, in.W, 4}, level(int(state.Load), r.MostLoad), palette.Edge)
	}
}

// drawServer draws what a server holds: its sessions as squares in its hue, which
// a crash leaves empty, and the requests in service.
func (s *Stage) drawServer(c *Scene, l *Lane, place int32, in Rect, below, bottom float64) {
	state, r := &l.State.Hosts[place], l.Reel
	muted := s.ink(palette.Muted)
	// From below upwards: load, connections and memory, requests; the sessions have
	// the rest.
	s.bar(c, Rect{in.X, bottom - 4, in.W, 4}, level(int(state.Load), r.MostLoad), palette.Edge)
	y := bottom - 10
	top := below // the sessions need some space
	line := func(l label) bool {
		if y < top {
			l.drop()
			return false
		}
		if l.put(Point{in.X, y}, small-.5, false, Start, in.W, muted) == 0 {
			return false
		}
		y -= 14
		return true
	}
	held, load := int(state.Connections), int(state.Load)
	_ = line(c.say("").number(load).and(r.service()).and(" · ").number(held).and(connections(state.Connections))) ||
		line(c.say("").compact(load).and(r.busy()).and(" · ").compact(held).and(conns(state.Connections))) ||
		line(c.say("").compact(held).and(conns(state.Connections)))
	if r.MostSessions > 0 {
		top += 34
	}
	if memory := held * r.Memory; memory > 0 {
		_ = line(c.say("≈ ").bytes(memory).and(" of memory")) || line(c.say("≈ ").bytes(memory).and(" memory")) || line(c.say("≈ ").bytes(memory))
	}
	if state.Pushed > 0 && state.Served < state.Pushed {
		_ = line(c.say("").number(int(state.Pushed)).and(" pushes")) || line(c.say("").compact(int(state.Pushed)).and(" pushes"))
	} else {
		_ = line(c.say("").number(int(state.Served)).and(" served")) || line(c.say("").compact(int(state.Served)).and(" served"))
	}
	if y < below {
		return
	}
	if r.MostSessions == 0 {
		if r.HasSessions {
			if c.say("no sessions").put(Point{in.X, below}, small, false, Start, in.W, muted) == 0 {
				c.say("no sess.").put(Point{in.X, below}, small, false, Start, in.W, muted)
			}
		} else if tank := (Rect{in.X, below - 6, in.W, y - 4 - (below - 6)}); r.MostLoad > 0 && tank.H >= 5 {
			// What it works on is all there is to see of it.
			s.tank(c, tank, int(state.Load), 0, r.MostLoad, false, s.hue(l, place))
		}
		return
	}
	lost := state.Lost > 0 && state.Condition == trace.Down
	at := Point{in.X, below}
	y += 4
	if lost {
		s.count(c, int(state.Lost), " sessions lost", " lost", at, in.W, at.Y, true, palette.Failed)
	} else {
		s.count(c, int(state.Sessions), " sessions", " sess.", at, in.W, at.Y, true, palette.Strong)
	}
	tank := Rect{in.X, below + 6, in.W, y - 12 - (below + 6)}
	if tank.H < 5 {
		return
	}
	s.tank(c, tank, int(state.Sessions), int(state.Lost), r.MostSessions, lost, s.hue(l, place))
}

// tank draws n of most squares filled, and the lost ones as outlines.
func (s *Stage) tank(c *Scene, r Rect, n, lost, most int, showLost bool, hue palette.Ink) {
	pitch := math.Sqrt(r.W * r.H / float64(most))
	pitch = min(max(math.Floor(pitch), 1), 11)
	for pitch > 3.5 && int(r.W/pitch)*int(r.H/pitch) < most {
		pitch--
	}
	if pitch <= 3.5 { // too many for squares
		c.box(r, 3, s.ink(palette.Faint))
		filled := Rect{r.X, r.Y, r.W * level(n, most), r.H}
		c.box(filled, 3, s.ink(hue))
		if showLost {
			c.frame(Rect{r.X, r.Y, r.W * level(lost, most), r.H}, 3, 1.5, s.ink(palette.Failed.Tint(.8)))
		}
		return
	}
	columns := int(r.W / pitch)
	side := pitch - max(1, math.Round(pitch*.18))
	for i := range max(n, lost) {
		cell := Rect{r.X + float64(i%columns)*pitch, r.Y + float64(i/columns)*pitch, side, side}
		if cell.Y+side > r.Y+r.H+.5 {
			return
		}
		switch {
		case i < n:
			c.box(cell, 1, s.ink(hue))
		case showLost:
			c.frame(cell, 1, 1, s.ink(palette.Failed.Tint(.75)))
		}
	}
}

// bar draws a level.
func (s *Stage) bar(c *Scene, r Rect, level float64, ink palette.Ink) {
	c.box(r, r.H/2, s.ink(palette.Faint))
	if level > 0 {
		r.W = max(r.W*level, r.H)
		c.box(r, r.H/2, s.ink(ink))
	}
}

// hatch draws oblique lines over a rectangle.
func (s *Stage) hatch(c *Scene, r Rect, ink color.NRGBA) {
	const step = 9.0
	in := r.inset(2)
	for d := step; d < in.W+in.H; d += step {
		from, to := Point{in.X + d, in.Y}, Point{in.X, in.Y + d}
		if d > in.W {
			from = Point{in.X + in.W, in.Y + d - in.W}
		}
		if d > in.H {
			to = Point{in.X + d - in.H, in.Y + in.H}
		}
		c.line(from, to, 1.2, ink)
	}
}
