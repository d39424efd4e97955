package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"protosim/model/claim"
	"protosim/scenarios"
	"protosim/viz/chart"
)

// FindingsSchema names the layout of Findings as JSON.
const FindingsSchema = "protosim.claims/1"

// Findings are what the claims came to, for scripts and for everything that
// shows it: what is printed, the report, the README.
type Findings struct {
	Schema  string    `json:"schema"`
	Version string    `json:"version"`
	Date    string    `json:"date"`
	Seeds   int       `json:"seeds"`
	Quick   bool      `json:"quick,omitempty"`
	Partial bool      `json:"partial,omitempty"`
	Table   *Table    `json:"table,omitempty"`
	Claims  []Finding `json:"claims"`
}

// Table is the strategies side by side.
type Table struct {
	Columns []scenarios.Strategy `json:"columns"`
	Rows    []TableRow           `json:"rows"`
}

// TableRow is one property of them.
type TableRow struct {
	Row   string      `json:"row"`
	Note  string      `json:"note,omitempty"`
	Unit  string      `json:"unit"`
	Cells []TableCell `json:"cells"`
}

// TableCell is a strategy's figure: null where it cannot have one.
type TableCell struct {
	Mean     *float64 `json:"mean"`
	CI95     float64  `json:"ci95,omitempty"`
	Scenario string   `json:"scenario,omitempty"`
	Set      []string `json:"set,omitempty"`
	Of       string   `json:"of,omitempty"`
}

// Finding is what one claim came to.
type Finding struct {
	Number     int             `json:"number"`
	Claim      string          `json:"claim"`
	Scenario   string          `json:"scenario"` // of its first run
	Verdict    claim.Verdict   `json:"verdict"`
	Summary    string          `json:"summary"` // the verdict and its limits
	Holds      string          `json:"holds_if"`
	Because    string          `json:"because,omitempty"`
	Overturned string          `json:"overturned_by,omitempty"`
	Figures    []FindingFigure `json:"figures"`
	Limits     []string        `json:"limits,omitempty"`
	Off        []FindingOff    `json:"off,omitempty"`
	Commands   []string        `json:"commands"`
	Digests    []string        `json:"digests"`
}

// FindingFigure is a number that a claim's runs show.
type FindingFigure struct {
	Label string  `json:"label"`
	Unit  string  `json:"unit"`
	Mean  float64 `json:"mean"`
	CI95  float64 `json:"ci95,omitempty"`
}

// FindingOff is what a claim came to with its mechanism switched off.
type FindingOff struct {
	With    string          `json:"with"`
	Verdict claim.Verdict   `json:"verdict"`
	Figures []FindingFigure `json:"figures"`
}

// Text is the figure with its unit and interval.
func (f FindingFigure) Text() string { return claim.Text(f.Unit, f.Mean, f.CI95) }

// Measured is what stands in a table for all that a claim's runs show: its first
// figure, and after it the next one of that unit, which it is to be compared with.
func (f Finding) Measured() string {
	text := f.Figures[0].Text() + " " + f.Figures[0].Label
	for _, other := range f.Figures[1:] {
		if other.Unit == f.Figures[0].Unit {
			return text + "; " + other.Text() + " " + other.Label
		}
	}
	return text
}

// String is what became of the claim with its mechanism switched off.
func (o FindingOff) String() string {
	return fmt.Sprintf("with %s it %s: %s is %s", o.With, o.Verdict, o.Figures[0].Label, o.Figures[0].Text())
}

// Texts are a row's cells as they are shown.
func (r TableRow) Texts() []string {
	texts := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		texts[i] = "–"
		if c.Mean != nil {
			texts[i] = claim.Text(r.Unit, *c.Mean, c.CI95)
		}
	}
	return texts
}

// Scenarios are those that a row was measured with.
func (r TableRow) Scenarios() string {
	var names []string
	for _, c := range r.Cells {
		if c.Scenario != "" && !slices.Contains(names, c.Scenario) {
			names = append(names, c.Scenario)
		}
	}
	return strings.Join(names, ", ")
}

// Findings sums up what was examined.
func (x *Examined) Findings() *Findings {
	out := &Findings{Schema: FindingsSchema, Version: x.Version, Date: x.Date, Seeds: x.Seeds, Quick: x.Quick, Partial: x.Partial, Claims: []Finding{}}
	if x.Table != nil {
		out.Table = tableOf(x.Table)
	}
	for _, e := range x.Claims {
		f := Finding{
			Number: e.Claim.Number, Claim: e.Claim.Claim, Scenario: e.Claim.Runs[0].Scenario,
			Verdict: e.Verdict(), Summary: e.Summary(), Holds: e.Claim.Holds,
			Because: e.Claim.Because, Overturned: e.Claim.Overturned, Figures: figuresOf(e),
		}
		for _, l := range e.Limits {
			f.Limits = append(f.Limits, l.String())
		}
		for i, off := range x.Off[e.Claim.Number] {
			f.Off = append(f.Off, FindingOff{e.Claim.Off[i].What, off.Verdict(), figuresOf(off)})
		}
		for i, run := range e.Claim.Runs {
			f.Commands = append(f.Commands, RunCommand(run, e.Results[i], x.Quick))
			for _, r := range e.Results[i].Runs {
				f.Digests = append(f.Digests, r.Digest)
			}
		}
		out.Claims = append(out.Claims, f)
	}
	return out
}

