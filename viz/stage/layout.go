package stage

import (
	"math"

	"protosim/model/trace"
)

// Distances of the layout, in CSS pixels.
const (
	margin      = 8.0
	stripHeight = 34.0 // the clock and what just happened
	keyHeight   = 20.0 // a line of the legend
	laneGap     = 8.0
	labelHeight = 18.0 // the names of the columns
	headOneLine = 27.0 // name, numbers and their words side by side
	headOneRow  = 44.0 // the words below the numbers
	headTwoRows = 64.0 // the name above them
)

// Lane is the part of the stage where one strategy's run is seen.
type Lane struct {
	Strategy string
	Reel     *Reel  // nil until its trace is there
	State    *State // nil likewise

	rect, head, body Rect
	columns          []column
	places           []Rect // of hosts that are no clients, by place
	seats            seating
	seatOf           []int32 // by a client's ordinal
	share            []strand
}

// fromLeft is how the columns stand, from left to right.
var fromLeft = [...]trace.Role{trace.Client, trace.Firewall, trace.Cache, trace.Shield, trace.Balancer, trace.Server, trace.Store}

// column is where the hosts of a role stand.
type column struct {
	role   trace.Role
	rect   Rect
	label  Rect
	count  int
	across int // cards stand side by side
	naming naming
}

// seating is how the clients stand: row by row, group of them to a seat.
type seating struct {
	rect          Rect
	columns, rows int
	pitch         float64
	group         int
}

// strand is a bundle of the connections of some rows of clients.
type strand struct {
	y                  float64
	clients, connected int32
	to                 int32 // the host that all of them connect to, -1 if they differ
}

// arrange finds how many columns of lanes give them the best shape. The lanes of
// a last row that is not full are wider, for which there should be a reason.
func arrange(n int, w, h float64) (columns, rows int) {
	const ideal = 1.15 // width to height
	best := math.Inf(1)
	for c := 1; c <= n; c++ {
		r := (n + c - 1) / c
		lw, lh := (w-laneGap*float64(c-1))/float64(c), (h-laneGap*float64(r-1))/float64(r)
		if lw <= 0 || lh <= 0 {
			continue
		}
		cost := math.Abs(math.Log(lw/lh/ideal)) + 3.5*float64(c*r-n)/float64(n)
		if lw < 250 && c > 1 {
			cost += (250 - lw) / 40
		}
		if cost < best {
			best, columns, rows = cost, c, r
		}
	}
	if columns == 0 {
		return 1, n
	}
	return columns, rows
}

// layout places everything for the stage's size.
func (s *Stage) layout() {
	s.stale = false
	w, h := s.width, s.height
	s.strip = Rect{margin, 0, max(w-2*margin, 0), stripHeight}
	s.packets = s.showsPackets()
	s.keyLines = s.countKeyLines(w - 2*margin)
	if h < 300 {
		s.keyLines = 0
	}
	s.key = Rect{margin, h - float64(s.keyLines)*keyHeight - 2, w - 2*margin, float64(s.keyLines) * keyHeight}
	if len(s.lanes) == 0 {
		return
	}
	area := Rect{margin, stripHeight, w - 2*margin, s.key.Y - 4 - stripHeight}
	columns, rows := arrange(len(s.lanes), area.W, area.H)
	lh := (area.H - laneGap*float64(rows-1)) / float64(rows)
	for i, l := range s.lanes {
		row, k := i/columns, i%columns
		beside := min(columns, len(s.lanes)-row*columns)
		lw := (area.W - laneGap*float64(beside-1)) / float64(beside)
		l.place(Rect{area.X + float64(k)*(lw+laneGap), area.Y + float64(row)*(lh+laneGap), max(lw, 0), max(lh, 0)})
		s.nameHosts(l)
	}
}

// nameHosts gives the hosts of each column of a lane their names.
func (s *Stage) nameHosts(l *Lane) {
	for i := range l.columns {
		c := &l.columns[i]
		if c.role == trace.Client {
			continue
		}
		var names []string
		var card Rect
		for place, h := range l.Reel.Hosts {
			if h.Role == c.role {
				names, card = append(names, h.Name), l.places[place]
			}
		}
		c.naming = s.name(names, card, c.role)
	}
}

