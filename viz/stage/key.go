package stage

import "protosim/viz/palette"

// entry is one line of the legend.
type entry struct {
	shape Shape
	ink   palette.Ink
	text  string
	scar  bool // with a dot in its middle
	moves bool // along a connection
}

// entries are what the legend explains, given what the lanes show, and whether
// that is packets.
func (s *Stage) entries(packets bool, visit func(entry)) {
	pinned, sessions, pushes, requests, absences := false, false, false, false, false
	strategy := ""
	for _, l := range s.lanes {
		if l.Reel == nil {
			continue
		}
		strategy = l.Strategy
		pinned = pinned || l.Reel.MostSessions > 0
		sessions = sessions || l.Reel.HasSessions
		absences = absences || l.Reel.hasAbsences
		pushes = pushes || l.Reel.HasPushes
		requests = requests || len(l.Reel.Requests) > 0
	}
	if strategy == "" {
		return
	}
	if pinned {
		visit(entry{shape: Disc, ink: palette.Server(0), text: "session on a server"})
	}
	if sessions {
		visit(entry{shape: Disc, ink: ownInk, text: "session with client or store"})
	}
	if pinned {
		visit(entry{shape: Ring, ink: palette.Failed, text: "session lost"})
		visit(entry{shape: Disc, ink: palette.Server(0), text: "new session after a loss", scar: true})
	} else if !sessions {
		waiting := "waiting for an answer"
		if pushes {
			waiting = "waiting" // for an event, or an answer
		}
		visit(entry{shape: Disc, ink: ownInk, text: waiting})
		visit(entry{shape: Disc, ink: connectedInk, text: "connected"})
	}
	if absences {
		visit(entry{shape: Arcs, ink: palette.Failed, text: "reconnecting"})
	}
	switch {
	case packets:
		visit(entry{shape: Disc, ink: palette.Edge, text: "packet up", moves: true})
		visit(entry{shape: Ring, ink: palette.Edge, text: "packet down", moves: true})
		visit(entry{shape: Cross, ink: palette.Failed, text: "lost", moves: true})
		return
	case requests:
		visit(entry{shape: Disc, ink: palette.Edge, text: "request", moves: true})
		visit(entry{shape: Ring, ink: palette.Edge, text: "response", moves: true})
		visit(entry{shape: Cross, ink: palette.Failed, text: "failed", moves: true})
	}
	if pushes {
		visit(entry{shape: Diamond, ink: pushInk, text: "push", moves: true})
	}
}

const keyGap = 14.0

// countKeyLines is how many lines the legend takes.
func (s *Stage) countKeyLines(width float64) int {
	lines, x := 0, 0.0
	s.entries(s.packets, func(e entry) {
		w := 14 + s.widthOf(e.text, small) + keyGap
		if lines == 0 || x+w-keyGap > width {
			lines, x = lines+1, 0
		}
		x += w
	})
	return lines
}

func (s *Stage) widthOf(text string, size float64) float64 {
	s.scratch = append(s.scratch[:0], text...)
	return s.metrics.Width(s.scratch, size, false)
}

// drawKey draws the legend.
func (s *Stage) drawKey(c *Scene) {
	if s.keyLines == 0 {
		return
	}
	x, y := s.key.X+2, s.key.Y+keyHeight/2
	first := true
	s.entries(s.packets, func(e entry) {
		w := 14 + s.widthOf(e.text, small) + keyGap
		if !first && x+w-keyGap > s.key.X+2+s.key.W {
			x, y = s.key.X+2, y+keyHeight
		}
		first = false
		at, radius, stroke := Point{x + 5, y}, 4.0, 0.0
		if e.moves {
			c.line(Point{x - 2, y}, Point{x + 12, y}, 1, s.ink(palette.Edge.Tint(.5)))
			radius = 3.5
		}
		switch e.shape {
		case Ring, Arcs:
			stroke = 1.4
		case Cross:
			stroke = 1.8
		}
		c.mark(e.shape, at, radius, stroke, s.ink(e.ink))
		if e.scar {
			c.mark(Disc, at, 1.6, 0, s.ink(palette.Failed))
		}
		c.say(e.text).put(Point{x + 14, y + 4}, small, false, Start, 0, s.ink(palette.Muted))
		x += w
	})
}

// showsPackets says that any lane shows packets.
func (s *Stage) showsPackets() bool {
	for _, l := range s.lanes {
		if l.Reel != nil && s.inSlowMotion(l) {
			return true
		}
	}
	return false
}
