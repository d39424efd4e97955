package main

import (
	"github.com/spf13/cobra"

	"protosim/scenarios"
)

func (p *process) showCommand() *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use:   "show SCENARIO|FILE",
		Short: "Print a scenario with every field",
		Long: `Prints a scenario as a YAML file with every field, the defaults filled in: what is
simulated, and a start for a scenario of your own.`,
		Example: `  protosim show page-load
  protosim show page-load --set network.rtt=200ms > far-away.yaml`,
		Args:              wants(1, 1, "the name or file of one scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := p.loadOne(args[0], set)
			if err != nil {
				return err
			}
			text, err := scenarios.Marshal(s)
			if err != nil {
				return err
			}
			_, err = p.stdout.Write(text)
			return err
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "change a field first by `path=value`, as in network.rtt=80ms; may be repeated")
	complete(c, "set", completeSet)
	return c
}
