package main

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"protosim/model/firewall"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// mountFirewallFlags are the flags of protosim mount firewall.
type mountFirewallFlags struct {
	listen      string
	upstream    string
	config      firewall.Config
	kind        string
	upgrade     string
	idle        scenarios.Duration
	maxBytes    scenarios.Size
	maxDuration scenarios.Duration
	ca          string
	upstreamCA  string
}

func (p *process) mountFirewallCommand() *cobra.Command {
	f := &mountFirewallFlags{}
	var kinds, policies []string
	for _, kind := range firewall.Kinds {
		kinds = append(kinds, string(kind))
	}
	for _, policy := range firewall.UpgradePolicies {
		policies = append(policies, string(policy))
	}
	c := &cobra.Command{
		Use:   "firewall --upstream URL --kind KIND",
		Short: "Run a firewall or proxy before a server",
		Long: `Runs one of the simulator's firewalls between real clients and a real server. The
kind explicit is a proxy that goes wherever clients ask it to, and has no
upstream. The kind intercept ends TLS with certificates of an authority that is
made for it, and written to the file of --ca for clients to trust. After Ctrl-C it
says what it has let through and what not.`,
		Example: `  protosim mount firewall --upstream http://127.0.0.1:8081 --kind no-upgrade
  protosim mount firewall --upstream https://example.org --kind intercept --ca ca.pem
  protosim mount firewall --kind explicit --listen 127.0.0.1:3128 --connect-ports 443,8443`,
		Args: wants(0, 0, "no argument: the server is given by --upstream"),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.resolve(c.Flags().Changed)
			if err != nil {
				return err
			}
			fw := firewall.New(vtime.NewReal(), cfg, new(net.Dialer).DialContext)
			if err := p.mount(f.listen, fmt.Sprintf("firewall (%s)", f.kind), fw); err != nil {
				return err
			}
			p.printFirewall(fw.Stats())
			return nil
		},
	}
	flags := c.Flags()
	listenFlag(flags, &f.listen)
	flags.StringVar(&f.upstream, "upstream", "", "the server at this `URL` is what clients mean")
	flags.StringVar(&f.kind, "kind", string(firewall.Pass), "one of "+strings.Join(kinds, ", "))
	flags.IntSliceVar(&f.config.Ports, "ports", nil, "`ports` of servers that a proxy looks into (default the upstream's)")
	flags.IntSliceVar(&f.config.Blocked, "blocked", nil, "`ports` of servers that are refused")
	flags.IntSliceVar(&f.config.Allowed, "allowed", nil, "`ports` of servers that are not refused, where others are")
	flags.IntSliceVar(&f.config.ConnectPorts, "connect-ports", nil, "`ports` that explicit lets clients CONNECT to (default 443)")
	flags.StringVar(&f.upgrade, "upgrade", string(firewall.Strip), "what intercept and explicit do with an Upgrade: one of "+strings.Join(policies, ", "))
	flags.BoolVar(&f.config.Silent, "silent", false, "say nothing to what is refused, instead of a reset")
	flags.BoolVar(&f.config.RefuseUnknown, "refuse-unknown", false, "refuse what is not HTTP/1.1, which passes otherwise")
	flags.BoolVar(&f.config.Buffer, "buffer", false, "have a response whole before any of it is passed on, so that streams never begin")
	flags.Var(quantity{&f.idle, aDuration}, "idle-timeout", "cut off what is silent for this `time`; 0 for never (default 15m, pass and block never)")
	flags.Var(quantity{&f.maxBytes, aSize}, "max-bytes", "cut a connection off after this `size`; 0 is no limit")
	flags.Var(quantity{&f.maxDuration, aDuration}, "max-duration", "cut a connection off after this `time`; 0 is no limit")
	flags.StringVar(&f.ca, "ca", "", "write the certificate of intercept's authority to this `file`")
	flags.StringVar(&f.upstreamCA, "upstream-ca", "", "intercept trusts the authorities in this `file`, not the system's")
	complete(c, "kind", cobra.FixedCompletions(kinds, cobra.ShellCompDirectiveNoFileComp))
	complete(c, "upgrade", cobra.FixedCompletions(policies, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// resolve turns flags into what a firewall is made of.
func (f *mountFirewallFlags) resolve(changed func(string) bool) (firewall.Config, error) {
	cfg := f.config
	cfg.Kind, cfg.Upgrade = firewall.Kind(f.kind), firewall.UpgradePolicy(f.upgrade)
	cfg.MaxBytes, cfg.MaxDuration, cfg.IdleTimeout = int64(f.maxBytes), time.Duration(f.maxDuration), time.Duration(f.idle)
	if changed("idle-timeout") && f.idle <= 0 {
		cfg.IdleTimeout = -1
	}
	checked := cfg
	checked.Authority = new(firewall.Authority) // is made below
	if err := checked.Validate(); err != nil {
		return cfg, badInput(strings.TrimPrefix(err.Error(), "firewall: "), "protosim mount firewall --help describes the flags")
	}
	if cfg.Kind == firewall.Explicit {
		if f.upstream != "" {
			return cfg, badInput("an explicit proxy has no --upstream", "its clients say where they want to go")
		}
		return cfg, nil
	}
	if f.upstream == "" {
		return cfg, badInput("there is no server behind the firewall", "give one with --upstream, such as --upstream http://127.0.0.1:8081")
	}
	target, err := parseTarget(f.upstream)
	if err != nil {
		return cfg, err
	}
	cfg.Target = target
	if len(cfg.Ports) == 0 {
		_, port, _ := net.SplitHostPort(target)
		n, _ := strconv.Atoi(port)
		cfg.Ports = []int{n}
	}
	if cfg.Kind == firewall.Intercept {
		return cfg, f.trust(&cfg)
	}
	return cfg, nil
}

// trust makes the authority that clients are to trust, and reads those that the
// firewall does.
func (f *mountFirewallFlags) trust(cfg *firewall.Config) error {
	if f.ca == "" {
		return badInput("intercept needs a place for its authority's certificate", "give a file with --ca, and let clients trust it (curl --cacert)")
	}
	if f.upstreamCA != "" {
		pem, err := os.ReadFile(f.upstreamCA)
		if err != nil {
			return badInput(fmt.Sprintf("--upstream-ca: %s cannot be read: %v", f.upstreamCA, cause(err)), "give a file of certificates in PEM")
		}
		cfg.Roots = x509.NewCertPool()
		if !cfg.Roots.AppendCertsFromPEM(pem) {
			return badInput("there is no certificate in "+f.upstreamCA, "it wants PEM")
		}
	}
	a, err := firewall.NewSecretAuthority("protosim firewall")
	if err != nil {
		return &exit{exitBug, err.Error()}
	}
	cfg.Authority = a
	return writeFile(f.ca, a.PEM())
}

// parseTarget reads a URL, or host:port, into host:port.
func parseTarget(text string) (string, error) {
	bad := func(reason string) (string, error) {
		return "", badInput(fmt.Sprintf("--upstream cannot be %q: %s", text, reason), "it wants a URL such as http://127.0.0.1:8081")
	}
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
	}
	u, err := url.Parse(full)
	ports := map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}
	switch {
	case err != nil:
		return bad("it is no URL")
	case ports[u.Scheme] == "":
		return bad("the scheme " + u.Scheme + " is unknown")
	case u.Hostname() == "":
		return bad("it names no host")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return bad("requests keep their own path")
	}
	port := cmp.Or(u.Port(), ports[u.Scheme])
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return bad(port + " is no port")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// printFirewall says what went through and what did not.
func (p *process) printFirewall(s firewall.Stats) {
	t := newTable()
	t.AppendHeader(table.Row{"", "count"})
	t.AppendRow(table.Row{"connections", s.Connections})
	t.AppendRow(table.Row{"that reached a server", s.Passed})
	t.AppendRow(table.Row{"requests", s.Requests})
	t.AppendRow(table.Row{"upgrades forwarded", s.UpgradesForwarded})
	t.AppendRow(table.Row{"upgrades stripped", s.UpgradesStripped})
	t.AppendRow(table.Row{"bytes from clients", s.FromClients})
	t.AppendRow(table.Row{"bytes to clients", s.ToClients})
	for _, reason := range firewall.Reasons {
		if n := s.Refused[reason]; n > 0 {
			t.AppendRow(table.Row{"refused: " + string(reason), n})
		}
	}
	fmt.Fprintln(p.stdout, t.Render())
}
