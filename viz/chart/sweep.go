package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/figure"
)

// Sweep is one scenario simulated for several values of one or two of its
// fields.
type Sweep struct {
	Vary   []Dimension
	Points []SweepPoint
}

// Dimension is a field that varies.
type Dimension struct {
	Path   string
	Unit   string // as metrics have it: ms, bytes, ratio, count
	Values []Value
	// Log says that the values are spaced by ratios.
	Log bool
}

// Value is one setting of the field.
type Value struct {
	Text   string // as a scenario file writes it
	Number float64
}

// SweepPoint is what one combination of values gave. At holds the index of
// each dimension's value.
type SweepPoint struct {
	At     []int
	Result *result.Result
}

// strategies are those of the sweep's results, in their order.
func (s *Sweep) strategies() []scenarios.Strategy {
	var all []scenarios.Strategy
	for _, p := range s.Points {
		for _, run := range p.Result.Runs {
			if !slices.Contains(all, run.Strategy) {
				all = append(all, run.Strategy)
			}
		}
	}
	return all
}

// Headlines are the metrics that a sweep is about unless others are asked for:
// what the points find, the most frequent first. Where no point tells the
// strategies apart it is the first main metric that can be compared.
func (s *Sweep) Headlines() []string {
	var found []string
	times := map[string]int{}
	for _, p := range s.Points {
		if name := result.Headline(p.Result); name != "" {
			if times[name]++; times[name] == 1 {
				found = append(found, name)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(times[b], times[a]) })
	for _, name := range mainMetrics {
		for _, p := range s.Points {
			if len(found) == 0 && result.Comparable(p.Result, name) && len(metricStanding(p.Result, name).entries) > 0 {
				found = append(found, name)
			}
		}
	}
	return found
}

// Lines draws metrics of every strategy over the first field that varies, a
// panel each, with bands for the 95 % confidence intervals.
func (s *Sweep) Lines(metrics ...string) *figure.Figure {
	f := &figure.Figure{}
	var titles, labels []string
	var panels []figure.Panel
	for _, metric := range metrics {
		p := s.linePanel(metric)
		if len(metrics) > 1 {
			p.Title = describe(metric).Label
		}
		panels = append(panels, p)
		titles = append(titles, s.lineTitle(metric))
		label := describe(metric).Label
		if len(labels) > 0 {
			label = lowerFirst(label)
		}
		labels = append(labels, label)
	}
	f.Title, f.Subtitle = strings.Join(titles, ". "), list(labels)+s.intervals()
	f.Rows = []figure.Row{{Panels: panels}}
	s.finish(f)
	return f
}

// linePanel draws one metric.
func (s *Sweep) linePanel(metric string) figure.Panel {
	d := s.Vary[0]
	p := figure.Panel{
		X: figure.Axis{Min: math.Inf(1), Max: math.Inf(-1), Unit: d.Unit, Label: d.Path, Log: d.Log},
		Y: figure.Axis{Unit: describe(metric).Unit},
	}
	for _, v := range d.Values {
		p.X.Min, p.X.Max = min(p.X.Min, v.Number), max(p.X.Max, v.Number)
	}
	switch {
	case p.X.Min > 0 && p.X.Max/p.X.Min > 50:
		p.X.Log = true
	case !p.X.Log && p.X.Min < p.X.Max/3:
		p.X.Min = min(p.X.Min, 0)
	}
	least := math.Inf(1)
	for _, strategy := range s.strategies() {
		line := figure.Line{Ink: AreaInk(strategy), Name: string(strategy), NameInk: TextInk(strategy), Width: 2.5}
		var upper, lower []figure.Point
		for _, point := range s.sorted() {
			v, half, ok := valueOf(point.Result, strategy, metric)
			if !ok {
				continue
			}
			x := d.Values[point.At[0]].Number
			line.Points = append(line.Points, figure.Point{X: x, Y: v})
			upper = append(upper, figure.Point{X: x, Y: v + half})
			lower = append(lower, figure.Point{X: x, Y: max(v-half, 0)})
			p.Dots = append(p.Dots, figure.Dot{At: figure.Point{X: x, Y: v}, Radius: 3, Ink: AreaInk(strategy)})
			p.Y.Max, least = max(p.Y.Max, v+half), min(least, v)
		}
		slices.Reverse(lower)
		if len(upper) > 1 && s.intervals() != "" {
			p.Lines = append(p.Lines, figure.Line{Points: append(upper, lower...), Fill: true, Ink: AreaInk(strategy).Tint(.15)})
		}
		p.Lines = append(p.Lines, line)
	}
	if least > 0 && p.Y.Max > 30*least { // or the low lines lie on the axis
		p.Y.Log, p.Y.Min = true, least*.8
	}
	s.markCrossovers(&p, metric)
	return p
}

// sorted are the points along the first field.
func (s *Sweep) sorted() []SweepPoint {
	points := slices.Clone(s.Points)
	slices.SortStableFunc(points, func(a, b SweepPoint) int {
		x, y := s.Vary[0].Values[a.At[0]].Number, s.Vary[0].Values[b.At[0]].Number
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return points
}

func valueOf(r *result.Result, strategy scenarios.Strategy, metric string) (v, half float64, ok bool) {
	for _, run := range r.Runs {
		if run.Strategy == strategy {
			v, ok = run.Metrics[metric]
			return v, run.CI95[metric], ok
		}
	}
	return 0, 0, false
}

func (s *Sweep) intervals() string {
	for _, p := range s.Points {
		if n := p.Result.Seeds(); n > 1 {
			return fmt.Sprintf(", mean over %d seeds with its 95 %% confidence interval", n)
		}
	}
	return ""
}

// lineTitle says who is ahead where.
func (s *Sweep) lineTitle(metric string) string {
	label := describe(metric).Label
	if describe(metric).Better == scenarios.Neither {
		return label + " over " + s.Vary[0].Path
	}
	type stretch struct{ who, from, to string }
	var stretches []stretch
	for _, p := range s.sorted() {
		rank := metricStanding(p.Result, metric)
		if len(rank.entries) == 0 {
			continue
		}
		at := s.Vary[0].Values[p.At[0]].Text
		var leaders []string
		for _, strategy := range s.strategies() { // in one order, whoever is a hair ahead
			if slices.ContainsFunc(rank.entries[:rank.leaders], func(e entry) bool { return e.strategy == strategy }) {
				leaders = append(leaders, string(strategy))
			}
		}
		who := list(leaders)
		if rank.level() && len(rank.entries) > 1 {
			who = "nobody"
		}
		if n := len(stretches); n > 0 && stretches[n-1].who == who {
			stretches[n-1].to = at
			continue
		}
		stretches = append(stretches, stretch{who, at, at})
	}
	switch {
	case len(stretches) == 0:
		return "Nothing was measured"
	case len(stretches) == 1 && stretches[0].who == "nobody":
		return label + ": level for every " + s.Vary[0].Path
	case len(stretches) == 1:
		return fmt.Sprintf("%s: best with %s for every %s", label, stretches[0].who, s.Vary[0].Path)
	}
	var parts []string
	for _, st := range stretches[:min(len(stretches), 4)] {
		span := "at " + st.from
		if st.to != st.from {
			span = "from " + st.from + " to " + st.to
		}
		parts = append(parts, st.who+" "+span)
	}
	if len(stretches) > 4 {
		parts = append(parts, "…")
	}
	return label + ", best by " + s.Vary[0].Path + ": " + strings.Join(parts, ", ")
}

// Ratio draws the ratio of a metric between two strategies over the two fields
// that vary, each cell in the colour of the one that is ahead.
func (s *Sweep) Ratio(metric string, a, b scenarios.Strategy) *figure.Figure {
	p := s.cells()
	ahead := map[scenarios.Strategy]int{}
	most := map[scenarios.Strategy]float64{}
	cells := 0
	for _, point := range s.Points {
		va, ha, okA := valueOf(point.Result, a, metric)
		vb, hb, okB := valueOf(point.Result, b, metric)
		if !okA || !okB || va <= 0 || vb <= 0 {
			continue
		}
		cells++
		at := figure.Point{X: float64(point.At[0]), Y: float64(point.At[1])}
		winner, ratio := a, vb/va
		if (vb < va) != (describe(metric).Better == scenarios.Higher) {
			winner = b
		}
		ratio = max(ratio, 1/ratio)
		ink := AreaInk(winner).Tint(min(.12+.8*math.Log2(ratio)/2, .95))
		text := times(ratio) + "×"
		if math.Abs(va-vb) <= ha+hb || ratio < result.Near {
			ink, text = figure.Faint, "level"
		} else {
			ahead[winner]++
			most[winner] = max(most[winner], ratio)
		}
		p.Boxes = append(p.Boxes, cellBox(at, 0, 1, ink))
		p.Labels = append(p.Labels, cellLabel(at, text, 0, onArea(ink)))
	}
	m := describe(metric)
	f := &figure.Figure{
		Title:    m.Label + ": " + ratioTitle(a, b, ahead, cells, most),
		Subtitle: fmt.Sprintf("By how much the better one is ahead; %s upwards%s", s.Vary[1].Path, s.intervals()),
		Key:      []figure.Swatch{{Ink: AreaInk(a), Text: string(a) + " ahead"}, {Ink: AreaInk(b), Text: string(b) + " ahead"}, {Ink: figure.Faint, Text: "level"}},
		Rows:     []figure.Row{{Panels: []figure.Panel{p}}},
	}
	s.finish(f)
	return f
}

// ratioTitle says in how many settings either strategy is ahead.
func ratioTitle(a, b scenarios.Strategy, ahead map[scenarios.Strategy]int, cells int, most map[scenarios.Strategy]float64) string {
	if ahead[b] > ahead[a] {
		a, b = b, a
	}
	switch {
	case cells == 0:
		return "nothing was measured"
	case ahead[a] == 0:
		return fmt.Sprintf("%s and %s are level in all %d settings", a, b, cells)
	case ahead[a] == cells:
		return fmt.Sprintf("%s is ahead of %s in all %d settings, up to %s times", a, b, cells, times(most[a]))
	}
	text := fmt.Sprintf("%s is ahead of %s in %d of %d settings, up to %s times", a, b, ahead[a], cells, times(most[a]))
	switch level := cells - ahead[a] - ahead[b]; {
	case ahead[b] == 0:
		return text + ", and level with it in the others"
	case level == 0:
		return text + ", and behind in the others"
	default:
		return text + fmt.Sprintf(", behind in %d and level in %d", ahead[b], level)
	}
}

// finish adds what every chart has.
func (s *Sweep) finish(f *figure.Figure) {
	f.Alt = f.Title + ". " + f.Subtitle
	if len(s.Points) == 0 {
		return
	}
	r := *s.Points[0].Result
	var varied []string
	for _, d := range s.Vary {
		varied = append(varied, fmt.Sprintf("%s from %s to %s", d.Path, d.Values[0].Text, d.Values[len(d.Values)-1].Text))
	}
	f.Notes = []string{"Varied: " + strings.Join(varied, ", ") + "; otherwise as the first point: " + Notes(&r)[0], "protosim " + r.Version}
}