// place lays a lane out in its rectangle.
func (l *Lane) place(r Rect) {
	l.rect = r
	l.head = Rect{r.X + 12, r.Y + 3, max(r.W-24, 0), headOneRow}
	switch {
	case r.H < 150 || r.H < 200 && r.W > 2*r.H:
		l.head.H = headOneLine
	case r.W < 300:
		l.head.H = headTwoRows
	}
	l.body = Rect{r.X + 12, l.head.Y + l.head.H, max(r.W-24, 0), max(r.Y+r.H-10-l.head.Y-l.head.H, 0)}
	l.columns, l.places = l.columns[:0], l.places[:0]
	if l.Reel == nil {
		return
	}
	var counts [trace.Shield + 1]int
	for _, h := range l.Reel.Hosts {
		if h.Role >= trace.Client && h.Role <= trace.Shield {
			counts[h.Role]++
		}
	}
	content := l.body
	if content.H > 90 {
		content.Y += labelHeight
		content.H -= labelHeight
	}
	// How wide the columns would like to be; the clients take half of what is
	// left, the space for connections the other half.
	var widths [trace.Shield + 1]float64
	used, gaps := 0.0, 0.0
	others := 0
	for _, role := range fromLeft[1:] {
		if counts[role] > 0 {
			others++
		}
	}
	serverShare, otherShare, clientShare := .3, .2, .62
	switch {
	case others > 2: // the more columns, the narrower
		serverShare, otherShare, clientShare = .24, .155, .45
	case content.W < content.H: // the clients have the height
		serverShare, otherShare, clientShare = .34, .25, .5
	case others > 1: // two gaps
		clientShare = .53
	}
	for _, role := range fromLeft[1:] {
		switch {
		case counts[role] == 0:
			continue
		case role == trace.Server:
			widths[role] = min(max(content.W*serverShare, 76), 180)
		default:
			widths[role] = min(max(content.W*otherShare, 54), 120)
		}
		used += widths[role]
		gaps++
	}
	if most := content.W * .72; used > most {
		for role := range widths {
			widths[role] *= most / used
		}
		used = most
	}
	gap := 0.0
	if counts[trace.Client] > 0 {
		room := content.W - used
		l.seats = seat(counts[trace.Client], Rect{content.X, content.Y, room * clientShare, content.H})
		gap = (room - l.seats.rect.W) / max(gaps, 1)
	} else if gaps > 1 {
		gap = (content.W - used) / (gaps - 1)
	}
	x := content.X
	for _, role := range fromLeft {
		if counts[role] == 0 {
			continue
		}
		c := column{role: role, count: counts[role]}
		if role == trace.Client {
			c.rect = l.seats.rect
		} else {
			c.rect = Rect{x, content.Y, widths[role], content.H}
		}
		// A name may reach into the gaps.
		c.label = Rect{c.rect.X - gap*.45, l.body.Y, c.rect.W + gap*.9, labelHeight}
		if c.label.X < l.body.X {
			c.label.W -= l.body.X - c.label.X
			c.label.X = l.body.X
		}
		c.label.W = min(c.label.W, l.body.X+l.body.W-c.label.X)
		l.columns = append(l.columns, c)
		x = c.rect.X + c.rect.W + gap
	}
	l.stand()
	l.tie()
}

// stand gives the hosts of each column their places: one below the other, or some
// side by side where they would be too low for their names.
func (l *Lane) stand() {
	type grid struct {
		rect Rect // of the first card
		gap  float64
		next int
	}
	var grids [trace.Shield + 1]grid
	for i := range l.columns {
		c := &l.columns[i]
		const beside, narrowest = 4.0, 22.0
		c.across = 1
		height, gap := c.cards()
		for height < lowestCard+1 && (c.rect.W+beside)/float64(c.across+1) >= narrowest+beside && c.across < c.count {
			c.across++
			height, gap = c.cards()
		}
		rows := float64(c.rows())
		grids[c.role] = grid{gap: gap, rect: Rect{
			c.rect.X, c.rect.Y + (c.rect.H-height*rows-gap*(rows-1))/2,
			(c.rect.W+beside)/float64(c.across) - beside, max(height, .5),
		}}
	}
	for _, h := range l.Reel.Hosts {
		r := Rect{}
		for _, c := range l.columns {
			if c.role == h.Role && h.Role != trace.Client {
				g := &grids[h.Role]
				r = g.rect
				r.X += float64(g.next%c.across) * (c.rect.W - r.W) / float64(max(c.across-1, 1))
				r.Y += float64(g.next/c.across) * (r.H + g.gap)
				g.next++
			}
		}
		l.places = append(l.places, r)
	}
}

// rows is how many cards stand one below the other.
func (c *column) rows() int { return (c.count + c.across - 1) / c.across }

