package result

import (
	"cmp"
	"math"
	"slices"

	"protosim/scenarios"
)

// Comparison is a Result turned round: strategies beside one another, a row
// for each metric. It holds what a table or a chart shows, and nothing of how.
type Comparison struct {
	Strategies []scenarios.Strategy
	Rows       []Row // by group, then in the order of the catalogue
}

// Section is the rows under one heading.
type Section struct {
	Title string
	Rows  []Row
}

// Sections returns the rows in which there is something to see, under their
// headings, and those that are 0 throughout.
func (c *Comparison) Sections() (sections []Section, zeros []Row) {
	for _, row := range c.Rows {
		if !slices.ContainsFunc(row.Cells, func(c Cell) bool { return c.Value != 0 }) {
			zeros = append(zeros, row)
			continue
		}
		title := Group(row.Metric.Name)
		if n := len(sections); n == 0 || sections[n-1].Title != title {
			sections = append(sections, Section{Title: title})
		}
		last := &sections[len(sections)-1]
		last.Rows = append(last.Rows, row)
	}
	return sections, zeros
}

// Row compares the strategies by one metric.
type Row struct {
	Metric scenarios.Metric
	Cells  []Cell // one per strategy
	// Decided says that some strategy is better than some other. If it is
	// false nobody won: all are level, or the metric has no better and worse.
	Decided bool
}

// Cell is one strategy's value of one metric.
type Cell struct {
	Value float64
	// CI95 is the half-width of the 95 % confidence interval, 0 for one seed.
	CI95 float64
	// Present is false if the strategy's run did not measure the metric.
	Present bool
	// Best says that no strategy is better than this one. Several strategies
	// are best when they are level.
	Best bool
	// Ratio to the best value: 2 is twice as much as the best, 0.5 half as
	// much. It is 0 where there is none (nothing to compare with, or a best of 0).
	Ratio float64
	// Short is the share, above 0, of what there was to serve that the strategy
	// served, where another served more and the metric is lower, or higher, by
	// that alone. Such a cell is never the best. 0 is for all others.
	Short float64
}

// Compare lines up the runs of r. Metrics that the catalogue does not know
// follow those of their group that it knows, by name.
func Compare(r *Result) *Comparison {
	c := &Comparison{}
	for _, run := range r.Runs {
		c.Strategies = append(c.Strategies, run.Strategy)
	}
	short := Short(r)
	for _, metric := range measured(r.Runs) {
		row := Row{Metric: metric}
		for i, run := range r.Runs {
			value, present := run.Metrics[metric.Name]
			cell := Cell{Value: value, CI95: run.CI95[metric.Name], Present: present}
			if !slices.Contains(serving, metric.Name) {
				cell.Short = short[i]
			}
			row.Cells = append(row.Cells, cell)
		}
		if Comparable(r, metric.Name) {
			row.Judge()
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// Row returns the row of the metric called name, or nil.
func (c *Comparison) Row(name string) *Row {
	for i := range c.Rows {
		if c.Rows[i].Metric.Name == name {
			return &c.Rows[i]
		}
	}
	return nil
}

// Best lists the indexes of the best strategies, in order.
func (r *Row) Best() []int {
	var best []int
	for i, cell := range r.Cells {
		if cell.Best {
			best = append(best, i)
		}
	}
	return best
}

// Lead is by which factor, at least 1, the best strategy is ahead of the best
// of those that it beats, and the index of that one. It is 0 and -1 if the row
// is not decided or there is no factor, as with a value of 0.
func (r *Row) Lead() (factor float64, over int) {
	over = -1
	if !r.Decided {
		return 0, over
	}
	for i, cell := range r.Cells {
		if !cell.Present || cell.Best || cell.Ratio <= 0 || !r.worse(cell) {
			continue
		}
		if f := math.Max(cell.Ratio, 1/cell.Ratio); over < 0 || f < factor {
			factor, over = f, i
		}
	}
	return factor, over
}

// Values are the values of those strategies that have one.
func (r *Row) Values() []float64 {
	var values []float64
	for _, cell := range r.Cells {
		if cell.Present {
			values = append(values, cell.Value)
		}
	}
	return values
}

// Judge finds the best cells and everybody's ratio to them. Every cell is held
// against the best one.
func (r *Row) Judge() {
	lead := r.leader()
	if lead < 0 {
		return
	}
	best := r.Cells[lead]
	for i := range r.Cells {
		cell := &r.Cells[i]
		if !cell.Present {
			continue
		}
		cell.Best = i == lead || cell.Short == 0 && level(*cell, best)
		if best.Value != 0 {
			cell.Ratio = cell.Value / best.Value
		}
	}
	for _, cell := range r.Cells {
		r.Decided = r.Decided || cell.Present && !cell.Best && r.worse(cell)
	}
}

// worse says that a cell is worse than the best one, and not by serving fewer
// better in a way that does not count.
func (r *Row) worse(cell Cell) bool {
	lead := r.leader()
	if lead < 0 || level(cell, r.Cells[lead]) {
		return false
	}
	return (cell.Value < r.Cells[lead].Value) == (r.Metric.Better == scenarios.Higher)
}

// leader is the index of the cell with the best value of those that are not
// short, the first if there are several, and -1 if there is none.
func (r *Row) leader() int {
	lead := -1
	for i, cell := range r.Cells {
		if !cell.Present || cell.Short > 0 {
			continue
		}
		switch r.Metric.Better {
		case scenarios.Lower:
			if lead < 0 || cell.Value < r.Cells[lead].Value {
				lead = i
			}
		case scenarios.Higher:
			if lead < 0 || cell.Value > r.Cells[lead].Value {
				lead = i
			}
		}
	}
	return lead
}

// Near is the ratio up to which two values are the same to people.
const Near = 1.02

// level says that two cells cannot be told apart: because they are within a
// fiftieth of each other, or, with several seeds, because their confidence
// intervals overlap.
func level(a, b Cell) bool {
	apart := math.Abs(a.Value - b.Value)
	least := math.Min(math.Abs(a.Value), math.Abs(b.Value))
	return apart <= a.CI95+b.CI95 || apart <= (Near-1)*least*(1+1e-9)
}

// measured lists the metrics that at least one run has, in order.
func measured(runs []Run) []scenarios.Metric {
	known := glossary{scenarios.Metrics()}
	var found []scenarios.Metric
	seen := map[string]bool{}
	for _, run := range runs {
		for _, name := range run.Metrics.Names() {
			if !seen[name] {
				seen[name] = true
				found = append(found, known.describe(name))
			}
		}
	}
	slices.SortFunc(found, func(a, b scenarios.Metric) int {
		return cmp.Or(
			cmp.Compare(groupIndex(a.Name), groupIndex(b.Name)),
			cmp.Compare(known.index(a.Name), known.index(b.Name)),
			cmp.Compare(a.Name, b.Name),
		)
	})
	return found
}
