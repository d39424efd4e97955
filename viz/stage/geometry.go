package stage

// Point is a place, in CSS pixels, y downwards.
type Point struct{ X, Y float64 }

// Rect is a rectangle by its upper left corner and its sides.
type Rect struct{ X, Y, W, H float64 }

// Centre is the middle of the rectangle.
func (r Rect) Centre() Point { return Point{r.X + r.W/2, r.Y + r.H/2} }

// Contains says that the point lies within.
func (r Rect) Contains(p Point) bool {
	return p.X >= r.X && p.X < r.X+r.W && p.Y >= r.Y && p.Y < r.Y+r.H
}

// Overlaps says that the rectangles share more than a hair.
func (r Rect) Overlaps(o Rect) bool {
	const hair = .05
	return min(r.X+r.W, o.X+o.W)-max(r.X, o.X) > hair && min(r.Y+r.H, o.Y+o.H)-max(r.Y, o.Y) > hair
}

// Within says that the rectangle lies in another one, but for a hair.
func (r Rect) Within(o Rect) bool {
	const hair = .05
	return r.X >= o.X-hair && r.Y >= o.Y-hair && r.X+r.W <= o.X+o.W+hair && r.Y+r.H <= o.Y+o.H+hair
}

// inset is the rectangle without a margin.
func (r Rect) inset(d float64) Rect { return Rect{r.X + d, r.Y + d, r.W - 2*d, r.H - 2*d} }

// between is the point that lies at share of the way from p to q.
func (p Point) between(q Point, share float64) Point {
	return Point{p.X + (q.X-p.X)*share, p.Y + (q.Y-p.Y)*share}
}
