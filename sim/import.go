package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"protosim/scenarios"
)

// importFlags are the flags of protosim import har.
type importFlags struct {
	options scenarios.HAROptions
	out     string
	force   bool
}

func (p *process) importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "import",
		Short:   "Make a scenario of what another tool recorded",
		Long:    "Makes a scenario file of what another tool recorded.",
		Example: "  protosim import har recorded.har -o shop.yaml",
		Args:    cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return badInput(fmt.Sprintf("there is no import of %q", args[0]), "protosim import har reads a browser's HAR export")
		},
	}
	c.AddCommand(p.importHARCommand())
	return c
}

func (p *process) importHARCommand() *cobra.Command {
	f := &importFlags{}
	c := &cobra.Command{
		Use:   "har FILE",
		Short: "Make a scenario of a page load that a browser recorded",
		Long: `Makes a scenario of a page load that Chrome, Firefox or Safari recorded and saved
as a HAR file: its resources with their sizes, dependencies and service times,
and the round-trip time. What was left out or assumed is told on standard error.`,
		Example: `  protosim import har recorded.har -o shop.yaml
  protosim import har recorded.har --name shop --page 2 | protosim run -`,
		Args: wants(1, 1, "one HAR file"),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.importHAR(f, args[0])
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.options.Name, "name", "", "call the scenario `NAME` (default: after the page's host)")
	flags.StringVar(&f.options.Page, "page", "", "take the page with this `id`, title or number (default: the first)")
	flags.StringVarP(&f.out, "output", "o", "", "write to `FILE` instead of standard output")
	flags.BoolVar(&f.force, "force", false, "overwrite the file")
	return c
}

// importHAR writes the scenario of a HAR file, and tells what it assumed.
func (p *process) importHAR(f *importFlags, name string) error {
	recorded, err := p.open(name)
	if err != nil {
		return err
	}
	defer recorded.Close()
	s, notes, err := scenarios.ImportHAR(recorded, f.options)
	if e := (*scenarios.Error)(nil); errors.As(err, &e) && e.File == "" {
		e.File = name
	}
	if err != nil {
		return err
	}
	text, err := scenarios.MarshalBrief(s)
	if err != nil {
		return err
	}
	if f.out == "" {
		_, err = p.stdout.Write(text)
	} else {
		err = writeFiles([]file{{f.out, text}}, f.force)
	}
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintf(p.stderr, "protosim: %s\n", note)
	}
	return nil
}

// open opens a file, or standard input for "-".
func (p *process) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		data, err := p.readAll()
		return io.NopCloser(bytes.NewReader(data)), err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, badInput(fmt.Sprintf("%s: cannot be opened: %v", name, cause(err)), "give the path of a HAR file, as a browser's network panel saves it")
	}
	return file, nil
}
