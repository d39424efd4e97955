package requests

import (
	"protosim/model/result"
	"protosim/scenarios"
)

// table is the scoreboard, its numbers printed as the command prints them.
type table struct {
	Finding    string               `json:"finding"` // the outcome in a sentence
	Strategies []scenarios.Strategy `json:"strategies"`
	Groups     []group              `json:"groups"`
	Zeros      []string             `json:"zeros"` // names of metrics that are 0 throughout
}

// group is metrics under a heading.
type group struct {
	Title string `json:"title"`
	Rows  []row  `json:"rows"`
}

// row compares the strategies by one metric.
type row struct {
	Name    string               `json:"name"`
	Label   string               `json:"label"`
	Cells   []cell               `json:"cells"` // one per strategy
	Best    []scenarios.Strategy `json:"best"`  // none if nobody won
	Lead    string               `json:"lead"`  // by which factor, "" if there is none
	Meaning string               `json:"meaning"`
}

// cell is one strategy's value.
type cell struct {
	Text string `json:"text"`
	Best bool   `json:"best"`
}

// tabulate puts the runs of a result beside each other.
func tabulate(res *result.Result) table {
	c := result.Compare(res)
	t := table{Finding: result.Finding(res), Strategies: c.Strategies, Groups: []group{}, Zeros: []string{}}
	sections, zeros := c.Sections()
	for _, section := range sections {
		g := group{Title: section.Title}
		for _, metric := range section.Rows {
			g.Rows = append(g.Rows, tableRow(c, metric))
		}
		t.Groups = append(t.Groups, g)
	}
	for _, metric := range zeros {
		t.Zeros = append(t.Zeros, metric.Metric.Name)
	}
	return t
}

func tableRow(c *result.Comparison, metric result.Row) row {
	scale := result.ScaleFor(metric.Metric.Unit, metric.Values()...)
	r := row{Name: metric.Metric.Name, Label: metric.Metric.Label, Meaning: metric.Metric.Meaning}
	for i, value := range metric.Cells {
		shown := cell{Text: "–"}
		if value.Present {
			shown.Text = scale.Format(value.Value)
		}
		if metric.Decided && value.Best {
			shown.Best = true
			r.Best = append(r.Best, c.Strategies[i])
		}
		r.Cells = append(r.Cells, shown)
	}
	if factor, _ := metric.Lead(); factor > 0 {
		r.Lead = result.Factor(factor) + "×"
	}
	return r
}
