package stage

import (
	"math/bits"
	"sort"
	"time"

	"protosim/model/trace"
	"protosim/viz/palette"
)

// way is a path over some hosts.
type way struct {
	points [8]Point
	n      int
}

func (w *way) add(p Point) {
	if w.n < len(w.points) {
		w.points[w.n] = p
		w.n++
	}
}

// at is the point at a share of the way, each hop taking as long.
func (w *way) at(share float64) Point {
	if w.n == 1 {
		return w.points[0]
	}
	along := min(max(share, 0), 1) * float64(w.n-1)
	hop := min(int(along), w.n-2)
	return w.points[hop].between(w.points[hop+1], along-float64(hop))
}

// wayOf is the way of a request from its client to who answers it.
func (s *Stage) wayOf(l *Lane, client, first, turn int32) way {
	var w way
	w.add(l.client(client))
	if first < 0 && turn < 0 && len(l.columns) > 1 {
		for i, h := range l.Reel.Hosts {
			if h.Role == l.columns[1].role {
				first = int32(i)
				break
			}
		}
	}
	if first < 0 {
		first = turn
	}
	if turn < 0 {
		turn = first
	}
	if first < 0 {
		return w
	}
	route := l.Reel.route(first, turn)
	if route == nil {
		w.add(l.places[first].Centre())
		if turn != first {
			w.add(l.places[turn].Centre())
		}
		return w
	}
	for _, place := range route {
		w.add(l.places[place].Centre())
	}
	return w
}

// sampled says whether the one with a number is drawn when only one in stride is
// (a power of two); who is drawn at a stride is drawn at any smaller one too.
func sampled(number int32, stride uint32) bool {
	h := uint32(number) * 0x9e3779b1
	return (h^h>>15)&(stride-1) == 0
}

// strideFor is how many things one dot stands for.
func strideFor(n, most int) uint32 {
	if n <= most {
		return 1
	}
	return 1 << bits.Len(uint((n-1)/most))
}

// drawTravel draws requests as dots on their way to a server and back, and pushes
// on their way to clients. Each is to be seen for a while of wall time, however
// short its real travel.
func (s *Stage) drawTravel(c *Scene, l *Lane) {
	r, now := l.Reel, s.Now
	least := s.wall(leastTravel)
	from := sort.Search(len(r.ended), func(i int) bool { return r.Requests[r.ended[i]].End > now-2*least })
	to := from + sort.Search(len(r.ended)-from, func(i int) bool { return r.Requests[r.ended[from+i]].End > now })
	firstPush := sort.Search(len(r.Pushes), func(i int) bool { return r.Pushes[i].At > now })
	lastPush := firstPush + sort.Search(len(r.Pushes)-firstPush, func(i int) bool { return r.Pushes[firstPush+i].At > now+least })
	stride := strideFor(len(l.State.Open)+to-from+lastPush-firstPush, mostDots)
	for _, i := range l.State.Open {
		if sampled(i, stride) {
			s.drawRequest(c, l, &r.Requests[i], least)
		}
	}
	for _, i := range r.ended[from:to] {
		if sampled(i, stride) {
			s.drawRequest(c, l, &r.Requests[i], least)
		}
	}
	ink := s.ink(pushInk)
	for i := firstPush; i < lastPush; i++ {
		if !sampled(int32(i), stride) {
			continue
		}
		p := &r.Pushes[i]
		w := s.wayOf(l, p.Client, -1, p.From)
		if p.From >= 0 {
			w = s.wayOf(l, p.Client, s.firstStop(l, p.From), p.From)
		}
		c.mark(Diamond, w.at(float64(p.At-now)/float64(least)), 3.6, 0, ink)
	}
}

// firstStop is where clients of a server connect to: the host of the column next
// to them that leads there.
func (s *Stage) firstStop(l *Lane, server int32) int32 {
	for i, h := range l.Reel.Hosts {
		if h.Role == l.columns[1].role && l.Reel.route(int32(i), server) != nil {
			return int32(i)
		}
	}
	return server
}

func (s *Stage) drawRequest(c *Scene, l *Lane, q *Request, least time.Duration) {
	now := s.Now
	out := least
	if q.HasTurned { // the reel knows the future: a dot travels as fast as it will have
		out = max(q.Turned-q.Start, least)
	}
	w := s.wayOf(l, q.Client, q.First, q.Turn)
	strategy := palette.Area(l.Strategy)
	if now < q.Start+out {
		c.mark(Disc, w.at(float64(now-q.Start)/float64(out)), 2.6, 0, s.ink(strategy))
		return
	}
	if q.Served > now { // it is in service: the server's card shows how many
		return
	}
	begin := max(q.Served, q.Start+out)
	back := least
	if q.End != Never {
		back = max(q.End-q.Served, least)
	}
	share := float64(now-begin) / float64(back)
	if share < 0 || share >= 1 {
		return
	}
	at := w.at(1 - share)
	switch {
	case q.Outcome == Failed:
		c.mark(Cross, at, 4, 1.8, s.ink(palette.Failed))
	case q.Outcome == Abandoned:
		c.mark(Ring, at, 2.6, 1, s.ink(palette.Muted))
	default:
		c.mark(Ring, at, 3, 1.3, s.ink(strategy))
	}
}

// drawFlights draws the packets under way, as they really fly.
func (s *Stage) drawFlights(c *Scene, l *Lane) {
	r, now := l.Reel, s.Now
	n := 0
	r.flightsAt(now, func(*Flight) { n++ })
	stride := strideFor(n, mostDots)
	ink := palette.Area(l.Strategy)
	i := int32(0)
	r.flightsAt(now, func(f *Flight) {
		if i++; !sampled(i+int32(f.At/time.Microsecond), stride) {
			return
		}
		share := float64(now-f.At) / float64(f.Until-f.At)
		switch f.Leg {
		case trace.ToCore:
			share *= .5
		case trace.FromCore:
			share = .5 + share*.5
		}
		at := l.point(f.From).between(l.point(f.To), share)
		size := 1.6 + 1.4*min(float64(f.Bytes)/1460, 1)
		if r.ordinal[f.To] >= 0 {
			c.mark(Ring, at, size+.5, 1.3, s.ink(ink))
		} else {
			c.mark(Disc, at, size, 0, s.ink(ink))
		}
	})
	// The lost ones stay a moment where they were lost.
	window := s.wall(pulseTime / 2)
	from := sort.Search(len(r.Flights), func(i int) bool { return r.Flights[i].At > now-window })
	for n := 0; from < len(r.Flights) && r.Flights[from].At <= now && n < mostPulses; from++ {
		if f := &r.Flights[from]; f.Dropped {
			n++
			c.mark(Cross, l.point(f.From).between(l.point(f.To), .5), 3.5, 1.5, s.ink(palette.Failed))
		}
	}
}
