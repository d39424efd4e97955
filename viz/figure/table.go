package figure

// table draws a panel's table into its cell, in rows as high as there is room.
func (s *Scene) table(p Panel, cell Rect) {
	t := p.Table
	height := min(18, cell.H()/float64(len(t.Rows)+1))
	size := min(12.5, height*.8)
	columns := len(t.Header)
	first, others := t.widths()
	if need := first + others*float64(columns-1); need*size > cell.W() {
		size = max(cell.W()/need, 6)
	}
	first = max(first*size, min(cell.W()*.3, cell.W()-others*size*float64(columns-1)))
	column := func(i int) float64 { // its right edge
		return cell.X0 + first + (cell.W()-first)*float64(i)/float64(max(columns-1, 1))
	}
	y := cell.Y0 + height*.75
	for i, h := range t.Header {
		if i == 0 {
			s.text(Text{At: Point{cell.X0, y}, Text: clip(h, size, false, first), Size: size, Ink: Muted}, Start)
		} else {
			s.text(Text{At: Point{column(i), y}, Text: h, Size: size, Ink: Muted}, End)
		}
	}
	s.segment(Point{cell.X0, y + height*.28}, Point{cell.X1, y + height*.28}, Edge, .75)
	for _, row := range t.Rows {
		y += height
		s.box(Rect{cell.X0, y - size*.72, cell.X0 + size*.8, y + size*.08}, row.Swatch)
		for i, text := range row.Cells {
			bold := i == 0 || i < len(row.Bold) && row.Bold[i]
			line := Text{At: Point{column(i), y}, Text: text, Size: size, Bold: bold, Ink: Strong}
			if i == 0 {
				line.At.X, line.Ink = cell.X0+size*1.2, row.Ink
				line.Text = clip(text, size, true, first-size*1.2)
				s.text(line, Start)
				continue
			}
			line.Text = clip(text, size, bold, (cell.W()-first)/float64(columns-1)-6)
			s.text(line, End)
		}
	}
}

// widths are those of the first column, with its swatch, and of the widest other
// one, with the space before it, for letters of size 1.
func (t *Table) widths() (first, other float64) {
	for i, h := range t.Header {
		if i == 0 {
			first = TextWidth(h, 1, false)
		} else {
			other = max(other, TextWidth(h, 1, false))
		}
	}
	for _, row := range t.Rows {
		for i, text := range row.Cells {
			if i == 0 {
				first = max(first, 1.2+TextWidth(text, 1, true))
			} else {
				other = max(other, TextWidth(text, 1, true))
			}
		}
	}
	return first + .2, other + .6
}
