package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"protosim/model/claim"
	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
	"protosim/viz/report"
)

// claimsFlags are the flags of protosim claims.
type claimsFlags struct {
	quick    bool
	seeds    int
	parallel int
	out      string
	format   string
	from     string
	quiet    bool
	changed  func(flag string) bool // says that the user gave it
}

func (p *process) claimsCommand() *cobra.Command {
	f := &claimsFlags{}
	c := &cobra.Command{
		Use:   "claims [NUMBER…]",
		Short: "Put the claims about sockets and requests to the test",
		Long: `Runs the scenarios behind each claim about HTTP and sockets, and says what was
measured and whether the claim holds. For claims that depend on a parameter it
searches for the value at which they stop holding. Without numbers it examines
all claims, and measures the strategies side by side.

A claim that the evidence contradicts is reported as that; it is no failure of the
command. With --from nothing is simulated: it shows what a run with --out found.

` + exitHelp("done", ""),
		Example: `  protosim claims --quick
  protosim claims --out claims          the report, a chart for each claim, the numbers
  protosim claims 4 6                   only these
  protosim claims --from claims/claims.json --format markdown
  protosim claims show 10               what is behind one, and what would overturn it`,
		RunE: func(_ *cobra.Command, args []string) error { return p.claims(f, args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return claimNumbers(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	f.register(c)
	c.Flags().StringVar(&f.format, "format", "table", "what to print: table, markdown or json")
	c.Flags().StringVar(&f.out, "out", "", "write the report, the charts and the numbers to this `folder`")
	c.Flags().StringVar(&f.from, "from", "", "show what this `file` says (claims.json of an earlier --out) instead of simulating")
	complete(c, "format", cobra.FixedCompletions([]string{"table", "markdown", "json"}, cobra.ShellCompDirectiveNoFileComp))
	c.AddCommand(p.showClaimCommand())
	return c
}

func (f *claimsFlags) register(c *cobra.Command) {
	flags := c.Flags()
	f.changed = flags.Changed
	flags.BoolVar(&f.quick, "quick", false, "smaller populations and one seed, and no search for limits")
	flags.IntVar(&f.seeds, "seeds", 0, "replicate each run over `N` seeds (default: 3, with --quick 1)")
	flags.IntVar(&f.parallel, "parallel", 0, "simulate `N` runs side by side (default: one per core)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print no progress")
}

func (p *process) showClaimCommand() *cobra.Command {
	f := &claimsFlags{}
	c := &cobra.Command{
		Use:   "show NUMBER",
		Short: "Explain one claim: its runs, what switches it off, and where it stops holding",
		Long: `Examines one claim and explains it: what was run, what was measured, the same with
the claim's mechanism switched off, at which value of which parameter it stops
holding, and what would overturn it.

` + exitHelp("done", ""),
		Example: "  protosim claims show 10\n  protosim claims show 4 --quick",
		Args:    wants(1, 1, "the number of a claim"),
		RunE:    func(_ *cobra.Command, args []string) error { return p.showClaim(f, args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return claimNumbers(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	f.register(c)
	return c
}

func claimNumbers() []string {
	var numbers []string
	for _, c := range scenarios.Claims() {
		numbers = append(numbers, fmt.Sprintf("%d\t%s", c.Number, c.Claim))
	}
	return numbers
}

// chosenClaims are the claims of these numbers, all if there are none.
func chosenClaims(args []string) ([]scenarios.Claim, error) {
	all := scenarios.Claims()
	if len(args) == 0 {
		return all, nil
	}
	var chosen []scenarios.Claim
	for _, arg := range args {
		n, err := strconv.Atoi(arg)
		i := slices.IndexFunc(all, func(c scenarios.Claim) bool { return c.Number == n })
		if err != nil || i < 0 {
			return nil, badInput(fmt.Sprintf("there is no claim %q", arg), fmt.Sprintf("give a number from %d to %d", all[0].Number, all[len(all)-1].Number))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// check fills in defaults and refuses what makes no sense.
func (f *claimsFlags) check() error {
	switch given := f.changed("seeds"); {
	case given && (f.seeds < 1 || f.seeds > 1000):
		return badInput(fmt.Sprintf("--seeds cannot be %d", f.seeds), "give a number from 1 to 1000")
	case !given && f.quick:
		f.seeds = 1
	case !given:
		f.seeds = 3
	}
	if f.format != "" && !slices.Contains([]string{"table", "markdown", "json"}, f.format) {
		return badInput(fmt.Sprintf("there is no format %q", f.format), "it is table, markdown or json")
	}
	return nil
}

// examiner examines claims by means of the simulator.
func (p *process) examiner(f *claimsFlags) *claim.Examiner {
	x := &claim.Examiner{
		Seeds: f.seeds,
		Quick: f.quick,
		Simulate: func(ctx context.Context, s *scenarios.Scenario, strategies []scenarios.Strategy, seeds int) (*result.Result, error) {
			return p.recovering(ctx, s, world.Options{Strategies: strategies, Seed: s.Seed, Seeds: seeds, Parallel: f.parallel, Version: result.MadeBy(version())})
		},
		Between: between,
	}
	if !f.quiet {
		x.Doing = func(what string) { fmt.Fprintln(p.stderr, "simulating", what) }
	}
	return x
}

// between is the value that lies so far between two others, evenly, or by equal
// ratios if they are far apart.
func between(from, to string, share float64) (string, error) {
	a, b, kind, err := parseEnds(from, to)
	if err != nil {
		return "", err
	}
	v := along(a, b, share, a > 0 && b > 0 && max(a/b, b/a) >= 10)
	if kind.unit == "count" && a == math.Trunc(a) && b == math.Trunc(b) {
		v = math.Round(v)
	}
	return kind.write(v), nil
}

// claims examines claims and writes up what came out.
func (p *process) claims(f *claimsFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	chosen, err := chosenClaims(args)
	if err != nil {
		return err
	}
	if f.from != "" {
		return p.claimsFrom(f, args)
	}
	if f.out != "" {
		if _, err := openFolder("--out", f.out); err != nil {
			return err
		}
	}
	ctx, stop := p.interruptible()
	defer stop()
	found := &report.Examined{Seeds: f.seeds, Quick: f.quick, Version: result.MadeBy(version()), Date: p.today(), Off: map[int][]*claim.Evidence{}}
	began := time.Now() // for people
	err = p.examine(ctx, f, found, chosen, len(args) == 0)
	if !f.quiet {
		fmt.Fprintf(p.stderr, "%d claims examined in %s\n", len(found.Claims), time.Since(began).Round(time.Second))
	}
	if ctx.Err() != nil {
		found.Partial = true
		if len(found.Claims) == 0 {
			return &exit{exitInterrupted, "interrupted before the first claim was examined"}
		}
	} else if err != nil {
		return bug(err, "protosim claims "+strings.Join(args, " "))
	}
	if err := p.printClaims(f, found.Findings()); err != nil {
		return err
	}
	if f.out != "" {
		if err := p.writeClaims(f, found); err != nil {
			return err
		}
	}
	if found.Partial {
		return &exit{exitInterrupted, fmt.Sprintf("interrupted: %d of %d claims were examined", len(found.Claims), len(chosen))}
	}
	return nil
}

// examine gathers the evidence, claim by claim, and measures the table.
func (p *process) examine(ctx context.Context, f *claimsFlags, found *report.Examined, chosen []scenarios.Claim, table bool) error {
	x := p.examiner(f)
	for _, c := range chosen {
		e, err := x.Examine(ctx, c)
		if err != nil {
			return err
		}
		if !f.quick {
			if e.Limits, err = x.FindLimits(ctx, c); err != nil {
				return err
			}
			if found.Off[c.Number], err = x.Off(ctx, c); err != nil {
				return err
			}
		}
		found.Claims = append(found.Claims, e)
	}
	if !table {
		return nil
	}
	var err error
	found.Table, err = x.Table(ctx, scenarios.ClaimsTable())
	return err
}

// today is the date for people.
func (p *process) today() string { return time.Now().Format("2006-01-02") }

// claimsFrom shows what was found earlier, of some claims or of all.
func (p *process) claimsFrom(f *claimsFlags, args []string) error {
	if f.out != "" {
		return badInput("--from and --out do not go together", "what --out writes needs the runs themselves")
	}
	data, err := os.ReadFile(f.from)
	if err != nil {
		return badInput(fmt.Sprintf("%s cannot be read: %v", f.from, cause(err)), "give the claims.json that protosim claims --out has written")
	}
	found, err := report.ReadFindings(bytes.NewReader(data))
	if err != nil {
		return badInput(fmt.Sprintf("%s does not hold what claims came to: %v", f.from, err), "give the claims.json that protosim claims --out has written")
	}
	if len(args) > 0 {
		found.Table = nil
		found.Claims = slices.DeleteFunc(found.Claims, func(c report.Finding) bool { return !slices.Contains(args, strconv.Itoa(c.Number)) })
	}
	return p.printClaims(f, found)
}

func (p *process) printClaims(f *claimsFlags, found *report.Findings) error {
	switch f.format {
	case "markdown":
		return found.Markdown(p.stdout)
	case "json":
		return found.Write(p.stdout)
	}
	paint := p.colours()
	if found.Table != nil {
		fmt.Fprintln(p.stdout, sideBySide(found.Table, paint))
		fmt.Fprintln(p.stdout)
	}
	fmt.Fprintln(p.stdout, claimsTable(found.Claims, paint))
	fmt.Fprintf(p.stdout, "\n%s\n%s\n", found.Count(), text.WrapSoft(found.Intro(), 100))
	return nil
}

// sideBySide lays out the strategies' properties.
func sideBySide(c *report.Table, paint colours) string {
	t := strategiesTable(c.Columns, "measured with", paint)
	for _, row := range c.Rows {
		cells := table.Row{row.Row}
		for _, cell := range row.Texts() {
			cells = append(cells, cell)
		}
		t.AppendRow(append(cells, paint.faint(row.Scenarios())))
	}
	notes := ""
	for _, row := range c.Rows {
		if row.Note != "" {
			notes += "\n" + text.WrapSoft(row.Row+": "+row.Note, 100)
		}
	}
	return t.Render() + "\n" + paint.faint(notes)
}

// claimsTable lays out claims, what was measured, and their verdicts.
func claimsTable(all []report.Finding, paint colours) string {
	t := newTable()
	t.AppendHeader(table.Row{"", "claim", "scenario", "measured", "verdict"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, Align: text.AlignRight},
		{Number: 2, WidthMax: 40, WidthMaxEnforcer: text.WrapSoft},
		{Number: 3, WidthMax: 22, WidthMaxEnforcer: text.WrapSoft},
		{Number: 4, WidthMax: 40, WidthMaxEnforcer: text.WrapSoft},
		{Number: 5, WidthMax: 38, WidthMaxEnforcer: text.WrapSoft},
	})
	for _, c := range all {
		verdict := string(c.Verdict)
		switch c.Verdict {
		case claim.Holds, claim.HoldsWithin:
			verdict = paint.green(verdict)
		case claim.DoesNotHold:
			verdict = paint.red(verdict)
		}
		t.AppendRow(table.Row{c.Number, c.Claim, c.Scenario, c.Measured(), strings.Replace(c.Summary, string(c.Verdict), verdict, 1)})
	}
	return t.Render()
}

// writeClaims writes the report, a chart for each claim, and the numbers.
func (p *process) writeClaims(f *claimsFlags, found *report.Examined) error {
	var html, markdown, numbers bytes.Buffer
	if err := report.ClaimsHTML(&html, found); err != nil {
		return err
	}
	findings := found.Findings()
	if err := findings.Markdown(&markdown); err != nil {
		return err
	}
	if err := findings.Write(&numbers); err != nil {
		return err
	}
	name := "claims"
	if found.Partial {
		name = "claims.partial"
	}
	files := []file{
		{filepath.Join(f.out, name+".html"), html.Bytes()},
		{filepath.Join(f.out, name+".md"), markdown.Bytes()},
		{filepath.Join(f.out, name+".json"), numbers.Bytes()},
	}
	for _, e := range found.Claims {
		scene := figure.Layout(chart.Claim(e))
		for _, format := range []string{"svg", "png"} {
			data, err := scene.Encode(format)
			if err != nil {
				return err
			}
			files = append(files, file{filepath.Join(f.out, fmt.Sprintf("claim-%02d.%s", e.Claim.Number, format)), data})
		}
	}
	if err := writeFiles(files, true); err != nil {
		return err
	}
	if !f.quiet {
		fmt.Fprintln(p.stderr, files[0].path)
	}
	return nil
}

// showClaim explains one claim.
func (p *process) showClaim(f *claimsFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	chosen, err := chosenClaims(args)
	if err != nil {
		return err
	}
	c := chosen[0]
	ctx, stop := p.interruptible()
	defer stop()
	x := p.examiner(f)
	e, err := x.Examine(ctx, c)
	var off []*claim.Evidence
	if err == nil {
		off, err = x.Off(ctx, c)
	}
	if err == nil {
		e.Limits, err = x.FindLimits(ctx, c)
	}
	if ctx.Err() != nil {
		return &exit{exitInterrupted, "interrupted before the claim was examined"}
	}
	if err != nil {
		return bug(err, "protosim claims show "+args[0])
	}
	p.explain(e, off, f.quick)
	return nil
}

// explain prints all that was found out about a claim.
func (p *process) explain(e *claim.Evidence, off []*claim.Evidence, quick bool) {
	paint, w := p.colours(), p.stdout
	fmt.Fprintf(w, "%s\n\n%s\n\n%s\n", paint.bold(fmt.Sprintf("%d. %s", e.Claim.Number, e.Claim.Claim)), paint.bold(text.WrapSoft("It "+e.Summary()+".", 90)), text.WrapSoft(strings.TrimSpace(e.Claim.Because), 90))
	t := newTable()
	header := table.Row{"", "measured"}
	for i := range off {
		header = append(header, "with "+e.Claim.Off[i].What)
	}
	t.AppendHeader(header)
	for i, f := range e.Figures {
		row := table.Row{f.Label, f.Text()}
		for _, o := range off {
			row = append(row, o.Figures[i].Text())
		}
		t.AppendRow(row)
	}
	fmt.Fprintf(w, "\n%s\n\nHolds if    %s\n", t.Render(), e.Claim.Holds)
	for i, o := range off {
		fmt.Fprintf(w, "Off         with %s it %s\n", e.Claim.Off[i].What, o.Verdict())
	}
	if e.Claim.Overturned != "" {
		fmt.Fprintf(w, "Overturned  %s\n", e.Claim.Overturned)
	}
	for _, l := range e.Limits {
		fmt.Fprintf(w, "\n%s\n", limitTable(e, l, paint))
	}
	fmt.Fprintln(w)
	for i, run := range e.Claim.Runs {
		fmt.Fprintln(w, report.RunCommand(run, e.Results[i], quick))
	}
}

// limitTable shows the figures that a limit's parameter changes, for each value
// that was tried.
func limitTable(e *claim.Evidence, l *claim.Limit, paint colours) string {
	t := newTable()
	varying := e.Varying(l)
	header := table.Row{strings.Join(append([]string{l.Path}, l.Also...), ", "), ""}
	for _, i := range varying {
		header = append(header, e.Figures[i].Label)
	}
	t.AppendHeader(header)
	for _, at := range l.Sorted() {
		held := paint.green("holds")
		switch at.Held {
		case at.Seeds:
		case 0:
			held = paint.red("does not")
		default:
			held = fmt.Sprintf("under %d of %d seeds", at.Held, at.Seeds)
		}
		row := table.Row{at.Value, held}
		for _, i := range varying {
			row = append(row, at.Figures[i].Text())
		}
		t.AppendRow(row)
	}
	return t.Render()
}
