package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"protosim/model/export"
	"protosim/model/network"
	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
)

// exportFlags are the flags of protosim export.
type exportFlags struct {
	runFlags
	as    []string
	hosts []string
	force bool
}

// exportFormats are the formats of protosim export and what opens them.
var exportFormats = [...]struct{ name, about string }{
	{"pcapng", "packets as a host sees them, with host names and TLS secrets, for Wireshark and tshark"},
	{"har", "a client's page loads, for a browser's developer tools"},
	{"trace", "a timeline of hosts, connections, requests and faults, for ui.perfetto.dev"},
	{"ndjson", "every event, a line of JSON each, for jq and the like"},
	{"csv", "every series over time, for a spreadsheet"},
}

func formatNames() []string {
	var names []string
	for _, f := range exportFormats {
		names = append(names, f.name)
	}
	return names
}

func (p *process) exportCommand() *cobra.Command {
	f := &exportFlags{}
	var about strings.Builder
	for _, format := range exportFormats {
		fmt.Fprintf(&about, "  %-8s %s\n", format.name, format.about)
	}
	c := &cobra.Command{
		Use:   "export SCENARIO|FILE --as FORMATS",
		Short: "Simulate a scenario and write what happened for other tools",
		Long: `Simulates a scenario, given by its name or by the path of its YAML file, and
writes what happened as files that other tools open, called
SCENARIO.STRATEGY.FORMAT, or SCENARIO.STRATEGY.HOST.FORMAT where it is one host's:

` + about.String() + `
The run is the same as with protosim run. A capture sees what a capture on that
host would: retransmissions and reordering too, where packets are lost; set
Wireshark's preference tcp.reassemble_out_of_order to read on through them. A file
appears as a whole or not at all, and replaces another only with --force.

` + exitHelp("done", ""),
		Example: `  protosim export page-load --as pcapng,har --strategy http2 --out captures
  protosim export page-load-tls --as pcapng --host www --set clients.count=3
  protosim export shared-sessions --as pcapng --host store,www --strategy http1
  tshark -r captures/page-load.http2.client-1.pcapng -Y http2
  protosim export rolling-deploy --as trace,ndjson --out timeline`,
		Args:              wants(1, 1, "the name or file of a scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("seed") && f.seed == 0 {
				return badInput("--seed cannot be 0", "seeds count from 1; leave it out for the scenario's own")
			}
			return p.export(f, args[0])
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.as, "as", nil, "write these `formats`: "+strings.Join(formatNames(), ", "))
	flags.StringSliceVar(&f.hosts, "host", []string{clientName(0)}, "capture packets at these `hosts`; the page loads are those of the clients among them")
	flags.StringSliceVar(&f.strategies, "strategy", nil, "simulate only these `strategies` (default: the scenario's)")
	flags.Uint64Var(&f.seed, "seed", 0, "derive all randomness from this `number` (default: the scenario's seed)")
	flags.StringArrayVar(&f.set, "set", nil, "change a field of the scenario by `path=value`, as in network.rtt=80ms; may be repeated")
	flags.StringVar(&f.out, "out", ".", "write the files to this `folder`")
	flags.BoolVar(&f.force, "force", false, "overwrite files")
	flags.IntVar(&f.parallel, "parallel", 0, "simulate `N` strategies side by side (default: one per core)")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print no progress and no names of files, only what went wrong")
	f.seeds = 1
	complete(c, "as", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	complete(c, "strategy", completeStrategies)
	complete(c, "set", completeSet)
	return c
}

// clientName is the name of a client's host.
func clientName(number int) string { return fmt.Sprintf("client-%d", number+1) }

// check finds flags that make no sense.
func (f *exportFlags) check(s *scenarios.Scenario) error {
	if len(f.as) == 0 {
		return badInput("protosim export needs a format", "name some with --as: "+strings.Join(formatNames(), ", "))
	}
	for _, name := range f.as {
		if !slices.Contains(formatNames(), name) {
			return badInput(fmt.Sprintf("--as cannot be %q", name), suggest("%s", nearest(name, formatNames()), "it is some of "+strings.Join(formatNames(), ", ")))
		}
	}
	if f.parallel < 0 {
		return badInput(fmt.Sprintf("--parallel cannot be %d", f.parallel), "it is how many strategies to simulate side by side; leave it out for one per core")
	}
	if !slices.Contains(f.as, "har") {
		return nil
	}
	if s.Workload != "page" {
		return badInput(fmt.Sprintf("--as cannot be har: %s loads no pages, its workload is %s", s.Name, s.Workload), "pcapng, trace and ndjson suit every workload")
	}
	if len(f.clients(s)) == 0 {
		return badInput("--as har is of page loads, and none of the hosts is a client", "name one with --host, as in --host "+clientName(0))
	}
	return nil
}

// clients are the numbers of the clients among the hosts.
func (f *exportFlags) clients(s *scenarios.Scenario) []int {
	var numbers []int
	for i := range s.Clients.Count {
		if slices.Contains(f.hosts, clientName(i)) {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// export simulates the scenario and writes the files.
func (p *process) export(f *exportFlags, name string) error {
	s, err := p.loadOne(name, f.set)
	if err != nil {
		return err
	}
	if err := f.suit(s); err != nil {
		return err
	}
	if err := f.check(s); err != nil {
		return err
	}
	if _, err := openFolder("--out", f.out); err != nil {
		return err
	}
	ctx, stop := p.interruptible()
	defer stop()
	e := &exporter{flags: f, scenario: s}
	defer e.abandon()
	strategies := f.chosen()
	if strategies == nil {
		strategies = s.Strategies
	}
	if err := e.findHosts(ctx, strategies); err != nil {
		return err
	}
	for _, strategy := range strategies {
		if err := e.open(strategy); err != nil {
			return err
		}
	}
	opt := f.options(s)
	opt.Trace, opt.Capture = e.trace, e.capture
	r, err := p.shown(ctx, s, &f.runFlags, opt, name)
	switch {
	case ctx.Err() != nil:
		return &exit{exitInterrupted, "interrupted: no file was written"}
	case err != nil:
		return err
	}
	if slices.Contains(f.as, "csv") {
		if err := e.series(r); err != nil {
			return err
		}
	}
	paths, err := e.finish()
	if err != nil {
		return err
	}
	if !f.quiet {
		for _, path := range paths {
			fmt.Fprintln(p.stdout, path)
		}
	}
	return nil
}

// exporter writes the files of one command.
type exporter struct {
	flags    *exportFlags
	scenario *scenarios.Scenario
	runs     []*exportRun // one for each strategy
	files    []*pending
	hosts    map[scenarios.Strategy][]string // those to capture at that there are
}

// exportRun is what listens to one strategy's run.
type exportRun struct {
	strategy scenarios.Strategy
	sinks    []trace.Sink
	packets  map[string]*export.Packets // by host
	pages    []*export.Pages
	closers  []func() error // of the writers, before their files
}

// open opens the files of one strategy's run.
func (e *exporter) open(strategy scenarios.Strategy) error {
	r := &exportRun{strategy: strategy, packets: map[string]*export.Packets{}}
	e.runs = append(e.runs, r)
	for _, format := range slices.Compact(slices.Sorted(slices.Values(e.flags.as))) {
		switch format {
		case "pcapng":
			for _, host := range e.hosts[strategy] {
				w, err := e.file(string(strategy), host, "pcapng")
				if err != nil {
					return err
				}
				c, err := export.NewPackets(w, host)
				if err != nil {
					return err
				}
				r.packets[host] = c
				r.closers = append(r.closers, c.Close)
			}
		case "har":
			for _, number := range e.flags.clients(e.scenario) {
				w, err := e.file(string(strategy), clientName(number), "har")
				if err != nil {
					return err
				}
				pages := export.NewPages(e.scenario, strategy, uint32(number), version())
				r.pages = append(r.pages, pages)
				r.closers = append(r.closers, func() error { return pages.Write(w) })
			}
		case "trace":
			w, err := e.file(string(strategy), "trace.json")
			if err != nil {
				return err
			}
			t := export.NewTimeline(w)
			r.sinks, r.closers = append(r.sinks, t.Event), append(r.closers, t.Close)
		case "ndjson":
			w, err := e.file(string(strategy), "ndjson")
			if err != nil {
				return err
			}
			lines := export.NewEvents(w)
			r.sinks, r.closers = append(r.sinks, lines.Event), append(r.closers, lines.Close)
		}
	}
	return nil
}

// file opens a file, which will be there once finish has been called.
func (e *exporter) file(parts ...string) (io.Writer, error) {
	path := filepath.Join(e.flags.out, strings.Join(append([]string{e.scenario.Name}, parts...), "."))
	w, err := newPending(path, e.flags.force)
	if err != nil {
		return nil, err
	}
	e.files = append(e.files, w)
	return w, nil
}

func (e *exporter) run(strategy scenarios.Strategy) *exportRun {
	return e.runs[slices.IndexFunc(e.runs, func(r *exportRun) bool { return r.strategy == strategy })]
}

// trace is world.Options.Trace.
func (e *exporter) trace(strategy scenarios.Strategy, _ uint64) trace.Sink {
	sinks := e.run(strategy).sinks
	if len(sinks) == 0 {
		return nil
	}
	return func(event trace.Event) {
		for _, sink := range sinks {
			sink(event)
		}
	}
}

// capture is world.Options.Capture.
func (e *exporter) capture(strategy scenarios.Strategy, _ uint64) world.Capture {
	r := e.run(strategy)
	c := world.Capture{
		Tap: func(h *network.Host) network.Tap {
			if packets := r.packets[h.Name]; packets != nil {
				return packets.Tap
			}
			return nil
		},
	}
	if len(r.packets) > 0 {
		var keys []io.Writer
		for _, host := range e.hosts[strategy] {
			keys = append(keys, r.packets[host])
		}
		c.Keys = io.MultiWriter(keys...)
	}
	if len(r.pages) > 0 {
		c.Exchange = export.Exchanges(r.pages)
	}
	return c
}

// findHosts finds the hosts to capture at among those that each strategy's run
// has: not all have a session store. A name that none of them has is an error.
func (e *exporter) findHosts(ctx context.Context, strategies []scenarios.Strategy) error {
	e.hosts = map[scenarios.Strategy][]string{}
	found := map[string]bool{}
	var all []string
	for _, strategy := range strategies {
		names, err := world.Hosts(ctx, e.scenario, strategy)
		if err != nil {
			return err
		}
		all = append(all, names...)
		for _, host := range slices.Compact(slices.Sorted(slices.Values(e.flags.hosts))) {
			if slices.Contains(names, host) {
				e.hosts[strategy] = append(e.hosts[strategy], host)
				found[host] = true
			}
		}
	}
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	for _, host := range e.flags.hosts {
		if !found[host] {
			return badInput(fmt.Sprintf("--host cannot be %q: %s has no such host", host, e.scenario.Name),
				suggest("%s", nearest(host, all), "there are "+someOf(all)))
		}
	}
	return nil
}

// someOf lists names, but not thousands of clients.
func someOf(names []string) string {
	others := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.HasPrefix(n, "client-") })
	return strings.Join(append(others, "client-1 and the other clients"), ", ")
}

// series writes the series of all runs.
func (e *exporter) series(r *result.Result) error {
	w, err := e.file("series.csv")
	if err != nil {
		return err
	}
	return result.WriteSeriesCSV(w, r)
}

// finish lets all files appear, or none if one of them could not be written.
func (e *exporter) finish() ([]string, error) {
	for _, r := range e.runs {
		for _, end := range r.closers {
			if err := end(); err != nil {
				return nil, badInput(fmt.Sprintf("cannot write to %s: %v", e.flags.out, cause(err)), "nothing was written")
			}
		}
	}
	return commit(e.files)
}

// abandon removes what has not been finished.
func (e *exporter) abandon() {
	for _, f := range e.files {
		f.abandon()
	}
}
