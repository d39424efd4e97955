package main

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/viz/chart"
)

// setting is one combination of the parameters' values, and what came of it.
type setting struct {
	values []chart.Value
	label  string // clients.reconnect.window=8s,…

	measured  bool
	value     float64   // of the objective, the mean over the seeds
	ci95      float64   // half-width of its 95 % confidence interval
	samples   []float64 // of the objective, by seed
	violation float64   // of the constraint that is violated worst; 0 if all hold
	broken    []broken
	digest    string
}

// broken is a constraint that a setting does not keep.
type broken struct{ constraint, reason string }

// feasible says that the setting keeps all constraints.
func (s *setting) feasible() bool { return s.measured && s.violation == 0 }

// search looks for the best setting: on a coarse grid first, so that one of
// several valleys is not taken for the only one, and then on ever finer ones
// around the best setting so far. Of one parameter each round halves the
// stretch in which the best is, with two settings that can be simulated side by
// side; golden section needs fewer, but one after the other.
type search struct {
	params   []*parameter
	maximize bool
	grid     int // values of each parameter to begin with, 2 or more
	rounds   int // of refinement
	// evaluate measures settings. They all see the same seeds, so that what
	// differs between them is the parameters' doing.
	evaluate func([]*setting) error

	tried []*setting // in the order in which they were
	now   *setting   // as the scenario has it; nil if it has no numbers there
	best  *setting   // nearest to keeping the constraints, if none does
	noisy bool       // refinement stopped where the seeds differ more than settings
	step  float64    // share of the range between best and its neighbours
}

// run searches.
func (s *search) run() error {
	batch := s.lattice()
	s.now = s.present()
	if s.now != nil {
		batch = append([]*setting{s.now}, batch...) // first: of equals it stays
	}
	if err := s.try(batch); err != nil {
		return err
	}
	const most = 12 // halvings that a range of whole numbers may take
	s.step = 1 / float64(s.grid-1)
	for round := 0; round < most && (round < s.rounds || s.whole()); round++ {
		s.step /= 2
		before := len(s.tried)
		near := s.neighbours()
		if err := s.try(near); err != nil {
			return err
		}
		if len(s.tried) > before && s.level(near) {
			s.noisy = true
			return nil
		}
	}
	return nil
}

// lattice is the coarse grid.
func (s *search) lattice() []*setting {
	all := []*setting{{}}
	for _, p := range s.params {
		var longer []*setting
		for _, partial := range all {
			for i := range s.grid {
				v := p.at(float64(i) / float64(s.grid-1))
				longer = append(longer, s.settingOf(append(slices.Clone(partial.values), v)))
			}
		}
		all = longer
	}
	return all
}

// present is the setting that the scenario has.
func (s *search) present() *setting {
	var values []chart.Value
	for _, p := range s.params {
		if p.now.Text == "" {
			return nil
		}
		values = append(values, p.now)
	}
	return s.settingOf(values)
}

// neighbours are one step away from the best in each direction.
func (s *search) neighbours() []*setting {
	partial := [][]chart.Value{nil}
	for k, p := range s.params {
		var longer [][]chart.Value
		for _, values := range partial {
			for _, direction := range []float64{-1, 0, 1} {
				if v, ok := p.beside(s.best.values[k], direction*s.step); ok {
					longer = append(longer, append(slices.Clone(values), v))
				}
			}
		}
		partial = longer
	}
	var all []*setting
	for _, values := range partial {
		if n := s.settingOf(values); n.label != s.best.label {
			all = append(all, n)
		}
	}
	return all
}

// beside is the value a share of the range away from v, if there is one: for
// whole numbers the next at least.
func (p *parameter) beside(v chart.Value, share float64) (chart.Value, bool) {
	if share == 0 {
		return v, true
	}
	next := p.at(min(max(p.share(v.Number)+share, 0), 1))
	if p.whole && next.Number == v.Number {
		next.Number += math.Copysign(1, share)
		next.Text = p.text(next.Number)
	}
	return next, next.Text != v.Text && next.Number >= p.low && next.Number <= p.high
}

// whole says that the parameters are whole numbers and the best one's
// neighbours have not all been tried.
func (s *search) whole() bool {
	for k, p := range s.params {
		for _, direction := range []float64{-1e-9, 1e-9} {
			next, ok := p.beside(s.best.values[k], direction)
			if !p.whole || !ok {
				continue
			}
			values := slices.Clone(s.best.values)
			values[k] = next
			if s.find(s.settingOf(values).label) == nil {
				return true
			}
		}
	}
	return false
}

// settingOf makes a setting of values.
func (s *search) settingOf(values []chart.Value) *setting {
	var words []string
	for k, v := range values {
		words = append(words, s.params[k].path+"="+v.Text)
	}
	return &setting{values: values, label: strings.Join(words, ",")}
}

// find is the setting of that label, if it was tried.
func (s *search) find(label string) *setting {
	for _, t := range s.tried {
		if t.label == label {
			return t
		}
	}
	return nil
}

