package stage

import (
	"math"
	"math/bits"
	"sort"
	"time"

	"protosim/model/trace"
	"protosim/viz/palette"
)

// way is a path over some hosts: from card to card, through each of them.
type way struct {
	points [12]Point
	upTo   [12]float64 // length of the path up to each point
	n      int
}

func (w *way) add(p Point) {
	if w.n == len(w.points) {
		return
	}
	w.points[w.n] = p
	if w.n > 0 {
		last := w.points[w.n-1]
		w.upTo[w.n] = w.upTo[w.n-1] + math.Hypot(p.X-last.X, p.Y-last.Y)
	}
	w.n++
}

// at is the point at a share of the way.
func (w *way) at(share float64) Point {
	along := min(max(share, 0), 1) * w.upTo[w.n-1]
	for i := 1; i < w.n; i++ {
		if along <= w.upTo[i] && w.upTo[i] > w.upTo[i-1] {
			return w.points[i-1].between(w.points[i], (along-w.upTo[i-1])/(w.upTo[i]-w.upTo[i-1]))
		}
	}
	return w.points[w.n-1]
}

// wayOf is the way of a request from its client to who answers it.
func (s *Stage) wayOf(l *Lane, client, first, turn int32) way {
	var w way
	from := l.door(client)
	w.add(from)
	if first < 0 && turn < 0 && len(l.columns) > 1 {
		first = l.Reel.firstOf(l.columns[1].role)
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
		s.visit(l, &w, first, from, first == turn)
		if turn != first {
			s.visit(l, &w, turn, from, true)
		}
		return w
	}
	for _, place := range route {
		s.visit(l, &w, place, from, place == turn)
	}
	return w
}

// visit leads the way through a host's card, or just into it at the end.
func (s *Stage) visit(l *Lane, w *way, place int32, from Point, end bool) {
	r := l.places[place]
	in := Point{r.X, r.Y + r.H/2}
	if w.n == 1 && !l.few() {
		in.Y = l.landing(from.Y, r)
	}
	w.add(in)
	if end {
		w.add(Point{in.X + min(8, r.W/2), in.Y})
		return
	}
	w.add(Point{r.X + r.W, r.Y + r.H/2})
}

// door is where what a client sends comes out: at the edge of their block where
// they are many.
func (l *Lane) door(client int32) Point {
	p := l.client(client)
	if !l.few() {
		p.X = l.seats.rect.X + l.seats.rect.W + 2
	}
	return p
}

// landing is where a strand from the clients' block at height y meets a card.
func (l *Lane) landing(y float64, to Rect) float64 {
	return to.Y + to.H/2 + (y-l.seats.rect.Y-l.seats.rect.H/2)/max(l.seats.rect.H, 1)*to.H*.7
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
			w = s.wayOf(l, p.Client, r.firstStop[r.ordinal[p.Client]], p.From)
		}
		c.mark(Diamond, w.at(float64(p.At-now)/float64(least)), 3.6, 0, ink)
	}
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
		from, to := l.ends(f.From, f.To)
		at := from.between(to, share)
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
			from, to := l.ends(f.From, f.To)
			c.mark(Cross, from.between(to, .5), 3.5, 1.5, s.ink(palette.Failed))
		}
	}
}

// ends are the points between which packets fly.
func (l *Lane) ends(from, to int32) (a, b Point) {
	r := l.Reel
	switch {
	case r.ordinal[from] >= 0 && r.ordinal[to] >= 0:
		return l.door(from), l.door(to)
	case r.ordinal[from] >= 0:
		a, b = l.door(from), l.places[to].Centre()
		b.X = l.places[to].X
		if !l.few() {
			b.Y = l.landing(a.Y, l.places[to])
		}
		return a, b
	case r.ordinal[to] >= 0 || l.places[to].X < l.places[from].X:
		b, a = l.ends(to, from)
		return a, b
	}
	f, t := l.places[from], l.places[to]
	return Point{f.X + f.W, f.Y + f.H/2}, Point{t.X, t.Y + t.H/2}
}
