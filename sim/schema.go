package main

import (
	"github.com/spf13/cobra"

	"protosim/scenarios"
)

func (p *process) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files",
		Long: `Prints the JSON Schema of scenario files. Editors that know it complete and check
them; a first line such as
  # yaml-language-server: $schema=schema.json
tells an editor where it is.`,
		Example: "  protosim schema > schema.json",
		Args:    wants(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			_, err := p.stdout.Write(scenarios.Schema())
			return err
		},
	}
}
