package stage

import (
	"protosim/model/trace"
	"protosim/viz/palette"
)

// drawTip draws what is under the pointer in a few words.
func (s *Stage) drawTip(c *Scene) {
	l := s.hover.Lane
	if l == nil || l.State == nil {
		return
	}
	host := l.Reel.Hosts[s.hover.Host]
	var lines [8]label
	var ends [8]int
	n := 0
	line := func(l label) {
		if n < len(lines) {
			lines[n], ends[n] = l, len(c.text)
			n++
		}
	}
	line(c.say(host.Name))
	if client := l.State.client(s.hover.Host); client != nil {
		line(c.say(clientWord(client)))
		switch {
		case client.Session >= 0:
			line(c.say("session on ").and(l.Reel.Hosts[client.Session].Name))
		case client.Session == Carried:
			line(c.say("session not bound to a server"))
		}
		line(c.say("").number(int(client.Connections)).and(connections(int32(client.Connections))))
		if client.Requests > 0 {
			line(c.say("").number(int(client.Requests)).and(" requests under way"))
		}
		if client.Failed > 0 {
			line(c.say("").number(int(client.Failed)).and(" failed requests"))
		}
	} else {
		h := &l.State.Hosts[s.hover.Host]
		line(c.say(roleName(host.Role, 1)).and(", ").and(l.Reel.condition(h)))
		line(c.say("").number(int(h.Connections)).and(connections(h.Connections)))
		switch host.Role {
		case trace.Server:
			if h.Lost > 0 {
				line(c.say("").number(int(h.Lost)).and(" sessions lost"))
			} else {
				line(c.say("").number(int(h.Sessions)).and(" sessions"))
			}
			line(c.say("").number(int(h.Load)).and(l.Reel.service()).and(", ").number(int(h.Served)).and(" served"))
			if h.Pushed > 0 {
				line(c.say("").number(int(h.Pushed)).and(" events received by its clients"))
			}
			if each := l.Reel.Memory; each > 0 {
				line(c.say("≈ ").bytes(each * int(h.Connections)).and(" of memory: ").number(int(h.Connections)).and(" × ").bytes(each))
			}
		case trace.Cache, trace.Shield:
			line(c.say("").number(int(h.Hits)).and(" hits, ").number(int(h.Misses)).and(" misses"))
		case trace.Firewall:
			line(c.say("").number(int(h.Refusals)).and(" refused or cut"))
		}
	}
	w := 0.0
	for i := range n {
		w = max(w, c.metrics.Width(c.text[lines[i].from:ends[i]], small+.5, i == 0))
	}
	box := Rect{s.pointer.X + 14, s.pointer.Y + 14, w + 20, float64(n)*16 + 10}
	if box.X+box.W > s.width-4 {
		box.X = max(s.pointer.X-14-box.W, 4)
	}
	if box.Y+box.H > s.height-4 {
		box.Y = max(s.pointer.Y-14-box.H, 4)
	}
	c.box(Rect{box.X - 1, box.Y + 1, box.W + 2, box.H + 2}, 7, s.ink(palette.Ink{Light: 0x1f2328, Dark: 0x010409}.Tint(.18)))
	c.box(box, 6, s.ink(cardInk))
	c.frame(box, 6, 1, s.ink(palette.Edge))
	for i := range n {
		ink := palette.Muted
		if i == 0 {
			ink = palette.Strong
		}
		c.Items = append(c.Items, Item{
			Shape: Text, Bold: i == 0, X: float32(box.X + 10), Y: float32(box.Y + 17 + 16*float64(i)), Size: small + .5,
			W:    float32(c.metrics.Width(c.text[lines[i].from:ends[i]], small+.5, i == 0)),
			from: int32(lines[i].from), to: int32(ends[i]), Colour: s.ink(ink),
		})
	}
}

func clientWord(c *ClientState) string {
	switch {
	case c.Lost && c.Presence >= Disconnected:
		return "lost its session, reconnecting"
	case c.Lost:
		return "lost its session"
	case c.Presence == Absent:
		return "not there yet"
	case c.Presence == Connected:
		return "connected"
	case c.Presence == Disconnected:
		return "thrown off"
	case c.Presence == Reconnecting:
		return "reconnecting"
	}
	return "not connected"
}
