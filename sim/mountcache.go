package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"protosim/model/cache"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// mountCacheFlags are the flags of protosim mount cache.
type mountCacheFlags struct {
	listen   string
	upstream string
	config   cache.Config
	policy   string
	memory   scenarios.Size
	object   scenarios.Size
	idle     scenarios.Duration
	tls      mountTLS
}

func (p *process) mountCacheCommand() *cobra.Command {
	f := &mountCacheFlags{memory: 64_000_000, idle: scenarios.Duration(time.Minute)}
	var policies []string
	for _, policy := range cache.Policies {
		policies = append(policies, string(policy))
	}
	c := &cobra.Command{
		Use:   "cache --upstream URL",
		Short: "Run a shared cache before a server",
		Long: `Runs the simulator's HTTP cache (RFC 9111) before a real server: HTTP/1.1 and HTTP/2
in front, without TLS (prior knowledge) or with --tls, HTTP/1.1 behind. The header
Cache-Status of each response says what it did. After Ctrl-C it says what it has done
in all.`,
		Example: `  protosim mount cache --upstream http://127.0.0.1:8081
  protosim mount cache --listen 127.0.0.1:8080 --upstream http://127.0.0.1:8081 --memory 1GB --policy 2q --collapse
  protosim mount cache --listen 127.0.0.1:8443 --tls --upstream http://127.0.0.1:8081   # curl -k --http2`,
		Args: wants(0, 0, "no argument: the server is given by --upstream"),
		RunE: func(*cobra.Command, []string) error {
			cfg, address, err := f.resolve()
			if err != nil {
				return err
			}
			m := cache.New(vtime.NewReal(), cfg, address, new(net.Dialer).DialContext)
			if err := p.mountWith(f.tls, f.listen, fmt.Sprintf("cache (%s, %s)", f.memory, f.policy), m); err != nil {
				return err
			}
			p.printCache(m.Stats())
			return nil
		},
	}
	flags := c.Flags()
	listenFlag(flags, &f.listen)
	f.tls.flags(flags)
	flags.StringVar(&f.upstream, "upstream", "", "ask the server at this `URL` for what is not stored")
	flags.StringVar(&f.config.Name, "name", "protosim", "`name` in Cache-Status and Via; chained caches have different ones")
	flags.Var(quantity{&f.memory, aSize}, "memory", "`size` of all that is stored")
	flags.Var(quantity{&f.object, aSize}, "max-object", "`size` of a body beyond which it is not stored (default a quarter of --memory)")
	flags.StringVar(&f.policy, "policy", string(cache.LRU), "what goes first when memory is short, one of "+strings.Join(policies, ", "))
	flags.BoolVar(&f.config.Collapse, "collapse", false, "let requests wait for a response that is being fetched")
	flags.BoolVar(&f.config.IgnoreClient, "ignore-client", false, "disregard Cache-Control of requests, no-store apart, as most networks do")
	flags.Var(quantity{&f.idle, aDuration}, "idle-timeout", "give up who is silent for this `time`; 0 for never")
	complete(c, "policy", cobra.FixedCompletions(policies, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// resolve turns flags into what a cache is made of.
func (f *mountCacheFlags) resolve() (cache.Config, string, error) {
	cfg := f.config
	cfg.Memory, cfg.MaxObject, cfg.IdleTimeout = int64(f.memory), int64(f.object), time.Duration(f.idle)
	if cfg.IdleTimeout <= 0 {
		cfg.IdleTimeout = -1
	}
	if cfg.Policy = cache.Policy(f.policy); !slices.Contains(cache.Policies, cfg.Policy) {
		return cfg, "", badInput(fmt.Sprintf("there is no policy %q", f.policy), fmt.Sprintf("it is one of %v", cache.Policies))
	}
	if err := cfg.Validate(); err != nil {
		return cfg, "", badInput(strings.TrimPrefix(err.Error(), "cache: "), "protosim mount cache --help describes the flags")
	}
	if f.upstream == "" {
		return cfg, "", badInput("there is no server to ask", "give --upstream, such as --upstream http://127.0.0.1:8081")
	}
	backend, err := parseUpstream("cache", f.upstream)
	return cfg, backend.Address, err
}

// printCache says what a cache has done.
func (p *process) printCache(s cache.Stats) {
	t := newTable()
	t.AppendHeader(table.Row{"requests", "hits", "stale", "collapsed", "revalidated", "rescued", "misses", "bypassed", "upgrades", "refused", "upstream requests", "errors", "malformed", "timed out"})
	t.AppendRow(table.Row{s.Requests, s.Hits, s.Stale, s.Collapsed, s.Revalidated, s.Rescued, s.Misses, s.Bypassed, s.Upgrades, s.Refused, s.UpstreamRequests, s.UpstreamErrors, s.Malformed, s.TimedOut})
	fmt.Fprintln(p.stdout, t.Render())
}
