package figure

import "slices"

// Sizes of letters and spaces, in points.
const (
	margin       = 32
	titleSize    = 24
	subtitleSize = 13.5
	panelSize    = 13
	sideSize     = 14
	tickSize     = 11.5
	notesSize    = 9.5
	columnGap    = 26
	rowGap       = 12
)

// Layout gives everything in a figure its place. Names of lines that find none
// near them, or beside a piece of them, go to the key, unless a table is one.
func Layout(f *Figure) *Scene {
	keyed := map[string]bool{}
	for {
		s := layout(f, keyed)
		if len(s.homeless) == 0 {
			return s
		}
		with := *f
		with.Key = slices.Clone(f.Key)
		for _, k := range s.homeless {
			if !keyed[k.Text] && !f.tabled(k.Text) {
				with.Key = append(with.Key, k)
			}
			keyed[k.Text] = true
		}
		f = &with
	}
}

// tabled says that a table of the figure has a row of that name.
func (f *Figure) tabled(name string) bool {
	for _, r := range f.Rows {
		for _, p := range r.Panels {
			if p.Table != nil && slices.ContainsFunc(p.Table.Rows, func(row TableRow) bool { return row.Cells[0] == name }) {
				return true
			}
		}
	}
	return false
}

// layout does so but for the names in the key.
func layout(f *Figure, keyed map[string]bool) *Scene {
	s := &Scene{Width: Width, Height: Height, Title: f.Title, Alt: f.Alt, keyed: keyed}
	top := s.header(f)
	bottom := s.footer(f.Notes)
	s.rows(f.Rows, Rect{margin, top, Width - margin, bottom})
	return s
}

// header writes title, subtitle and key, and returns where they end.
func (s *Scene) header(f *Figure) float64 {
	size := float64(titleSize)
	lines := wrap(f.Title, size, true, Width-2*margin)
	for len(lines) > 2 && size > 16 {
		size--
		lines = wrap(f.Title, size, true, Width-2*margin)
	}
	if len(lines) > 2 {
		lines = []string{lines[0], clip(lines[1]+" …", size, true, Width-2*margin)}
	}
	y := 14.0
	for _, line := range lines {
		y += size * 1.2
		s.text(Text{At: Point{margin, y}, Text: clip(line, size, true, Width-2*margin), Size: size, Bold: true, Ink: Strong}, Start)
	}
	keyWidth := 0.0
	for _, k := range f.Key {
		keyWidth += 16 + TextWidth(k.Text, subtitleSize, false) + 18
	}
	if f.Subtitle != "" || len(f.Key) > 0 {
		y += 22
	}
	subtitle := wrap(f.Subtitle, subtitleSize, false, Width-2*margin)
	for i, line := range subtitle {
		if i > 0 {
			y += 18
		}
		s.text(Text{At: Point{margin, y}, Text: clip(line, subtitleSize, false, Width-2*margin), Size: subtitleSize, Ink: Muted}, Start)
	}
	last := 0.0
	if len(subtitle) > 0 {
		last = TextWidth(subtitle[len(subtitle)-1], subtitleSize, false) + 24
	}
	if keyWidth > 0 && last+keyWidth > Width-2*margin {
		y += 20
		last = 0
	}
	x := Width - margin - keyWidth + 18
	if last == 0 {
		x = margin
	}
	for _, k := range f.Key {
		s.box(Rect{x, y - 9, x + 11, y + 1}, k.Ink)
		x += 16
		x = s.text(Text{At: Point{x, y}, Text: clip(k.Text, subtitleSize, false, max(Width-margin-x, 40)), Size: subtitleSize, Ink: Muted}, Start).X1 + 18
	}
	return y + 16
}

