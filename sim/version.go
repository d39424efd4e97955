package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// linkedVersion is set by the linker: see the Makefile.
var linkedVersion string

func (p *process) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of protosim and of the Go that built it",
		Long:    "Prints the version of protosim, the commit, and the Go that built it: what a bug report needs.",
		Example: "  protosim version",
		Args:    wants(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(p.stdout, "protosim", versionLine())
			return nil
		},
	}
}

// version is the linked version, or what Go knows of the module.
func version() string {
	if linkedVersion != "" {
		return linkedVersion
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// versionLine is the version with all that may matter for a bug.
func versionLine() string {
	line := fmt.Sprintf("%s %s %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return line
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			line += " commit " + setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			line += " with changes"
		}
	}
	return line
}
