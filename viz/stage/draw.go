package stage

import (
	"slices"
	"time"

	"protosim/model/trace"
	"protosim/viz/palette"
)

// Sizes of texts, in CSS pixels.
const (
	small  = 11.0
	normal = 12.5
	large  = 15.0
)

// How long things stay on the screen, in wall time.
const (
	leastTravel  = 420 * time.Millisecond // of a dot, one way
	captionTime  = 3500 * time.Millisecond
	pulseTime    = 900 * time.Millisecond
	slowMotion   = 110 * time.Millisecond // at which packets are drawn instead of requests
	mostDots     = 900                    // a lane
	mostPulses   = 300
	widestStrand = 1.6
)

// Draw fills the scene with the picture of the stage's time.
func (s *Stage) Draw(c *Scene) {
	s.sync()
	c.begin(s.width, s.height, s.Dark)
	c.Paper = s.ink(palette.Paper)
	s.drawStrip(c)
	for _, l := range s.lanes {
		s.drawLane(c, l)
	}
	s.drawKey(c)
	s.drawTip(c)
}

// wall is how much virtual time passes in some wall time.
func (s *Stage) wall(d time.Duration) time.Duration {
	return max(time.Duration(float64(d)*s.Speed()), 1)
}

// drawStrip draws the clock and what just happened.
func (s *Stage) drawStrip(c *Scene) {
	base := s.strip.Y + 22
	strong, muted := s.ink(palette.Strong), s.ink(palette.Muted)
	x := s.strip.X + 2
	digits := 2
	if s.Speed() < .05 {
		digits = 4
	}
	c.say("").fixed(s.Now.Seconds(), digits).and(" s").put(Point{x, base}, large+2, true, Start, 0, strong)
	// The digits change; what follows keeps its place.
	x += c.say("0000.00 s").width(large+2, true)
	c.text = c.text[:len(c.text)-len("0000.00 s")]
	if digits > 2 {
		x += 18
	}
	l := c.say("")
	if v := s.Speed(); v >= 1 {
		l = l.fixed(v, 0)
	} else {
		l = l.and("1/").fixed(1/v, 0)
	}
	l = l.and("×")
	x += l.put(Point{x, base}, normal, false, Start, 0, muted) + 16
	s.drawCaption(c, x, base)
}

// drawCaption draws the marks that have just passed, the latest first.
func (s *Stage) drawCaption(c *Scene, x, base float64) {
	window := s.wall(captionTime)
	right := s.strip.X + s.strip.W
	var shown [4]*Mark
	n := 0
	for _, faults := range [...]bool{true, false} {
		for _, l := range s.lanes {
			n += s.recent(l, window, faults, shown[:n], shown[n:])
		}
	}
	for _, m := range shown[:n] {
		age := float64(s.Now-m.At) / float64(window)
		fade := min(1, 4*(1-age))
		ink := palette.Failed
		if !m.Fault {
			ink = palette.Strong
		}
		text := c.say(m.Text).and("  ·  ").fixed(m.At.Seconds(), 1).and(" s")
		w := text.width(normal, true) + 20
		if x+w > right {
			text.drop()
			if w > right-x && x < right-60 {
				text = c.say(m.Text).ellipsis(normal, true, right-x-20)
				w = text.width(normal, true) + 20
			} else {
				break
			}
		}
		c.box(Rect{x, base - 16, w, 23}, 11.5, s.ink(ink.Tint(.13*fade)))
		// The box comes before its text, whose bytes are already gathered.
		text.put(Point{x + 10, base}, normal, true, Start, 0, s.ink(ink.Tint(fade)))
		x += w + 8
	}
}

// recent finds a lane's latest marks of which no other lane has told yet, for any
// host the last one only.
func (s *Stage) recent(l *Lane, window time.Duration, faults bool, known, found []*Mark) int {
	if l.Reel == nil {
		return 0
	}
	n := 0
	for i := len(l.Reel.Marks) - 1; i >= 0 && n < len(found); i-- {
		m := &l.Reel.Marks[i]
		if m.At > s.Now {
			continue
		}
		if s.Now-m.At >= window {
			break
		}
		same := func(o *Mark) bool { return o.Text == m.Text || o.Host == m.Host && o.Host >= 0 }
		if m.Fault == faults && !slices.ContainsFunc(known, same) && !slices.ContainsFunc(found[:n], same) {
			found[n] = m
			n++
		}
	}
	return n
}

// drawLane draws one strategy's part of the stage.
func (s *Stage) drawLane(c *Scene, l *Lane) {
	c.box(l.rect, 8, s.ink(panelInk))
	c.frame(l.rect, 8, 1, s.ink(borderInk))
	c.box(Rect{l.rect.X + 8, l.rect.Y, l.rect.W - 16, 3}, 1.5, s.ink(palette.Area(l.Strategy)))
	s.drawHead(c, l)
	if l.Reel == nil {
		c.say("simulating…").put(l.body.Centre(), normal, false, Middle, l.body.W, s.ink(palette.Muted))
		return
	}
	if l.body.W < 40 || l.body.H < 24 {
		return
	}
	s.drawLabels(c, l)
	s.drawConnections(c, l)
	s.drawClients(c, l)
	if s.inSlowMotion(l) {
		s.drawFlights(c, l)
	} else {
		s.drawTravel(c, l)
	}
	for i := range l.Reel.Hosts {
		if l.Reel.Hosts[i].Role != trace.Client {
			s.drawHost(c, l, int32(i))
		}
	}
	s.drawPulses(c, l)
	if t := s.chosen; t.Lane == l {
		s.drawHalo(c, t, 2)
	}
	if t := s.hover; t.Lane == l && t != s.chosen {
		s.drawHalo(c, t, 1)
	}
}

