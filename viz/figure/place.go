package figure

import "math"

// nameLines puts the names of the lines where they cover no text, line or dot:
// near their own line, or, where there is no room, in a free place with a piece of
// the line beside them. Lines that coincide share one name of all.
func (p *plot) nameLines() {
	var obstacles [][]Point
	for _, l := range p.panel.Lines {
		if l.Fill {
			continue
		}
		var points []Point
		for _, q := range l.Points {
			points = append(points, p.at(q))
		}
		obstacles = append(obstacles, points)
	}
	for _, d := range p.panel.Dots {
		at := p.at(d.At)
		obstacles = append(obstacles, []Point{{at.X - d.Radius, at.Y}, {at.X + d.Radius, at.Y}}, []Point{{at.X, at.Y - d.Radius}, {at.X, at.Y + d.Radius}})
	}
	var named []Line
	for _, l := range p.panel.Lines {
		if !l.Fill {
			named = append(named, l)
		}
	}
	for i, l := range named {
		if l.Name == "" || len(l.Points) == 0 {
			continue
		}
		for k := i + 1; k < len(named); k++ {
			if named[k].Name != "" && coincide(obstacles[i], obstacles[k]) {
				l.Name += " = " + named[k].Name
				named[k].Name, l.NameInk = "", Strong
			}
		}
		if p.keyed[l.Name] {
			continue
		}
		piece, ok := p.nameLine(l, obstacles[i], obstacles)
		if !ok {
			p.homeless = append(p.homeless, Swatch{Ink: l.Ink, Text: l.Name})
		} else if piece != nil {
			obstacles = append(obstacles, piece)
		}
	}
}

// coincide says that two lines cannot be told apart: one hides the other.
func coincide(a, b []Point) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Hypot(a[i].X-b[i].X, a[i].Y-b[i].Y) > 1.5 {
			return false
		}
	}
	return true
}

const nameSize = 12.5

// crossed is what it costs a name to be crossed by a line: more than any place
// in the plot that is not.
const crossed = 1000

// nameLine places one name, if there is room. It returns the piece of the line
// that stands beside the name, if one does.
func (p *plot) nameLine(l Line, own []Point, all [][]Point) (piece []Point, ok bool) {
	w := TextWidth(l.Name, nameSize, true)
	best, cost, remote := Point{}, math.Inf(1), false
	consider := func(at Point, extra float64, far bool) {
		box := Rect{at.X, at.Y - ascent*nameSize, at.X + w, at.Y + descent*nameSize}
		if far {
			box.X0 -= 20
		}
		apart := Rect{box.X0 - 5, box.Y0 - 1, box.X1 + 5, box.Y1 + 1} // names beside one another are not one
		if extra >= cost || !p.area.contains(box) || p.taken(apart) {
			return
		}
		c := extra
		for _, line := range all {
			c += crossed * float64(crossings(line, box.grown(1)))
		}
		if c < cost {
			best, cost, remote = at, c, far
		}
	}
	// Around points along the line, those in the middle first.
	const positions = 48
	for i := range positions {
		share := (float64(i) + .5) / positions
		at := along(own, share)
		from := 30 * math.Abs(share-.5)
		for _, dx := range []float64{5, -w - 5, -w / 2} {
			for k, dy := range []float64{-5, nameSize*ascent + 5, nameSize * .35, -9, nameSize*ascent + 9} { // past dots, too
				far := 0.0
				if k > 2 {
					far = 3
				}
				if dx == -w/2 && dy == nameSize*.35 {
					continue // on top of the line
				}
				consider(Point{at.X + dx, at.Y + dy}, from+far, false)
			}
		}
	}
	for x := p.area.X0 + 26; x < p.area.X1-w; x += 24 {
		for y := p.area.Y0 + nameSize; y < p.area.Y1-4; y += 16 {
			consider(Point{x, y}, 60+.02*(p.area.X1-x), true)
		}
	}
	if cost >= crossed {
		return nil, false
	}
	if remote {
		y := best.Y - nameSize*.35
		piece = []Point{{best.X - 18, y}, {best.X - 4, y}}
		p.Paths = append(p.Paths, Path{Points: piece, Stroke: l.Ink, Width: 3, Dashed: l.Dashed})
	}
	p.text(Text{At: best, Text: l.Name, Size: nameSize, Bold: true, Ink: l.NameInk.Or(Strong)}, Start)
	return piece, true
}

// along is the point at a share of a line's length.
func along(line []Point, share float64) Point {
	total := 0.0
	for i := 1; i < len(line); i++ {
		total += math.Hypot(line[i].X-line[i-1].X, line[i].Y-line[i-1].Y)
	}
	left := total * share
	for i := 1; i < len(line); i++ {
		d := math.Hypot(line[i].X-line[i-1].X, line[i].Y-line[i-1].Y)
		if d >= left && d > 0 {
			f := left / d
			return Point{line[i-1].X + f*(line[i].X-line[i-1].X), line[i-1].Y + f*(line[i].Y-line[i-1].Y)}
		}
		left -= d
	}
	return line[len(line)-1]
}

// crossings counts the segments of a line that touch a box.
func crossings(line []Point, box Rect) int {
	n := 0
	for i := 1; i < len(line); i++ {
		if touches(line[i-1], line[i], box) {
			n++
		}
	}
	return n
}

// touches clips a segment to a box (Liang and Barsky) and says whether
// anything is left.
func touches(a, b Point, r Rect) bool {
	t0, t1 := 0.0, 1.0
	for _, side := range [4][2]float64{
		{a.X - b.X, a.X - r.X0}, {b.X - a.X, r.X1 - a.X}, {a.Y - b.Y, a.Y - r.Y0}, {b.Y - a.Y, r.Y1 - a.Y},
	} {
		switch p, q := side[0], side[1]; {
		case p == 0 && q < 0:
			return false
		case p < 0:
			t0 = max(t0, q/p)
		case p > 0:
			t1 = min(t1, q/p)
		}
	}
	return t0 <= t1
}
