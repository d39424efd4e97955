package firewall

import (
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"
)

// Config says how a firewall behaves. The zero value of each field means its
// default; where there is something to switch off, a negative value does.
type Config struct {
	Kind Kind // default Pass

	// Ports are those of the servers whose connections a proxy looks into;
	// others pass as they are. Default 80, and with Intercept 443 too. Pass,
	// Block and Explicit have no use for it.
	Ports []int

	// Blocked are ports of servers that are refused, and Allowed, where there
	// are any, the only ones that are not. Every kind heeds them; Block does
	// nothing else.
	Blocked, Allowed []int

	// Silent lets connections that are refused or cut off hear nothing of it,
	// instead of a reset: the client waits until it gives up by itself.
	Silent bool

	// Upgrade is what becomes of the Upgrade header in what Intercept and
	// Explicit read. Default Strip: proxies know it only when told. The kinds
	// NoUpgrade, ForbidUpgrade and KillUpgrade are named after theirs.
	Upgrade UpgradePolicy

	// RefuseUnknown refuses what a proxy cannot read on its ports, such as TLS
	// or HTTP/2 without it, which passes otherwise.
	RefuseUnknown bool

	// Buffer lets a proxy have a response whole before it passes any of it on,
	// as those do that look for viruses: a stream of events never begins. What
	// is larger than 8 MB is passed on in parts of that size. Pass and Block
	// read no responses.
	Buffer bool

	// ConnectPorts are the ports to which Explicit lets clients CONNECT.
	// Default 443 (Squid's SSL_ports, Apache's AllowCONNECT).
	ConnectPorts []int

	// Authority signs the certificates that Intercept shows. Needed by it.
	Authority *Authority
	// Keys is given the secrets of the clients' intercepted connections, in the
	// NSS key log format (tls.Config.KeyLogWriter). Nil for nobody.
	Keys io.Writer
	// Roots are the authorities that Intercept trusts. Default: the system's.
	Roots *x509.CertPool

	// IdleTimeout closes a connection on which nothing has moved for so long.
	// Default 15 min for proxies (Squid read_timeout), never for Pass and
	// Block; negative for never.
	IdleTimeout time.Duration
	// MaxBytes and MaxDuration cut a connection off, counted in both
	// directions together. Default no limit.
	MaxBytes    int64
	MaxDuration time.Duration

	// ConnectTimeout bounds the set-up of a connection to a server. Default
	// 60 s (Squid connect_timeout).
	ConnectTimeout time.Duration
	// MaxHeaderBytes bounds a message's headers. Default 64 KiB (Squid
	// request_header_max_size).
	MaxHeaderBytes int

	// Watch, when set, is told what the firewall does to a client beyond
	// carrying its bytes: a Reason, or that an Upgrade is stripped. It must not
	// wait.
	Watch func(client net.Addr, what string)

	// Target is the server (host:port) for which the connections were meant
	// that Serve accepts. Not used by Explicit.
	Target string
}

// UpgradePolicy is what a proxy does with a request for an Upgrade.
type UpgradePolicy string

const (
	Strip   UpgradePolicy = "strip"   // the header is dropped like any of its connection
	Forward UpgradePolicy = "forward" // let through
	Forbid  UpgradePolicy = "forbid"  // answered with 403
	Kill    UpgradePolicy = "kill"    // let through, and cut off at the first bytes after it
)

// UpgradePolicies are all there are.
var UpgradePolicies = []UpgradePolicy{Strip, Forward, Forbid, Kill}

// Validate reports the first thing that a firewall of this kind cannot do.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case !slices.Contains(Kinds, c.Kind):
		return fmt.Errorf("firewall: there is no kind %q; it is one of %v", c.Kind, Kinds)
	case !slices.Contains(UpgradePolicies, c.Upgrade):
		return fmt.Errorf("firewall: it cannot %q an upgrade; it is one of %v", c.Upgrade, UpgradePolicies)
	case c.Kind == Block && len(c.Blocked) == 0 && len(c.Allowed) == 0:
		return fmt.Errorf("firewall: block needs ports that are blocked, or allowed")
	case c.Buffer && (c.Kind == Pass || c.Kind == Block):
		return fmt.Errorf("firewall: %s reads no responses that it could buffer", c.Kind)
	case c.Kind == Intercept && c.Authority == nil:
		return fmt.Errorf("firewall: intercept needs an authority")
	}
	for _, list := range [][]int{c.Ports, c.Blocked, c.Allowed, c.ConnectPorts} {
		for _, port := range list {
			if port < 1 || port > 65535 {
				return fmt.Errorf("firewall: %d is no port; ports are 1 to 65535", port)
			}
		}
	}
	return nil
}

func (c Config) withDefaults() Config {
	preset(&c.Kind, Pass)
	switch c.Kind {
	case NoUpgrade:
		c.Upgrade = Strip
	case ForbidUpgrade:
		c.Upgrade = Forbid
	case KillUpgrade:
		c.Upgrade = Kill
	}
	preset(&c.Upgrade, Strip)
	if len(c.Ports) == 0 {
		c.Ports = []int{80}
		if c.Kind == Intercept {
			c.Ports = []int{80, 443}
		}
	}
	if len(c.ConnectPorts) == 0 {
		c.ConnectPorts = []int{443}
	}
	if c.Kind != Pass && c.Kind != Block {
		preset(&c.IdleTimeout, 15*time.Minute)
	}
	preset(&c.ConnectTimeout, time.Minute)
	preset(&c.MaxHeaderBytes, 64<<10)
	return c
}

// blocks reports whether connections to the port are refused.
func (c *Config) blocks(port int) bool {
	return slices.Contains(c.Blocked, port) || len(c.Allowed) > 0 && !slices.Contains(c.Allowed, port)
}

// portOf returns the port of an address, 0 if it has none.
func portOf(address string) int {
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return 0
	}
	return port
}

// preset gives a field its default where it has no value.
func preset[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
