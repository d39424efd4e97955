package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"protosim/model/balancer"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// mountBalancerFlags are the flags of protosim mount balancer.
type mountBalancerFlags struct {
	listen    string
	tls       mountTLS
	upstreams []string
	config    balancer.Config
	kind      string
	policy    string
	hashBy    string
	affinity  string
	retries   int
	maxHeader scenarios.Size
	idle      scenarios.Duration
	connect   scenarios.Duration
	interval  scenarios.Duration
	slow      scenarios.Duration
}

func (p *process) mountBalancerCommand() *cobra.Command {
	f := &mountBalancerFlags{maxHeader: 32 << 10, connect: scenarios.Duration(time.Minute)}
	var policies []string
	for _, policy := range balancer.Policies {
		policies = append(policies, string(policy))
	}
	c := &cobra.Command{
		Use:   "balancer --upstream URL [--upstream URL ...]",
		Short: "Run a load balancer before some servers",
		Long: `Runs the simulator's load balancer before real servers: HTTP/1.1 and HTTP/2 in front,
without TLS (prior knowledge) or with --tls, HTTP/1.1 behind; or with --kind l4
whatever the connections carry. After Ctrl-C it says what each server got.`,
		Example: `  protosim mount balancer --upstream http://127.0.0.1:8081 --upstream http://127.0.0.1:8082
  protosim mount balancer --listen 127.0.0.1:8080 --upstream http://127.0.0.1:8081 --affinity cookie --upgrade
  protosim mount balancer --listen 127.0.0.1:8443 --tls --upstream http://127.0.0.1:8081   # curl -k --http2`,
		Args: wants(0, 0, "no argument: servers are given by --upstream"),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, backends, err := f.resolve(c.Flags().Changed)
			if err != nil {
				return err
			}
			seed := uint64(time.Now().UnixNano())
			b := balancer.New(vtime.NewReal(), cfg, backends, new(net.Dialer).DialContext, rand.New(rand.NewPCG(seed, seed)))
			what := fmt.Sprintf("balancer (%s, %s)", f.kind, f.policy)
			if err := p.mountWith(f.tls, f.listen, what, b); err != nil {
				return err
			}
			p.printBalancer(b.Stats())
			return nil
		},
	}
	flags := c.Flags()
	listenFlag(flags, &f.listen)
	f.tls.flags(flags)
	flags.StringArrayVar(&f.upstreams, "upstream", nil, "send requests to the server at this `URL`; may be repeated")
	flags.StringVar(&f.kind, "kind", "l7", "l7 balances requests, l4 connections")
	flags.StringVar(&f.policy, "policy", string(balancer.RoundRobin), "choose by one of "+strings.Join(policies, ", "))
	flags.StringVar(&f.hashBy, "hash-by", string(balancer.HashSource), "consistent-hash looks at the source or the path")
	flags.StringVar(&f.affinity, "affinity", string(balancer.NoAffinity), "keep a client at its server by a cookie, by its source, or none")
	flags.StringVar(&f.config.Cookie, "cookie", "route", "`name` of the affinity cookie")
	flags.BoolVar(&f.config.Upgrade, "upgrade", false, "forward the Upgrade header, without which there is no WebSocket")
	flags.IntVar(&f.retries, "retries", 0, "try at most `n` other servers when one fails (default all others)")
	flags.Var(quantity{&f.idle, aDuration}, "idle-timeout", "close what is silent for this `time`; 0 for never (default 1m, l4 10m)")
	flags.Var(quantity{&f.connect, aDuration}, "connect-timeout", "give up on a server that does not accept within this `time`")
	flags.IntVar(&f.config.MaxConnections, "max-connections", 0, "serve at most `n` connections at a time; 0 is no limit")
	flags.Var(quantity{&f.maxHeader, aSize}, "max-header", "`size` of headers beyond which a request is refused")
	flags.Var(quantity{&f.interval, aDuration}, "health-interval", "check servers at this `interval`; 0 for never")
	flags.StringVar(&f.config.Health.Path, "health-path", "/", "`path` that checks get")
	flags.Var(quantity{&f.slow, aDuration}, "slow-start", "`time` in which the share of a server that comes back grows")
	for flag, values := range map[string][]string{
		"kind":     {"l7", "l4"},
		"policy":   policies,
		"hash-by":  {"source", "path"},
		"affinity": {"none", "cookie", "source"},
	} {
		complete(c, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

// resolve turns flags into what a balancer is made of.
func (f *mountBalancerFlags) resolve(changed func(string) bool) (balancer.Config, []balancer.Backend, error) {
	cfg := f.config
	cfg.Kind = balancer.Kind(f.kind)
	cfg.Policy = balancer.Policy(f.policy)
	cfg.HashBy = balancer.HashBy(f.hashBy)
	cfg.Affinity = balancer.Affinity(f.affinity)
	cfg.MaxHeaderBytes = int(f.maxHeader)
	cfg.ConnectTimeout = time.Duration(f.connect)
	cfg.Health.Interval = time.Duration(f.interval)
	cfg.SlowStart = time.Duration(f.slow)
	cfg.Retries, cfg.IdleTimeout = f.retries, time.Duration(f.idle)
	if changed("retries") && f.retries <= 0 {
		cfg.Retries = -1
	}
	if changed("idle-timeout") && f.idle <= 0 {
		cfg.IdleTimeout = -1
	}
	if cfg.Kind == balancer.L4 && !changed("health-path") {
		cfg.Health.Path = "" // l4 need not be HTTP
	}
	if cfg.Kind == balancer.L4 && f.tls.enabled {
		return cfg, nil, badInput("a balancer of kind l4 does not look into connections, TLS included", "remove --tls and let the servers speak it, or use --kind l7")
	}
	if err := cfg.Validate(); err != nil {
		return cfg, nil, badInput(strings.TrimPrefix(err.Error(), "balancer: "), "protosim mount balancer --help describes the flags")
	}
	if len(f.upstreams) == 0 {
		return cfg, nil, badInput("there is no server to balance", "give at least one --upstream, such as --upstream http://127.0.0.1:8081")
	}
	var backends []balancer.Backend
	for _, text := range f.upstreams {
		backend, err := parseUpstream("balancer", text)
		if err != nil {
			return cfg, nil, err
		}
		if slices.ContainsFunc(backends, func(b balancer.Backend) bool { return b.Name == backend.Name }) {
			return cfg, nil, badInput(fmt.Sprintf("--upstream %s is there twice", text), "each server is given once")
		}
		backends = append(backends, backend)
	}
	return cfg, backends, nil
}

// parseUpstream reads http://host:port or host:port, of a server behind what is
// mounted.
func parseUpstream(mounted, text string) (balancer.Backend, error) {
	bad := func(reason string) (balancer.Backend, error) {
		return balancer.Backend{}, badInput(fmt.Sprintf("--upstream cannot be %q: %s", text, reason), "it wants a URL such as http://127.0.0.1:8081")
	}
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
	}
	u, err := url.Parse(full)
	switch {
	case err != nil:
		return bad("it is no URL")
	case u.Scheme == "https":
		return bad("the " + mounted + " speaks plain HTTP with its servers")
	case u.Scheme != "http":
		return bad("the scheme " + u.Scheme + " is unknown")
	case u.Hostname() == "":
		return bad("it names no host")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return bad("requests keep their own path")
	}
	address := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80"))
	return balancer.Backend{Name: address, Address: address}, nil
}

// printBalancer says what each server got.
func (p *process) printBalancer(s balancer.Stats) {
	t := newTable()
	t.AppendHeader(table.Row{"server", "requests", "failures", "retries", "connections"})
	for _, b := range s.Backends {
		t.AppendRow(table.Row{b.Name, b.Requests, b.Failures, b.Retries, b.Opened})
	}
	fmt.Fprintln(p.stdout, t.Render())
}
