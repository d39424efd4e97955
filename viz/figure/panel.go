package figure

import "slices"

// plot is a panel's plot on the canvas.
type plot struct {
	*Scene
	panel Panel
	area  Rect
	x, y  span
	first int // texts of the scene that belong to others
}

func (p *plot) at(q Point) Point { return Point{p.x.place(q.X), p.y.place(q.Y)} }

// panel draws one panel into its cell.
func (s *Scene) panel(panel Panel, f frame, cell Rect) {
	area := Rect{cell.X0 + f.left, cell.Y0 + f.top, cell.X1 - f.right, cell.Y1 - f.bottom}
	area.X1 = max(area.X1, area.X0+1)
	area.Y1 = max(area.Y1, area.Y0+1)
	p := &plot{Scene: s, panel: panel, area: area, first: len(s.Texts)}
	p.x = span{panel.X.sane(), area.X0, area.X1}
	p.y = span{panel.Y.sane(), area.Y1, area.Y0}
	if panel.Y.Down {
		p.y.at0, p.y.at1 = area.Y0, area.Y1
	}
	if panel.X.Clock {
		s.Clocks = append(s.Clocks, Clock{area, p.x.axis.Min, p.x.axis.Max})
	}
	p.titles(cell, f)
	p.bands()
	p.axes()
	p.marks()
	for _, l := range panel.Labels {
		p.label(l)
	}
	p.nameLines()
}

func (p *plot) titles(cell Rect, f frame) {
	ink := p.panel.Ink.Or(Strong)
	if p.panel.Title != "" {
		title := clip(p.panel.Title, panelSize, true, cell.W())
		p.text(Text{At: Point{cell.X0, cell.Y0 + 12}, Text: title, Size: panelSize, Bold: true, Ink: ink}, Start)
	}
	if p.panel.Side != "" {
		p.text(Text{At: Point{cell.X0, (p.area.Y0+p.area.Y1)/2 + sideSize*.35}, Text: p.panel.Side, Size: sideSize, Bold: true, Ink: ink}, Start)
	}
}

// bands shades spans of the x axis behind everything.
func (p *plot) bands() {
	for _, b := range p.panel.Bands {
		r := Rect{p.x.place(b.From), p.area.Y0, p.x.place(b.To), p.area.Y1}
		p.box(r, b.Ink.Or(Faint))
		if b.Text != "" {
			size := tickSize
			p.text(Text{At: Point{r.X0 + 3, r.Y0 + size}, Text: clip(b.Text, size, false, max(r.W()-6, 30)), Size: size, Ink: Muted}, Start)
		}
	}
}

// axes draws grid and tick labels.
func (p *plot) axes() {
	for _, t := range p.xTicks() {
		at := p.x.place(t.At)
		if p.panel.X.Ticks == nil {
			p.segment(Point{at, p.area.Y0}, Point{at, p.area.Y1}, Faint, .75)
		}
		if !p.panel.X.Quiet {
			p.text(p.xLabel(t), Start)
		}
	}
	if p.panel.X.Label != "" {
		p.text(Text{At: Point{(p.area.X0 + p.area.X1) / 2, p.area.Y1 + 29}, Text: p.panel.X.Label, Size: tickSize, Ink: Muted}, Middle)
	}
	for _, t := range p.y.axis.ticks(min(max(int(p.area.H()/30), 2), 6)) {
		at := p.y.place(t.At)
		if p.panel.Y.Ticks == nil {
			p.segment(Point{p.area.X0, at}, Point{p.area.X1, at}, Faint, .75)
		}
		if p.panel.Y.Quiet {
			continue
		}
		text := Text{At: Point{p.area.X0 - 6, at + tickSize*.35}, Text: t.Text, Size: tickSize, Ink: t.Ink.Or(Muted), Bold: t.Ink != (Ink{})}
		if w := TextWidth(t.Text, tickSize, text.Bold); text.At.X-w < 0 {
			text.Text = clip(t.Text, tickSize, text.Bold, max(text.At.X-2, 8))
		}
		text.At.X -= TextWidth(text.Text, tickSize, text.Bold)
		if !p.taken(text.Box()) {
			p.text(text, Start)
		}
	}
	if !p.panel.X.Bare {
		p.segment(Point{p.area.X0, p.area.Y1}, Point{p.area.X1, p.area.Y1}, Edge, .75)
	}
}

