package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *process) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check scenario files without simulating them",
		Long: `Checks scenario files: syntax, fields, units, references and expectations. Each
fault is reported with its position, the offending line and a remedy.`,
		Example: `  protosim validate mine.yaml
  protosim validate designs/*.yaml
  generate-scenario | protosim validate -`,
		Args: wants(1, -1, "the scenario files to check"),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.validate(args)
		},
	}
}

// validate checks all files, also after one that is not valid.
func (p *process) validate(files []string) error {
	wrong := 0
	for _, file := range files {
		s, err := p.loadOne(file, nil)
		if err != nil {
			wrong++
			p.report(err)
			continue
		}
		fmt.Fprintf(p.stdout, "%s: %s is valid\n", file, s.Name)
	}
	switch {
	case wrong == 1 && len(files) == 1:
		return &exit{code: exitInput}
	case wrong > 0:
		return &exit{exitInput, fmt.Sprintf("%d of %d files not valid", wrong, len(files))}
	}
	return nil
}
