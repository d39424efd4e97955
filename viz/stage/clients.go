package stage

import (
	"image/color"

	"protosim/viz/palette"
)

// look is how a client is drawn: a shape and a colour.
func (s *Stage) look(l *Lane, state *ClientState) (Shape, palette.Ink) {
	switch {
	case state.Lost && state.Presence >= Disconnected:
		return Arcs, palette.Failed
	case state.Lost:
		return Ring, palette.Failed
	case state.Session >= 0:
		if state.Presence >= Disconnected {
			return Arcs, s.hue(l, state.Session)
		}
		return Disc, s.hue(l, state.Session)
	case state.Presence >= Disconnected:
		return Arcs, palette.Failed
	case state.Session == Carried:
		return Disc, ownInk
	case state.Presence == Absent:
		return Disc, palette.Faint
	case state.Requests > 0:
		return Disc, ownInk
	case state.Connections > 0:
		return Disc, connectedInk
	}
	return Disc, palette.Ink{Light: 0xd0d7de, Dark: 0x3d444d}
}

// drawClients draws the clients: one by one, or as a field where they are many.
func (s *Stage) drawClients(c *Scene, l *Lane) {
	seats := &l.seats
	if l.dense() {
		s.drawField(c, l)
		return
	}
	radius := seats.radius()
	for seat, place := range l.Reel.seats {
		state := &l.State.Clients[l.Reel.ordinal[place]]
		at := seats.centre(seat)
		shape, ink := s.look(l, state)
		switch {
		case shape == Disc && state.Presence == Absent && state.Session == NoSession:
			c.mark(Disc, at, max(radius*.35, 1), 0, s.ink(borderInk))
		case shape == Disc:
			c.mark(Disc, at, radius, 0, s.ink(ink))
			if state.Losses > 0 {
				c.mark(Disc, at, max(radius*.38, 1.2), 0, s.ink(palette.Failed))
			}
		default:
			c.mark(shape, at, radius, max(radius*.3, 1.2), s.ink(ink))
		}
	}
}

// drawField draws the clients as small squares; a square of several clients has
// the mean of their colours.
func (s *Stage) drawField(c *Scene, l *Lane) {
	seats := &l.seats
	if len(c.Fields) < cap(c.Fields) {
		c.Fields = c.Fields[:len(c.Fields)+1]
	} else {
		c.Fields = append(c.Fields, Field{})
	}
	f := &c.Fields[len(c.Fields)-1]
	*f = Field{X: seats.rect.X, Y: seats.rect.Y, Columns: seats.columns, Pitch: seats.pitch, Side: seats.pitch * .8, Cells: f.Cells[:0]}
	if seats.pitch < 4 {
		f.Side = seats.pitch - .5
	}
	for i := 0; i < len(l.Reel.seats); i += seats.group {
		var red, green, blue, alpha, n int
		for k := i; k < min(i+seats.group, len(l.Reel.seats)); k++ {
			state := &l.State.Clients[l.Reel.ordinal[l.Reel.seats[k]]]
			shape, ink := s.look(l, state)
			colour := s.ink(ink)
			if shape != Disc { // emptied
				colour.A = uint8(2 * int(colour.A) / 5)
			}
			if state.Losses > 0 && shape == Disc { // a scar
				scar := s.ink(palette.Failed)
				colour.R, colour.G, colour.B = mixed(colour.R, scar.R), mixed(colour.G, scar.G), mixed(colour.B, scar.B)
			}
			red, green, blue, alpha, n = red+int(colour.R), green+int(colour.G), blue+int(colour.B), alpha+int(colour.A), n+1
		}
		f.Cells = append(f.Cells, color.NRGBA{uint8(red / n), uint8(green / n), uint8(blue / n), uint8(alpha / n)})
	}
	c.Items = append(c.Items, Item{Shape: Grid, Field: int32(len(c.Fields) - 1)})
}

// mixed is three parts of one level and one of another.
func mixed(a, b uint8) uint8 { return uint8((3*int(a) + int(b)) / 4) }

// drawPulses draws a ring that grows around those who have just lost something.
func (s *Stage) drawPulses(c *Scene, l *Lane) {
	if l.dense() {
		return
	}
	window := s.wall(pulseTime)
	n := 0
	for i := range l.State.Clients {
		state := &l.State.Clients[i]
		if state.Changed == 0 || s.Now < state.Changed || s.Now-state.Changed > window {
			continue
		}
		if n++; n > mostPulses {
			return
		}
		age := float64(s.Now-state.Changed) / float64(window)
		radius := l.seats.radius() * (1 + 1.4*age)
		c.mark(Ring, l.client(l.Reel.clients[i]), radius, 1.2, s.ink(palette.Failed.Tint(.7*(1-age))))
	}
}