// try measures the settings that are new, and keeps the best.
func (s *search) try(batch []*setting) error {
	var fresh []*setting
	for _, b := range batch {
		if s.find(b.label) == nil && !slices.ContainsFunc(fresh, func(f *setting) bool { return f.label == b.label }) {
			fresh = append(fresh, b)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := s.evaluate(fresh); err != nil {
		return err
	}
	s.tried = append(s.tried, fresh...)
	for _, f := range fresh {
		if s.within(f) && (s.best == nil || s.better(f, s.best)) {
			s.best = f
		}
	}
	return nil
}

// within says that the setting is in the range: the one that the scenario has
// need not be.
func (s *search) within(t *setting) bool {
	for k, p := range s.params {
		if v := t.values[k].Number; v < p.low || v > p.high {
			return false
		}
	}
	return true
}

// better says that a is to be preferred to b: because it keeps the constraints,
// or is nearer to doing so, and then by the objective.
func (s *search) better(a, b *setting) bool {
	if a.measured != b.measured {
		return a.measured
	}
	if a.violation != b.violation {
		return a.violation < b.violation
	}
	return s.ahead(a, b)
}

// ahead compares by nothing but the objective.
func (s *search) ahead(a, b *setting) bool {
	if s.maximize {
		return a.value > b.value
	}
	return a.value < b.value
}

// level says that the neighbours are all allowed and none of them can be told
// from the best, seed by seed.
func (s *search) level(near []*setting) bool {
	for _, n := range near {
		if n = s.find(n.label); n != s.best && !s.alike(n, s.best) {
			return false
		}
	}
	return s.best.feasible()
}

// alike says that two settings are allowed and cannot be told apart.
func (s *search) alike(a, b *setting) bool {
	if !a.feasible() || !b.feasible() {
		return false
	}
	difference, half := result.PairedDifference(a.samples, b.samples)
	return math.Abs(difference) <= half
}

// sorted are all settings that were tried, by their values.
func (s *search) sorted() []*setting {
	all := slices.Clone(s.tried)
	slices.SortFunc(all, func(a, b *setting) int {
		for k := range a.values {
			if c := cmp.Compare(a.values[k].Number, b.values[k].Number); c != 0 {
				return c
			}
		}
		return 0
	})
	return all
}

// flat is, for each parameter, the range in which the objective is within 5 %
// of the best: of one parameter the stretch around the best without a gap, of
// two the smallest box around all such settings.
func (s *search) flat() []chart.Span {
	const share = .05
	spans := make([]chart.Span, len(s.params))
	for k := range spans {
		spans[k] = chart.Span{From: s.best.values[k], To: s.best.values[k]}
	}
	near := func(t *setting) bool {
		return t.feasible() && s.within(t) && math.Abs(t.value-s.best.value) <= share*math.Abs(s.best.value)
	}
	all := s.sorted()
	if len(s.params) == 1 {
		from := slices.Index(all, s.best)
		to := from
		for from > 0 && near(all[from-1]) {
			from--
		}
		for to < len(all)-1 && near(all[to+1]) {
			to++
		}
		all = all[from : to+1]
	}
	for _, t := range all {
		for k, v := range t.values {
			if near(t) && v.Number < spans[k].From.Number {
				spans[k].From = v
			}
			if near(t) && v.Number > spans[k].To.Number {
				spans[k].To = v
			}
		}
	}
	return spans
}

// beyond is the nearest setting that would be better but breaks a constraint:
// that constraint binds. It is nil if there is none beside the best.
func (s *search) beyond() *setting {
	if !s.best.feasible() {
		return nil
	}
	var nearest *setting
	least := math.Inf(1)
	for _, t := range s.sorted() {
		if !s.within(t) || t.feasible() || !t.measured || !s.ahead(t, s.best) {
			continue
		}
		if d := s.distance(t, s.best); d < least {
			nearest, least = t, d
		}
	}
	if nearest == nil {
		return nil
	}
	for _, t := range s.tried { // is there one that is allowed between the two?
		if t != s.best && t.feasible() && s.distance(t, nearest) < least && s.distance(t, s.best) < least {
			return nil
		}
	}
	return nearest
}

// distance of two settings, in shares of the range.
func (s *search) distance(a, b *setting) float64 {
	most := 0.0
	for k, p := range s.params {
		most = max(most, math.Abs(p.share(a.values[k].Number)-p.share(b.values[k].Number)))
	}
	return most
}

// atEnd names the parameters whose best value is the first or last of a range.
func (s *search) atEnd() []string {
	var paths []string
	for k, p := range s.params {
		if v := s.best.values[k]; v.Text == p.at(0).Text || v.Text == p.at(1).Text {
			paths = append(paths, p.path)
		}
	}
	return paths
}

// idle says that the parameters make hardly any difference to the objective:
// none that is to be told, or less than a hundredth.
func (s *search) idle() bool {
	for _, t := range s.tried {
		if !t.feasible() || !s.alike(t, s.best) && math.Abs(t.value-s.best.value) > .01*math.Abs(s.best.value) {
			return false
		}
	}
	return true
}
