package claim

import (
	"context"
	"fmt"
	"reflect"

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
	Run        scenarios.ClaimRun
	Of         string // the expression
	Known      bool
	Mean, CI95 float64
}

// Table measures the rows of a table.
func (x *Examiner) Table(ctx context.Context, t scenarios.ClaimTable) (*Table, error) {
	out := &Table{Columns: t.Columns}
	for _, row := range t.Rows {
		measured := TableRow{ClaimRow: row}
		for _, column := range t.Columns {
			run, of, err := row.Cell(column)
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", row.Row, column, err)
			}
			measured.Cells = append(measured.Cells, TableCell{Run: run, Of: of, Known: of != ""})
		}
		for i := range measured.Cells {
			if err := x.measure(ctx, measured.Cells, i); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", row.Row, t.Columns[i], err)
			}
		}
		out.Rows = append(out.Rows, measured)
	}
	return out, nil
}

// measure computes the i-th cell of a row. Cells of one run share it.
func (x *Examiner) measure(ctx context.Context, row []TableCell, i int) error {
	cell := &row[i]
	if !cell.Known {
		return nil
	}
	var together []string
	for _, other := range row {
		if reflect.DeepEqual(other.Run, cell.Run) {
			together = append(together, other.Of)
		}
	}
	r, err := x.run(ctx, cell.Run, strategiesIn("", together), max(x.Seeds, 1), nil)
	if err != nil {
		return err
	}
	var sample []float64
	for seed := range max(x.Seeds, 1) {
		env := environment{}
		env.add("", r.Scenario, runsOf(r, seed))
		v, err := env.number(cell.Of)
		if err != nil {
			return err
		}
		sample = append(sample, v)
	}
	cell.Mean, cell.CI95 = result.Confidence95(sample)
	return nil
}
