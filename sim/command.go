package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"protosim/scenarios"
)

// main runs the command and returns its exit code.
func (p *process) main(args []string) int {
	out := &output{w: p.stdout}
	p.stdout = out
	root := p.rootCommand()
	root.SetArgs(args)
	err := root.Execute()
	if out.err != nil && !errors.Is(err, out.err) {
		err = errors.Join(err, out.err)
	}
	if err != nil {
		p.report(err)
	}
	return codeOf(err)
}

func (p *process) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "protosim",
		Short: "Simulate web systems under HTTP/1.1, HTTP/2 and WebSocket, and compare them",
		Long: `protosim runs real HTTP/1.1, HTTP/2 and WebSocket code over a simulated network
in virtual time, and shows what becomes of the same system under each of them.

` + exitHelp("done, and every expectation held", "an expectation of a scenario failed"),
		Example: `  protosim list                         which scenarios there are
  protosim run page-load                simulate one under all of its strategies
  protosim show page-load > mine.yaml   start a scenario of your own from it
  protosim run mine.yaml --set network.rtt=200ms --out results`,
		Args:          cobra.ArbitraryArgs,
		RunE:          unknownCommand,
		SilenceErrors: true,
		SilenceUsage:  true,

		DisableFlagsInUseLine: true,
		Version:               versionLine(),
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetVersionTemplate("protosim {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		p.runCommand(),
		p.plotCommand(),
		p.reportCommand(),
		p.compareCommand(),
		p.sweepCommand(),
		p.tuneCommand(),
		p.claimsCommand(),
		p.listCommand(),
		p.showCommand(),
		p.validateCommand(),
		p.schemaCommand(),
		p.importCommand(),
		p.exportCommand(),
		p.memoryCommand(),
		p.serveCommand(),
		p.mountCommand(),
		p.versionCommand(),
	)
	// What cobra adds by itself shows a help text for whatever it does not know.
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Run, c.RunE, c.Example = nil, helpOn, "  protosim help mount cache"
		case "completion":
			c.Args, c.RunE = cobra.ArbitraryArgs, unknownCommand
		}
	}
	return root
}

// helpOn shows the help text of the command that the arguments name.
func helpOn(help *cobra.Command, args []string) error {
	c, rest, err := help.Root().Find(args)
	if err == nil && len(rest) > 0 {
		err = unknownCommand(c, rest)
	}
	if err != nil {
		return err
	}
	c.InitDefaultHelpFlag()
	return c.Help()
}

// unknownCommand runs when the first argument is none of the parent's commands.
func unknownCommand(parent *cobra.Command, args []string) error {
	if len(args) == 0 {
		return parent.Help()
	}
	if !parent.HasParent() && slices.Contains(scenarios.Names(), args[0]) {
		return badInput(fmt.Sprintf("%q is a scenario, not a command", args[0]), "try: protosim run "+args[0])
	}
	var commands []string
	for _, c := range parent.Commands() {
		commands = append(commands, c.Name())
	}
	return badInput(fmt.Sprintf("there is no command %q", strings.TrimPrefix(parent.CommandPath()+" "+args[0], "protosim ")),
		suggest("%s", nearest(args[0], commands), parent.CommandPath()+" --help lists the commands"))
}

// invalidValue matches what the flag library says about a value it cannot
// parse, which shows Go's own words for it.
var invalidValue = regexp.MustCompile(`^invalid argument (".*") for "(?:-\w, )?(--[\w-]+)" flag: `)

// flagError puts an error about flags into words.
func flagError(c *cobra.Command, err error) error {
	message := err.Error()
	if m := invalidValue.FindStringSubmatch(message); m != nil {
		flag := c.Flags().Lookup(strings.TrimPrefix(m[2], "--"))
		wanted := map[string]string{"uint64": "a whole number from 1 on", "int": "a whole number"}[flag.Value.Type()]
		return badInput(fmt.Sprintf("%s cannot be %s", m[2], m[1]), "it wants "+cmp.Or(wanted, "a "+flag.Value.Type()))
	}
	_, unknown, _ := strings.Cut(message, "unknown flag: --")
	var flags []string
	c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	return badInput(message, suggest("--%s", nearest(unknown, flags), c.CommandPath()+" --help describes the flags"))
}

// wants checks the number of arguments, and says what they should have been.
func wants(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return badInput(fmt.Sprintf("%s needs %s", c.CommandPath(), what), c.CommandPath()+" --help shows examples")
		case most >= 0 && len(args) > most:
			return badInput(fmt.Sprintf("%s takes %s; %q is too much", c.CommandPath(), what, args[most]), c.CommandPath()+" --help shows examples")
		}
		return nil
	}
}