// cards is how high they are, and how far apart.
func (c *column) cards() (height, gap float64) {
	n, most := float64(c.rows()), 92.0
	if c.role == trace.Server {
		most = 168
	}
	gap = min(max(c.rect.H*.045, 3), 18)
	switch each := c.rect.H / n; {
	case each < lowestCard+1:
		gap = min(1, each*.2)
	case each < 22:
		gap = min(gap, 2)
	case each < 40:
		gap = min(gap, 4)
	}
	return min((c.rect.H-gap*(n-1))/n, most), gap
}

// seat finds the largest pitch at which n clients fit, and places them in the
// middle of the rectangle's height, at its left.
func seat(n int, r Rect) seating {
	const narrowest = 2.5
	widest := 26.0
	if n <= fewClients {
		widest = 44
	}
	s := seating{group: 1}
	if n == 0 || r.W < narrowest || r.H < narrowest {
		s.columns, s.rows, s.pitch, s.rect = 1, 1, narrowest, Rect{r.X, r.Y, narrowest, narrowest}
		s.group = max(n, 1)
		return s
	}
	fits := func(pitch float64, n int) bool {
		return int(r.W/pitch)*int(r.H/pitch) >= n
	}
	for !fits(narrowest, (n+s.group-1)/s.group) {
		s.group++
	}
	n = (n + s.group - 1) / s.group
	low, high := narrowest, widest
	if fits(high, n) {
		low = high
	}
	for range 20 {
		if mid := (low + high) / 2; fits(mid, n) {
			low = mid
		} else {
			high = mid
		}
	}
	s.pitch = low
	if s.pitch > 4 {
		s.pitch = math.Floor(s.pitch*2) / 2
	}
	most := max(int(r.H/s.pitch), 1)
	s.columns = (n + most - 1) / most
	s.rows = (n + s.columns - 1) / s.columns
	w, h := float64(s.columns)*s.pitch, float64(s.rows)*s.pitch
	s.rect = Rect{r.X, r.Y + (r.H-h)/2, w, h}
	return s
}

// centre is the middle of a seat.
func (s *seating) centre(seat int) Point {
	seat /= s.group
	return Point{
		s.rect.X + (float64(seat%s.columns)+.5)*s.pitch,
		s.rect.Y + (float64(seat/s.columns)+.5)*s.pitch,
	}
}

// at is the seat at a point, -1 for none.
func (s *seating) at(p Point) int {
	if !s.rect.Contains(p) || s.pitch <= 0 {
		return -1
	}
	c := min(int((p.X-s.rect.X)/s.pitch), s.columns-1)
	return (int((p.Y-s.rect.Y)/s.pitch)*s.columns + c) * s.group
}

// tie prepares the bundles of the clients' connections.
func (l *Lane) tie() {
	r := l.Reel
	if len(l.seatOf) != len(r.clients) {
		l.seatOf = make([]int32, len(r.clients))
	}
	for seat, place := range r.seats {
		l.seatOf[r.ordinal[place]] = int32(seat)
	}
	const most = 28
	l.share = l.share[:0]
	n := min(l.seats.rows, most)
	for i := range n {
		l.share = append(l.share, strand{y: l.seats.rect.Y + l.seats.rect.H*(float64(i)+.5)/float64(n), to: -2})
	}
	for ordinal := range r.clients {
		k := l.strandOf(ordinal)
		switch to := r.firstStop[ordinal]; {
		case to < 0:
		case k.to == -2:
			k.to = to
		case k.to != to:
			k.to = -1
		}
	}
}

// strandOf is the strand of a client's connections.
func (l *Lane) strandOf(ordinal int) *strand {
	row := int(l.seatOf[ordinal]) / l.seats.group / l.seats.columns
	return &l.share[min(row*len(l.share)/l.seats.rows, len(l.share)-1)]
}

// client is where the client whose host is at a place stands.
func (l *Lane) client(place int32) Point {
	return l.seats.centre(int(l.seatOf[l.Reel.ordinal[place]]))
}

// radius is that of a client's disc.
func (s *seating) radius() float64 { return min(s.pitch*.38, 9) }

// fewClients is how many at most are drawn with a line for each connection.
const fewClients = 40

// few says that clients are drawn one by one, with their connections.
func (l *Lane) few() bool { return len(l.Reel.clients) <= fewClients }

// dense says that clients are a field of small squares.
func (l *Lane) dense() bool { return l.seats.pitch < 6 || l.seats.group > 1 }