// xTicks are as many ticks as there is room for beside one another.
func (p *plot) xTicks() []Tick {
	for most := max(int(p.area.W()/64), 2); ; most-- {
		ticks := p.x.axis.ticks(most)
		room := true
		for i := 1; i < len(ticks); i++ {
			room = room && !p.xLabel(ticks[i-1]).Box().grown(3).Overlaps(p.xLabel(ticks[i]).Box())
		}
		switch {
		case room || len(ticks) < 2:
			return ticks
		case most <= 2:
			return ticks[len(ticks)-1:]
		}
	}
}

// xLabel is a tick's label under the x axis, on the canvas as a whole.
func (p *plot) xLabel(t Tick) Text {
	w := TextWidth(t.Text, tickSize, false)
	x := p.x.place(t.At) - w/2
	x = min(max(x, p.area.X0-14), p.area.X1+12-w) // not under a neighbour
	x = min(max(x, 2), Width-2-w)
	return Text{At: Point{x, p.area.Y1 + 14}, Text: t.Text, Size: tickSize, Ink: t.Ink.Or(Muted)}
}

// marks draws what stands for data.
func (p *plot) marks() {
	for _, r := range p.panel.Rules {
		path := Path{Stroke: r.Ink.Or(Edge), Width: 1, Dashed: r.Dashed}
		if r.Upright {
			at := p.x.place(r.At)
			path.Points = []Point{{at, p.area.Y0}, {at, p.area.Y1}}
		} else {
			at := p.y.place(r.At)
			path.Points = []Point{{p.area.X0, at}, {p.area.X1, at}}
		}
		p.Paths = append(p.Paths, path)
	}
	for _, b := range p.panel.Boxes {
		from, to := p.at(Point{b.X0, b.Y0}), p.at(Point{b.X1, b.Y1})
		r := Rect{min(from.X, to.X), min(from.Y, to.Y), max(from.X, to.X), max(from.Y, to.Y)}
		p.box(r, b.Ink)
	}
	for _, l := range p.panel.Lines {
		p.line(l)
	}
	for _, d := range p.panel.Dots {
		p.Paths = append(p.Paths, Path{Points: []Point{p.at(d.At)}, Radius: d.Radius, Fill: d.Ink})
	}
}

func (p *plot) line(l Line) {
	if len(l.Points) == 0 {
		return
	}
	path := Path{Dashed: l.Dashed, Closed: l.Fill}
	for _, q := range l.Points {
		at := p.at(q)
		if n := len(path.Points); n == 0 || path.Points[n-1] != at {
			path.Points = append(path.Points, at)
		}
	}
	if l.Fill {
		path.Fill = l.Ink
	} else {
		path.Stroke, path.Width = l.Ink, l.Width
		if l.Width == 0 {
			path.Width = 2
		}
	}
	p.Paths = append(p.Paths, path)
}

// label writes a text at its place, if it fits.
func (p *plot) label(l Label) {
	size := l.Size
	if size == 0 {
		size = tickSize
	}
	w := TextWidth(l.Text, size, l.Bold)
	if l.Within > 0 {
		if room := span.place(p.x, p.x.axis.Min+l.Within) - p.x.at0; w+6 > room {
			return
		}
	}
	at := p.at(l.At)
	t := Text{At: Point{at.X + l.DX, at.Y + l.DY + size*.35}, Text: l.Text, Size: size, Bold: l.Bold, Ink: l.Ink.Or(Strong)}
	switch l.Align {
	case Middle:
		t.At.X -= w / 2
	case End:
		t.At.X -= w
	}
	least := 2.0
	if l.Align == Middle {
		least = p.area.X0
	}
	t.At.X = min(max(t.At.X, least), max(Width-2-w, 2))
	if box := t.Box(); l.Optional && (p.taken(box) || box.Y1 > p.area.Y1+size || box.Y0 < p.area.Y0-size) {
		return
	}
	p.text(t, Start)
}

// taken says that a text stands there already.
func (p *plot) taken(r Rect) bool {
	return slices.ContainsFunc(p.Texts, func(t Text) bool { return t.Box().Overlaps(r) })
}
