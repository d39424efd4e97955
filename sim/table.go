package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"protosim/model/result"
	"protosim/scenarios"
)

// bestMark marks the best values in plain text, where there are no colours.
const bestMark = "★"

// newTable is a table with a line under its header and no other lines.
func newTable() table.Writer {
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true}
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "   "
	t := table.NewWriter()
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t
}

// strategiesTable has a column of names, one of numbers for each strategy, and a
// last one.
func strategiesTable(strategies []scenarios.Strategy, last string, paint colours) table.Writer {
	t := newTable()
	header := table.Row{""}
	columns := []table.ColumnConfig{{Number: 1, Align: text.AlignLeft}}
	for i, strategy := range strategies {
		header = append(header, paint.bold(string(strategy)))
		columns = append(columns, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.AppendHeader(append(header, last))
	t.SetColumnConfigs(columns)
	return t
}

// comparisonTable lays a comparison out: a column per strategy, a row per
// metric, and at the end of each row who is best and by how much.
func comparisonTable(c *result.Comparison, paint colours) string {
	t := strategiesTable(c.Strategies, "best", paint)
	sections, _ := c.Sections()
	for _, section := range sections {
		t.AppendRow(table.Row{paint.bold(section.Title)})
		for _, row := range section.Rows {
			t.AppendRow(tableRow(c, row, paint))
		}
	}
	return t.Render()
}

// tableRow is one metric: its name, the strategies' values, and who is best.
func tableRow(c *result.Comparison, row result.Row, paint colours) table.Row {
	printed, widest := row.Values(), 0.0
	for _, cell := range row.Cells {
		widest = max(widest, cell.CI95)
	}
	scale := result.ScaleFor(row.Metric.Unit, append(printed, widest)...)
	cells := table.Row{"  " + row.Metric.Name}
	for _, cell := range row.Cells {
		cells = append(cells, tableCell(cell, row.Decided, scale, paint))
	}
	return append(cells, verdictOf(c, row))
}

// tableCell is one value, marked if it is the best and not everybody's.
func tableCell(cell result.Cell, decided bool, scale result.Scale, paint colours) string {
	if !cell.Present {
		return paint.faint("–")
	}
	value := scale.Format(cell.Value)
	if cell.CI95 != 0 {
		value = scale.Number(cell.Value) + " ± " + scale.Format(cell.CI95)
	}
	if decided && cell.Best {
		return paint.green(bestMark + " " + value)
	}
	return value
}

// verdictOf says who is best, and by which factor ahead of the next.
func verdictOf(c *result.Comparison, row result.Row) string {
	if !row.Decided {
		return ""
	}
	var best []string
	for _, i := range row.Best() {
		best = append(best, string(c.Strategies[i]))
	}
	verdict := strings.Join(best, ", ")
	if factor, _ := row.Lead(); factor > 0 {
		verdict += fmt.Sprintf(" %s×", result.Factor(factor))
	}
	return verdict
}
