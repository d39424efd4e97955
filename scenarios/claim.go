package scenarios

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Claim is a sentence about HTTP and sockets, and how to find out whether it is
// true: which scenarios to run, what to compute from their metrics, and what
// must come out.
type Claim struct {
	Number int
	Claim  string // the sentence
	Runs   []ClaimRun

	// Figures are what the runs show, the first of them the one that the claim
	// stands or falls with.
	Figures []ClaimFigure
	// Holds is an expression that is true if the claim is.
	Holds string
	// Off are ways to switch the claim's mechanism off, or one of them: with each,
	// Holds must be false.
	Off []ClaimOff
	// Limits are fields on whose values it depends whether the claim holds.
	Limits []ClaimLimit
	// Within are limits that are no field's value.
	Within []ClaimWithin

	Because    string // the mechanism, in a sentence or two
	Overturned string // what would overturn the claim
}

// ClaimRun is a scenario that a claim is about. Expressions name the metrics of
// the first run as those of the scenario do (http2.page_load_ms.p50), and put
// the run's name before those of the others (plain.http2.page_load_ms.p50).
type ClaimRun struct {
	Name     string
	Scenario string
	Set      []string // PATH=VALUE, as --set has it
	Quick    []string // what a quick run changes besides
}

// ClaimFigure is a number that a claim's runs show.
type ClaimFigure struct {
	Label string
	Of    string // expression
	Unit  string // as metrics have it: ms, bytes, ratio, count
	Ink   Strategy
}

// ClaimOff is a claim's mechanism, switched off.
type ClaimOff struct {
	What string // what there is instead: follows the word with
	Run  string // which run; the first has no name
	Set  []string
}

// ClaimLimit is a field of a run and a range of its values, at the From end of
// which the claim is thought to hold.
type ClaimLimit struct {
	Run            string // which run; the first has no name
	Path, From, To string
	Also           []string // fields that get the same value
	Set            []string // what the search changes besides, to be quicker
}

// ClaimWithin is how far a claim goes where that is no field's value.
type ClaimWithin struct {
	That string // follows "holds within limits:"
	If   string // an expression that is true if it is so; empty for what no run can tell
}

// ClaimTable is the comparison that a reviewer expects: rows of properties,
// columns of strategies.
type ClaimTable struct {
	Columns []Strategy
	Rows    []ClaimRow
}

// ClaimRow is one property. Of is an expression in which {} stands for the
// column's strategy; Cells has what a column needs instead.
type ClaimRow struct {
	Row   string
	Unit  string
	Run   ClaimRun
	Of    string
	Cells map[Strategy]ClaimCell
	Note  string
}

// ClaimCell is where a column's figure comes from.
type ClaimCell struct {
	Run *ClaimRun // nil for the row's
	Of  string    // empty for the row's
}

// Cell returns the run that a column's figure is of and the expression for it,
// an empty one if the column has none: where the run's scenario does not have
// the column's strategy, and nothing is said about what has its place.
func (r ClaimRow) Cell(column Strategy) (ClaimRun, string, error) {
	cell, own := r.Cells[column]
	run := r.Run
	if cell.Run != nil {
		run = *cell.Run
	}
	if cell.Of != "" {
		return run, cell.Of, nil
	}
	s, err := Load(run.Scenario, run.Set)
	if err != nil || !own && !slices.Contains(s.Strategies, column) {
		return run, "", err
	}
	return run, strings.ReplaceAll(r.Of, "{}", column.Identifier()), nil
}

//go:embed claims.yaml
var claimsFile []byte

var readClaims = sync.OnceValues(func() (file struct {
	Claims []Claim
	Table  ClaimTable
}, err error) {
	err = yaml.NewDecoder(bytes.NewReader(claimsFile), yaml.Strict()).Decode(&file)
	return file, err
})

// Claims returns the claims that protosim examines, in the order of their numbers.
func Claims() []Claim {
	file, err := readClaims()
	if err != nil {
		panic(err) // the file is part of the program, and tested
	}
	return file.Claims
}

// ClaimsTable returns the table of the strategies' properties.
func ClaimsTable() ClaimTable {
	file, err := readClaims()
	if err != nil {
		panic(err)
	}
	return file.Table
}