// inSlowMotion says that time is so slow that packets can be seen to fly.
func (s *Stage) inSlowMotion(l *Lane) bool {
	d := l.Reel.Typical()
	return d > 0 && d >= s.wall(slowMotion)
}

func (s *Stage) drawHalo(c *Scene, t Target, stroke float64) {
	r := s.Bounds(t)
	radius := 8.0
	if t.Lane.Reel.ordinal[t.Host] >= 0 {
		radius = 50
	}
	c.frame(r.inset(-3), radius, stroke, s.ink(palette.Strong))
}

// drawHead draws the strategy's name and the three numbers, or as many as there is
// space for.
func (s *Stage) drawHead(c *Scene, l *Lane) {
	oneLine := l.head.H == headOneLine
	base, name := l.head.Y+27, l.head.Y+27
	switch {
	case oneLine:
		base, name = l.head.Y+18, l.head.Y+18
	case l.head.H > headOneRow:
		base, name = l.head.Y+50, l.head.Y+19
	}
	c.say(l.Strategy).put(Point{l.head.X, name}, large, true, Start, l.head.W, s.ink(palette.Text(l.Strategy)))
	if l.State == nil {
		return
	}
	t := &l.State.Total
	x := l.head.X + l.head.W
	room := l.head.W - s.widestName() - 14 // as much in every lane
	if l.head.H > headOneRow {
		room = l.head.W
	}
	all := [3]figure{{t.Connected, "connected", "open", false}, {t.Lost, "sessions lost", "lost", true}, {t.Failed, "failed requests", "failed", true}}
	switch {
	case l.Reel.HasPushes:
		all[1] = figure{t.Delivered, "pushes", "pushes", false}
	case !l.Reel.HasSessions:
		all[1] = figure{t.OK, "answered", "done", false}
	}
	figures := all[:]
	const gap = 14.0
	for brief := false; ; brief = true {
		total := -gap
		for i := range figures {
			if brief {
				figures[i].label = figures[i].brief
			}
			total += figures[i].width(c, oneLine) + gap
		}
		if total <= room {
			break
		}
		if brief {
			if figures = figures[1:]; len(figures) == 0 {
				return
			}
		}
	}
	for i := len(figures) - 1; i >= 0; i-- {
		f := figures[i]
		ink, w := palette.Strong, f.width(c, oneLine)
		if f.bad && f.n > 0 {
			ink = palette.Failed
		}
		if oneLine {
			c.say("").number(int(f.n)).put(Point{x - w, base}, normal, true, Start, 0, s.ink(ink))
			c.say(f.label).put(Point{x, base}, small-.5, false, End, 0, s.ink(palette.Muted))
		} else {
			c.say("").number(int(f.n)).put(Point{x, base - 6}, large+1, true, End, 0, s.ink(ink))
			c.say(f.label).put(Point{x, base + 7}, small-.5, false, End, 0, s.ink(palette.Muted))
		}
		x -= w + gap
	}
}

// figure is a number in the head of a lane.
type figure struct {
	n            int32
	label, brief string // its words, in full and where there is little space
	bad          bool
}

// width is how wide a figure is with its label beside or below it.
func (f figure) width(c *Scene, beside bool) float64 {
	size := large + 1
	if beside {
		size = normal
	}
	l := c.say("").number(int(f.n))
	n := l.width(size, true)
	l.drop()
	l = c.say(f.label)
	w := l.width(small-.5, false)
	l.drop()
	if beside {
		return n + 4 + w
	}
	return max(n, w)
}

// widestName is how wide the longest of the strategies' names is.
func (s *Stage) widestName() float64 {
	w := 0.0
	for _, l := range s.lanes {
		s.scratch = append(s.scratch[:0], l.Strategy...)
		w = max(w, s.metrics.Width(s.scratch, large, true))
	}
	return w
}

// drawLabels names the columns.
func (s *Stage) drawLabels(c *Scene, l *Lane) {
	if l.body.H <= 90 {
		return
	}
	muted := s.ink(palette.Muted)
	for _, col := range l.columns {
		text := c.say("")
		if col.count > 1 || col.role == trace.Client {
			text = text.number(col.count).and(" ")
		}
		text = text.and(roleName(col.role, col.count))
		at, align := Point{col.rect.X + col.rect.W/2, l.body.Y + 9}, Middle
		w := text.width(small, false)
		// Not over the edges of the lane.
		if at.X-w/2 < l.body.X {
			at.X, align = l.body.X, Start
		} else if at.X+w/2 > l.body.X+l.body.W {
			at.X, align = l.body.X+l.body.W, End
		}
		most := 2 * min(at.X-col.label.X, col.label.X+col.label.W-at.X)
		if align != Middle {
			most = col.label.W
		}
		text.put(at, small, false, align, max(most, 1), muted)
	}
}

func roleName(r trace.Role, n int) string {
	one, many := "", ""
	switch r {
	case trace.Client:
		one, many = "client", "clients"
	case trace.Firewall:
		one, many = "firewall", "firewalls"
	case trace.Cache:
		one, many = "cache", "caches"
	case trace.Shield:
		one, many = "shield", "shields"
	case trace.Balancer:
		one, many = "balancer", "balancers"
	case trace.Server:
		one, many = "server", "servers"
	case trace.Store:
		one, many = "store", "stores"
	}
	if n == 1 {
		return one
	}
	return many
}

// RoleName is what a role is called.
func RoleName(r trace.Role) string { return roleName(r, 1) }

// ConditionName is what a condition is called.
func ConditionName(c trace.Condition) string { return conditionWord(c) }
