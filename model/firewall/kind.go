package firewall

import "slices"

// Kind is what a firewall does with connections.
type Kind string

const (
	Pass          Kind = "pass"           // carries them as they are
	Block         Kind = "block"          // refuses them by port
	NoUpgrade     Kind = "no-upgrade"     // transparent HTTP/1.1 proxy that knows no Upgrade
	ForbidUpgrade Kind = "forbid-upgrade" // answers an Upgrade with 403
	KillUpgrade   Kind = "kill-upgrade"   // cuts off what speaks after an Upgrade
	Intercept     Kind = "intercept"      // ends TLS and speaks HTTP/1.1 inside
	Explicit      Kind = "explicit"       // the proxy that clients are told to use
)

// Kinds are all there are.
var Kinds = []Kind{Pass, Block, NoUpgrade, ForbidUpgrade, KillUpgrade, Intercept, Explicit}

// run does with one connection what the firewall's kind does.
func (p *passage) run() {
	cfg := &p.f.cfg
	switch {
	case cfg.Kind == Explicit:
		p.explicit()
	case cfg.blocks(portOf(p.target)):
		p.stop(ByPort)
	case cfg.Kind == Pass, cfg.Kind == Block, !slices.Contains(cfg.Ports, portOf(p.target)):
		p.pass()
	default:
		p.inspect()
	}
}
