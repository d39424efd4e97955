package world

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"protosim/model/firewall"
	"protosim/model/network"
	"protosim/model/random"
	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/scenarios"
)

// wall is a firewall with the clients behind it.
type wall struct {
	host      *network.Host
	gateway   *firewall.Gateway
	authority *firewall.Authority // whose certificates those clients trust; nil if it has none
}

// addWalls puts up the scenario's firewalls and says who is behind which.
func (w *world) addWalls() error {
	s := w.scenario
	if len(s.Firewalls) == 0 {
		return nil
	}
	w.behind = s.Behind(random.New(w.seed, "firewalls").Shuffle)
	var targets []string
	for _, f := range w.fleets {
		names := []string{f.name}
		if len(f.edges) > 0 {
			names = nil
		}
		for _, e := range f.edges {
			names = append(names, e.host.Name)
		}
		for _, name := range names {
			targets = append(targets, net.JoinHostPort(name, strconv.Itoa(w.port())))
		}
	}
	for i, f := range s.Firewalls {
		wall, err := w.newWall(fmt.Sprintf("firewall-%d", i+1), f, targets)
		if err != nil {
			return err
		}
		w.walls = append(w.walls, wall)
	}
	return nil
}

func (w *world) newWall(name string, f scenarios.Firewall, targets []string) (*wall, error) {
	v := &wall{host: w.newHost(name, trace.Firewall)}
	config := firewall.Config{
		Kind:          firewall.Kind(f.Kind),
		Ports:         []int{80},
		Blocked:       f.Blocked,
		Allowed:       f.Allowed,
		ConnectPorts:  f.Connect,
		Silent:        f.Silent,
		Upgrade:       firewall.UpgradePolicy(f.Upgrade),
		RefuseUnknown: f.Unknown,
		Buffer:        f.Buffer,
		IdleTimeout:   f.IdleTimeout.Std(),
		MaxBytes:      int64(f.MaxBytes),
		MaxDuration:   f.MaxDuration.Std(),
		Watch: func(client net.Addr, what string) {
			w.tell(trace.Event{Kind: trace.FirewallVerdict, Host: uint32(v.host.ID()), Client: w.clientAt(client), Text: what})
		},
	}
	if config.Kind == firewall.Intercept {
		var err error
		if v.authority, err = firewall.NewAuthority(name); err != nil {
			return nil, err
		}
		config.Ports, config.Authority = []int{80, 443}, v.authority
		config.Keys = w.capture.Keys
		if w.authority != nil {
			config.Roots = w.authority.ClientConfig(false).RootCAs
		}
	}
	var err error
	v.gateway, err = firewall.NewGateway(w.net, v.host, config, targets...)
	return v, err
}

// port is where clients reach what faces them.
func (w *world) port() int {
	switch {
	case w.scenario.Servers.Port != 0:
		return w.scenario.Servers.Port
	case w.authority != nil:
		return 443
	}
	return 80
}

// wallOf returns the firewall that a client is behind, or nil.
func (w *world) wallOf(client uint32) *wall {
	if len(w.behind) == 0 || w.behind[client] < 0 {
		return nil
	}
	return w.walls[w.behind[client]]
}

// route returns how a client dials where something stands between it and the
// servers, and nil otherwise.
func (w *world) route(wall *wall, client uint32, v *visitor) func(ctx context.Context, network, address string) (net.Conn, error) {
	dial := firewall.Dial(v.host.Dial)
	if wall != nil {
		dial = wall.gateway.Dial(v.host, &v.asked)
	}
	if !w.scenario.Cache.Caches() && wall == nil {
		return nil
	}
	return func(ctx context.Context, netw, address string) (net.Conn, error) {
		name, port, err := net.SplitHostPort(address)
		if err == nil {
			address = net.JoinHostPort(w.edgeOf(client, name), port)
		}
		return dial(ctx, netw, address)
	}
}

// clientTLS is how a client does TLS under a strategy. One whose connections
// are intercepted trusts who does it.
func (w *world) clientTLS(v *wall, strategy scenarios.Strategy) *tls.Config {
	resume := w.scenario.TLS.Resumption
	c := w.authority.ClientConfig(resume == nil || *resume, transport.Protocols(strategy)...)
	if v != nil && v.authority != nil {
		c.RootCAs = c.RootCAs.Clone()
		v.authority.TrustedBy(c.RootCAs)
	}
	return c
}

// clientAt returns the number of the client at an address.
func (w *world) clientAt(a net.Addr) uint32 {
	if tcp, ok := a.(*net.TCPAddr); ok {
		if addr, ok := netip.AddrFromSlice(tcp.IP); ok {
			return w.clientAddrs[addr.Unmap()]
		}
	}
	return 0
}

// closeWalls ends the firewalls and what passes through them.
func (w *world) closeWalls() {
	for _, v := range w.walls {
		v.gateway.Firewall.Close()
	}
}

// connectMetrics tells who got connected, and how.
func (w *world) connectMetrics(m result.Metrics) {
	c := &w.recorder.Connect
	if c.Clients == 0 {
		return
	}
	m["connect.attempts"] = float64(c.Attempts)
	if c.Connected > 0 || w.feed.Sent() > 0 { // or nobody can tell who would have got through
		m["connect.success_ratio"] = float64(c.Connected) / float64(c.Clients)
	}
	m["fallbacks.total"] = float64(c.Fallbacks)
	m.SetLatency("push.first_event_ms", &c.First, .5, .99)
}
