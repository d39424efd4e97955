package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"protosim/viz/report"
)

// reportFlags are the flags of protosim report.
type reportFlags struct {
	out      string
	markdown bool
	force    bool
}

func (p *process) reportCommand() *cobra.Command {
	f := &reportFlags{}
	c := &cobra.Command{
		Use:   "report RESULT…",
		Short: "Write stored results up for a design review",
		Long: `Writes results that protosim run --out stored up for a design review: one HTML
file that needs nothing else, with the question, a drawing of what was simulated,
who wins by which metric, charts with what they say, the expectations, what the
metrics mean, what the model leaves out, and how to get the same numbers again.

With --markdown it is text for a pull request, on standard output. A file is
overwritten only with --force.

` + exitHelp("done", ""),
		Example: `  protosim run page-load --out results
  protosim report results/page-load.json --out review.html
  protosim report results/*.json --markdown > comment.md`,
		Args: wants(1, -1, "the file of a result"),
		RunE: func(_ *cobra.Command, args []string) error { return p.writeReport(f, args) },
	}
	flags := c.Flags()
	flags.StringVar(&f.out, "out", "", "write the report to this `file` (default: report.html, and with --markdown standard output)")
	flags.BoolVar(&f.markdown, "markdown", false, "write Markdown for a pull request")
	flags.BoolVar(&f.force, "force", false, "overwrite the file")
	return c
}

func (p *process) writeReport(f *reportFlags, paths []string) error {
	results, err := p.readResults(paths)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	write, out := report.HTML, f.out
	if f.markdown {
		write = report.Markdown
	} else if out == "" {
		out = "report.html"
	}
	if err := write(&b, results...); err != nil {
		return err
	}
	if out == "" || out == "-" {
		_, err := p.stdout.Write(b.Bytes())
		return err
	}
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		out = filepath.Join(out, "report.html")
	}
	if err := writeFiles([]file{{out, b.Bytes()}}, f.force); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, out)
	return nil
}
