package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"protosim/model/memory"
)

// The measuring is done by this program, started once more.
func init() { memory.Child() }

func (p *process) memoryCommand() *cobra.Command {
	var connections, out string
	var only []string
	c := &cobra.Command{
		Use:   "memory",
		Short: "Measure how much memory a connection takes of a server",
		Long: `Measures how much memory a connection takes of a Go server, on this machine and
with the Go that built protosim: the heap and the stacks of net/http, crypto/tls
and coder/websocket, while they hold thousands of connections to peers that say
what a client says and then stay silent. The kernel's buffers are not counted.

The simulator uses the figures that it was built with, which stand beside, so
that its results do not depend on where it runs. --out writes a table with the
new figures in front, to be built with next time.`,
		Example: `  protosim memory
  protosim memory --protocol websocket --connections 1000..10000
  protosim memory --out model/memory/figures.json`,
		Args: wants(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			low, high, err := parseRange(connections)
			if err != nil {
				return err
			}
			protocols, err := parseProtocols(only)
			if err != nil {
				return err
			}
			if out != "" { // better now than after minutes
				there, err := newPending(out, true)
				if err != nil {
					return err
				}
				there.abandon()
			}
			return p.measureMemory(protocols, memory.Spread(low, high), out)
		},
	}
	c.Flags().StringVar(&connections, "connections", "1000..5000", "how many connections to hold, `from..to`")
	c.Flags().StringSliceVar(&only, "protocol", nil, "measure only these `protocols`: "+strings.Join(protocolNames(), ", "))
	c.Flags().StringVar(&out, "out", "", "write the table of figures to this `file`")
	complete(c, "protocol", cobra.FixedCompletions(protocolNames(), cobra.ShellCompDirectiveNoFileComp))
	complete(c, "connections", cobra.NoFileCompletions)
	return c
}

// measureMemory measures, and prints the figures beside those that are known.
func (p *process) measureMemory(protocols []memory.Protocol, connections []int, out string) error {
	t := newTable()
	t.AppendHeader(table.Row{"connection", "TLS", "bytes now", "bytes used by protosim", "R²"})
	var measured []memory.Figure
	for _, protocol := range protocols {
		for _, tls := range []bool{false, true} {
			fmt.Fprintf(p.stderr, "measuring %s, TLS %v…\n", protocol, tls)
			m, err := memory.Measure(protocol, tls, connections)
			if err != nil {
				return err
			}
			f := m.Figure()
			measured = append(measured, f)
			t.AppendRow(table.Row{f.Protocol, f.TLS, f.Bytes, p.knownFigure(protocol, tls), fmt.Sprintf("%.5f", m.R2)})
		}
	}
	fmt.Fprintf(p.stdout, "%s\n\n%s on %s/%s, with up to %d connections: heap and stacks of the server, for each connection.\n",
		t.Render(), runtime.Version(), runtime.GOOS, runtime.GOARCH, connections[len(connections)-1])
	if out == "" {
		return nil
	}
	text, err := json.MarshalIndent(memory.Renew(memory.Figures(), measured), "", "  ")
	if err != nil {
		return err
	}
	return writeFile(out, append(text, '\n'))
}

// knownFigure says which figure protosim uses, and with which Go it was
// measured if that was another.
func (p *process) knownFigure(protocol memory.Protocol, tls bool) string {
	for _, f := range memory.Figures() {
		if f.Protocol != protocol || f.TLS != tls {
			continue
		}
		if f.GoVersion == runtime.Version() && f.GOARCH == runtime.GOARCH {
			return strconv.Itoa(f.Bytes)
		}
		return fmt.Sprintf("%d (%s, %s)", f.Bytes, f.GoVersion, f.GOARCH)
	}
	return "none"
}

// parseRange reads 1000..5000.
func parseRange(s string) (low, high int, err error) {
	from, to, found := strings.Cut(s, "..")
	low, err1 := strconv.Atoi(from)
	high, err2 := strconv.Atoi(to)
	if !found || err1 != nil || err2 != nil || low < 1 || high <= low || high > 1_000_000 {
		return 0, 0, badInput(fmt.Sprintf("--connections cannot be %q", s), "it is two numbers, the second larger, such as 1000..5000")
	}
	return low, high, nil
}

func parseProtocols(only []string) ([]memory.Protocol, error) {
	if len(only) == 0 {
		return memory.Protocols(), nil
	}
	var list []memory.Protocol
	for _, name := range only {
		found := false
		for _, protocol := range memory.Protocols() {
			if name == string(protocol) {
				list, found = append(list, protocol), true
			}
		}
		if !found {
			return nil, badInput(fmt.Sprintf("--protocol cannot be %q", name),
				suggest("%s", nearest(name, protocolNames()), "it is one of "+strings.Join(protocolNames(), ", ")))
		}
	}
	return list, nil
}

func protocolNames() []string {
	var names []string
	for _, p := range memory.Protocols() {
		names = append(names, string(p))
	}
	return names
}
