package stage

import (
	"math"

	"protosim/model/trace"
	"protosim/viz/palette"
)

// drawConnections draws what is connected: single lines where there are few
// clients, else bundles that are the stronger the more they hold.
func (s *Stage) drawConnections(c *Scene, l *Lane) {
	r, state := l.Reel, l.State
	few := l.few()
	for i := range state.Links {
		n := state.Links[i]
		if n <= 0 {
			continue
		}
		link := r.Links[i]
		client := r.Hosts[link.From].Role == trace.Client
		if client && !few {
			continue
		}
		to := l.places[link.To]
		if r.Hosts[link.To].Role == trace.Client {
			continue
		}
		ink := palette.Edge
		if r.Hosts[link.To].Role == trace.Server && state.Hosts[link.To].Sessions > 0 {
			ink = s.hue(l, link.To)
		}
		if client {
			from := l.client(link.From)
			lines := min(int(n), 6)
			for k := range lines {
				off := (float64(k) - float64(lines-1)/2) * 2.2
				c.line(Point{from.X + l.seats.radius(), from.Y + off*.6}, Point{to.X, to.Y + to.H/2 + off}, 1, s.ink(ink.Tint(.45)))
			}
			continue
		}
		from := l.places[link.From]
		stroke := min(1+math.Sqrt(float64(n))*.35, max(to.H*.5, 1), 9)
		c.line(Point{from.X + from.W, from.Y + from.H/2}, Point{to.X, to.Y + to.H/2}, stroke, s.ink(ink.Tint(.5)))
	}
	if !few {
		s.drawStrands(c, l)
	}
}

// drawStrands draws the clients' connections as strands from some of their rows
// to the hosts that they are connected to.
func (s *Stage) drawStrands(c *Scene, l *Lane) {
	if len(l.share) == 0 || len(l.columns) < 2 {
		return
	}
	for i := range l.share {
		l.share[i].clients, l.share[i].connected = 0, 0
	}
	for ordinal := range l.State.Clients {
		k := l.strandOf(ordinal)
		k.clients++
		if l.State.Clients[ordinal].Connections > 0 {
			k.connected++
		}
	}
	next := l.columns[1]
	x := l.seats.rect.X + l.seats.rect.W
	for place, h := range l.Reel.Hosts {
		if h.Role == trace.Client {
			continue
		}
		beyond := h.Role != next.role // past the next column, for clients of its own
		to := l.places[place]
		share := 1.0
		if next.count > 1 { // as much of each strand as this host has of all connections
			if n := s.columnConnections(l, next.role); n > 0 {
				share = float64(l.State.Hosts[place].Connections) / float64(n)
			}
		}
		for _, k := range l.share {
			if k.connected == 0 || beyond && (k.to != int32(place) || l.Reel.roaming) {
				continue
			}
			strength := float64(k.connected) / float64(k.clients)
			if k.to < 0 || l.Reel.roaming {
				strength *= min(1, share*1.5)
			} else if k.to != int32(place) {
				continue
			}
			if strength < .01 {
				continue
			}
			c.line(Point{x + 2, k.y}, Point{to.X, l.landing(k.y, to)}, .6+widestStrand*strength, s.ink(palette.Edge.Tint(.12+.38*strength)))
		}
	}
}

func (s *Stage) columnConnections(l *Lane, role trace.Role) int32 {
	n := int32(0)
	for place, h := range l.Reel.Hosts {
		if h.Role == role {
			n += l.State.Hosts[place].Connections
		}
	}
	return n
}

// hue is a server's colour.
func (s *Stage) hue(l *Lane, place int32) palette.Ink {
	if h := l.Reel.Hosts[place]; h.Role == trace.Server {
		return palette.Server(h.Number)
	}
	return palette.Server(7)
}
