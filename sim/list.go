package main

import (
	"encoding/json"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"protosim/scenarios"
)

func (p *process) listCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios that protosim ships",
		Long:  "Lists the scenarios that protosim ships: the name to run each by, and the question it asks.",
		Example: `  protosim list
  protosim list --format json | jq -r '.[].name'`,
		Args: wants(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			return p.list(format)
		},
	}
	c.Flags().StringVar(&format, "format", "table", "what to print: table or json")
	complete(c, "format", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (p *process) list(format string) error {
	entries, err := scenarios.List()
	if err != nil {
		return err
	}
	switch format {
	case "json":
		encoder := json.NewEncoder(p.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(entries)
	case "table":
		t := newTable()
		t.AppendHeader(table.Row{"scenario", "question"})
		for _, e := range entries {
			t.AppendRow(table.Row{e.Name, e.Title})
		}
		fmt.Fprintf(p.stdout, "%s\n\nprotosim run NAME simulates one, protosim show NAME prints it.\n", t.Render())
		return nil
	}
	return badInput(fmt.Sprintf("--format cannot be %q", format), "it is one of table, json")
}