func figuresOf(e *claim.Evidence) (all []FindingFigure) {
	for _, f := range e.Figures {
		all = append(all, FindingFigure{f.Label, f.Unit, f.Mean, f.CI95})
	}
	return all
}

func tableOf(t *claim.Table) *Table {
	out := &Table{Columns: t.Columns}
	for _, row := range t.Rows {
		r := TableRow{Row: row.Row, Note: row.Note, Unit: row.Unit}
		for _, c := range row.Cells {
			cell := TableCell{}
			if c.Known {
				cell = TableCell{Mean: &c.Mean, CI95: c.CI95, Scenario: c.Run.Scenario, Set: c.Run.Set, Of: c.Of}
			}
			r.Cells = append(r.Cells, cell)
		}
		out.Rows = append(out.Rows, r)
	}
	return out
}

// Write writes the findings as JSON.
func (f *Findings) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(f)
}

// ReadFindings reads what Write has written.
func ReadFindings(r io.Reader) (*Findings, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	f := &Findings{}
	if err := decoder.Decode(f); err != nil {
		return nil, err
	}
	if f.Schema != FindingsSchema {
		return nil, fmt.Errorf("its schema is %q, not %q", f.Schema, FindingsSchema)
	}
	for _, c := range f.Claims {
		if len(c.Figures) == 0 {
			return nil, fmt.Errorf("claim %d has no figures", c.Number)
		}
	}
	return f, nil
}

// Intro says what was done, when, and with what.
func (f *Findings) Intro() string {
	text := fmt.Sprintf("Each sentence was put to the test by simulation, with real protocol code over a simulated network, under %s", chart.Plural(f.Seeds, "seed"))
	if f.Seeds > 1 {
		text += " (± the 95 % confidence interval)"
	}
	if f.Quick {
		text += ", with smaller populations than usual (--quick)"
	}
	return text + fmt.Sprintf(". Measured on %s with protosim %s.", f.Date, f.Version)
}

// Count says how many claims came to what.
func (f *Findings) Count() string {
	numbers := map[claim.Verdict][]string{}
	for _, c := range f.Claims {
		numbers[c.Verdict] = append(numbers[c.Verdict], fmt.Sprint(c.Number))
	}
	text := "Of " + chart.Plural(len(f.Claims), "claim")
	for _, v := range []struct {
		verdict claim.Verdict
		text    string
		named   bool
	}{
		{claim.Holds, "hold", false},
		{claim.HoldsWithin, "hold within limits", false},
		{claim.Undecided, "undecided", true},
		{claim.DoesNotHold, "contradicted", true},
	} {
		if n := numbers[v.verdict]; n != nil {
			text += fmt.Sprintf(", %d %s", len(n), v.text)
			if v.named {
				text += " (" + strings.Join(n, ", ") + ")"
			}
		}
	}
	return text + "."
}

// Markdown writes the table of the strategies and that of the claims.
func (f *Findings) Markdown(w io.Writer) error {
	var b strings.Builder
	if f.Partial {
		b.WriteString("**Partial: it was interrupted, and claims are missing.**\n\n")
	}
	if t := f.Table; t != nil {
		b.WriteString("| |")
		for _, c := range t.Columns {
			fmt.Fprintf(&b, " %s |", c)
		}
		b.WriteString(" measured with |\n|---|" + strings.Repeat("---:|", len(t.Columns)) + "---|\n")
		for _, row := range t.Rows {
			name := row.Row
			if row.Note != "" {
				name += " <br><sub>" + plain(row.Note) + "</sub>"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", name, strings.Join(row.Texts(), " | "), row.Scenarios())
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s\n\n%s\n\n", plain(f.Intro()), f.Count())
	if f.Table != nil {
		fmt.Fprintf(&b, "<details><summary>All %d claims</summary>\n\n", len(f.Claims))
	}
	b.WriteString("| | Claim | Scenario | Measured | Verdict |\n|---:|---|---|---|---|\n")
	for _, c := range f.Claims {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", c.Number, plain(c.Claim), c.Scenario, plain(c.Measured()), plain(c.Summary))
	}
	if f.Table != nil {
		b.WriteString("\n</details>\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
