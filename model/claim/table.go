package claim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
)

// Table is the comparison that a reviewer expects, every cell of it measured.
type Table struct {
	Columns []scenarios.Strategy
	Rows    []TableRow
}

// TableRow is one property of the strategies.
type TableRow struct {
	scenarios.ClaimRow
	Cells []TableCell
}

// TableCell is a strategy's figure; Known is false where the strategy cannot
// have one.
type TableCell struct {
	Known      bool
	Mean, CI95 float64
}

// Table measures the rows of a table.
func (x *Examiner) Table(ctx context.Context, t scenarios.ClaimTable) (*Table, error) {
	out := &Table{Columns: t.Columns}
	for _, row := range t.Rows {
		s, err := scenarios.Load(row.Run.Scenario, row.Run.Set)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.Row, err)
		}
		var all []string
		for _, column := range t.Columns {
			all = append(all, cellExpression(row, column, s.Strategies))
		}
		r, err := x.run(ctx, row.Run, strategiesIn("", all), max(x.Seeds, 1), nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.Row, err)
		}
		measured := TableRow{ClaimRow: row}
		for i, column := range t.Columns {
			cell, err := cellOf(r, all[i], max(x.Seeds, 1))
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", row.Row, column, err)
			}
			measured.Cells = append(measured.Cells, cell)
		}
		out.Rows = append(out.Rows, measured)
	}
	return out, nil
}

// cellExpression is what a column's cell is computed by, "" for nothing: where
// the row's scenario does not run the column's strategy.
func cellExpression(row scenarios.ClaimRow, column scenarios.Strategy, ran []scenarios.Strategy) string {
	if own, ok := row.Cells[column]; ok {
		return own
	}
	if !slices.Contains(ran, column) {
		return ""
	}
	return strings.ReplaceAll(row.Of, "{}", column.Identifier())
}

func cellOf(r *result.Result, expression string, seeds int) (TableCell, error) {
	if expression == "" {
		return TableCell{}, nil
	}
	var sample []float64
	for seed := range seeds {
		env := environment{}
		env.add("", r.Scenario, runsOf(r, seed))
		v, err := env.number(expression)
		if err != nil {
			return TableCell{}, err
		}
		sample = append(sample, v)
	}
	mean, half := result.Confidence95(sample)
	return TableCell{true, mean, half}, nil
}