// footer writes the small print, and returns where it begins.
func (s *Scene) footer(notes []string) float64 {
	var lines []string
	for _, n := range notes {
		lines = append(lines, wrap(n, notesSize, false, Width-2*margin)...)
	}
	if len(lines) > 4 {
		lines = append(lines[:3], lines[len(lines)-1])
	}
	y := Height - 14 - notesSize*1.35*float64(len(lines)-1)
	top := y - notesSize - 8
	for _, line := range lines {
		s.text(Text{At: Point{margin, y}, Text: clip(line, notesSize, false, Width-2*margin), Size: notesSize, Ink: Muted}, Start)
		y += notesSize * 1.35
	}
	return top
}

// rows divides the area among the rows.
func (s *Scene) rows(rows []Row, area Rect) {
	free, weights := area.H()-rowGap*float64(max(len(rows)-1, 0)), 0.0
	for _, r := range rows {
		free -= r.Points + r.lanes()
		if r.Points == 0 {
			weights += weight(r.Weight)
		}
	}
	frames := frames(rows)
	y := area.Y0
	for i, r := range rows {
		h := r.Points
		if h == 0 {
			h = max(free, 1) * weight(r.Weight) / weights
		}
		h += r.lanes()
		s.row(r, frames[i], Rect{area.X0, y, area.X1, y + h})
		y += h + rowGap
	}
}

// lanes is the height that the row needs for the labels above its plots.
func (r Row) lanes() float64 {
	most := 0
	for _, p := range r.Panels {
		most = max(most, p.Lanes)
	}
	return float64(most) * LaneHeight
}

// row divides a row's area among its panels.
func (s *Scene) row(r Row, frames []frame, area Rect) {
	weights := 0.0
	for _, p := range r.Panels {
		weights += weight(p.Weight)
	}
	free := area.W() - columnGap*float64(len(r.Panels)-1)
	x := area.X0
	for i, p := range r.Panels {
		w := free * weight(p.Weight) / weights
		cell := Rect{x, area.Y0, x + w, area.Y1}
		if p.Table != nil {
			s.table(p, cell)
		} else {
			s.panel(p, frames[i], cell)
		}
		x += w + columnGap
	}
}

func weight(w float64) float64 {
	if w <= 0 {
		return 1
	}
	return w
}

// frame is the space around a plot.
type frame struct{ left, right, top, bottom float64 }

// frames computes the space around each panel. Panels below one another get
// the same on their sides, so that their axes line up.
func frames(rows []Row) [][]frame {
	all := make([][]frame, len(rows))
	for i, r := range rows {
		for _, p := range r.Panels {
			f := p.frame()
			f.top += r.lanes()
			all[i] = append(all[i], f)
		}
	}
	for i := range all {
		for j := range all {
			if len(all[i]) != len(all[j]) {
				continue
			}
			for k := range all[i] {
				if rows[i].Panels[k].Table == nil && rows[j].Panels[k].Table == nil {
					all[i][k].left = max(all[i][k].left, all[j][k].left)
					all[i][k].right = max(all[i][k].right, all[j][k].right)
				}
			}
		}
	}
	return all
}

// frame is the space that the panel needs around its plot.
func (p *Panel) frame() frame {
	var f frame
	if p.Title != "" {
		f.top = 25
	}
	if p.Side != "" {
		f.left = TextWidth(p.Side, sideSize, true) + 10
	}
	widest := 0.0
	for _, t := range p.Y.sane().ticks(6) {
		if p.Y.Quiet {
			break
		}
		widest = max(widest, TextWidth(t.Text, tickSize, t.Ink != (Ink{})))
	}
	if widest > 0 {
		f.left += widest + 6
	}
	if len(p.X.sane().ticks(6)) > 0 && !p.X.Quiet {
		f.bottom = 17
	}
	if p.X.Label != "" {
		f.bottom += 14
	}
	for _, text := range p.Room {
		f.right = max(f.right, TextWidth(text, tickSize, true)+8)
	}
	if f.right == 0 && f.bottom > 0 {
		f.right = 12 // half of the last tick's label
	}
	return f
}
