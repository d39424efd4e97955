package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"protosim/model/result"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// plotFlags are the flags of protosim plot.
type plotFlags struct {
	kinds   []string
	formats []string
	out     string
	force   bool
}

func (p *process) plotCommand() *cobra.Command {
	f := &plotFlags{}
	var about strings.Builder
	for _, k := range chart.Kinds() {
		fmt.Fprintf(&about, "  %-12s %s\n", k.Name, k.About)
	}
	c := &cobra.Command{
		Use:   "plot RESULT…",
		Short: "Draw charts of stored results",
		Long: `Draws charts of results that protosim run --out stored, as files called
SCENARIO.KIND.FORMAT. Each strategy has the same colour in all of them, and each
title states what the numbers say. Without --kind, all are drawn for which a
result has the numbers.

Kinds of charts:
` + about.String() + `
A file is overwritten only with --force.

` + exitHelp("done", ""),
		Example: `  protosim run page-load --out results
  protosim plot results/page-load.json --out charts
  protosim plot results/page-load.json --kind waterfall,bytes --format png,pdf`,
		Args: wants(1, -1, "the file of a result"),
		RunE: func(_ *cobra.Command, args []string) error { return p.plot(f, args) },
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.kinds, "kind", nil, "draw only these `kinds` of charts")
	flags.StringSliceVar(&f.formats, "format", []string{"svg"}, "write these `formats`: svg, png, pdf")
	flags.StringVar(&f.out, "out", ".", "write the charts to this `folder`")
	flags.BoolVar(&f.force, "force", false, "overwrite files")
	complete(c, "kind", cobra.FixedCompletions(kindNames(), cobra.ShellCompDirectiveNoFileComp))
	complete(c, "format", cobra.FixedCompletions(figure.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func kindNames() []string {
	var names []string
	for _, k := range chart.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// plot reads the results and draws them.
func (p *process) plot(f *plotFlags, paths []string) error {
	if err := f.check(); err != nil {
		return err
	}
	results, err := p.readResults(paths)
	if err != nil {
		return err
	}
	var files []file
	for i, r := range results {
		drawn, err := f.draw(r)
		if err != nil {
			return fmt.Errorf("%s: %w", paths[i], err)
		}
		files = append(files, drawn...)
	}
	if _, err := openFolder("--out", f.out); err != nil {
		return err
	}
	if err := writeFiles(files, f.force); err != nil {
		return err
	}
	for _, file := range files {
		fmt.Fprintln(p.stdout, file.path)
	}
	return nil
}

// check finds kinds and formats that there are not.
func (f *plotFlags) check() error {
	for _, name := range f.kinds {
		if !slices.Contains(kindNames(), name) {
			return badInput(fmt.Sprintf("--kind cannot be %q", name), suggest("%s", nearest(name, kindNames()), "there are "+strings.Join(kindNames(), ", ")))
		}
	}
	for _, name := range f.formats {
		if !slices.Contains(figure.Formats(), name) {
			return badInput(fmt.Sprintf("--format cannot be %q", name), "it is some of "+strings.Join(figure.Formats(), ", "))
		}
	}
	return nil
}

// draw draws the charts of one result. A kind that was asked for by name and
// cannot be drawn is an error; the others are left out.
func (f *plotFlags) draw(r *result.Result) ([]file, error) {
	var files []file
	for _, k := range chart.Kinds() {
		if len(f.kinds) > 0 && !slices.Contains(f.kinds, k.Name) {
			continue
		}
		if err := k.Needs(r); err != nil {
			if len(f.kinds) > 0 {
				return nil, badInput(err.Error(), "leave --kind out for all charts that there are of it")
			}
			continue
		}
		scene := figure.Layout(k.Figure(r))
		for _, format := range f.formats {
			data, err := scene.Encode(format)
			if err != nil {
				return nil, err
			}
			files = append(files, file{filepath.Join(f.out, resultName(r)+"."+k.Name+"."+format), data})
		}
	}
	return files, nil
}

// plot draws all charts of a result that was just stored, if it is to.
func (d *folder) plot(r *result.Result, draw bool) error {
	if !draw {
		return nil
	}
	f := &plotFlags{out: d.path, formats: []string{"svg", "png"}}
	files, err := f.draw(r)
	if err != nil {
		return err
	}
	return writeFiles(files, true)
}
