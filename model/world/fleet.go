package world

import (
	"fmt"
	"net"

	"protosim/model/balancer"
	"protosim/model/network"
	"protosim/model/random"
	"protosim/model/secure"
	"protosim/model/trace"
)

// sessionHost is the name that clients of the session workload dial.
const sessionHost = "www"

// fleet is what answers to one host name: a server, or a balancer with servers
// behind it.
type fleet struct {
	world    *world
	name     string
	machines []*machine // all that there may be
	spares   []*machine // of them, those of surges

	host     *network.Host      // the balancer's, nil without one
	balancer *balancer.Balancer // nil without one, and while it is down
	started  uint64             // balancers so far: each makes choices of its own
	logs     []string           // of balancers that have ended
	failed   int                // responses 502, 503 and 504 of balancers that have ended
	retries  int                // of balancers that have ended

	edges  []*edge // caches that clients reach instead
	shield *edge   // the cache behind those, nil without one
}

// newFleet makes the hosts behind a name and starts them.
func (w *world) newFleet(name string) (*fleet, error) {
	s := w.scenario
	f := &fleet{world: w, name: name}
	if s.Balancer.Kind == "none" {
		f.machines = []*machine{newMachine(f, w.distant(w.newHost(name, trace.Server)), !s.Cache.Caches())}
	} else {
		f.host = w.distant(w.newHost(name, trace.Balancer))
		for i := range s.MaxServers() + s.MaxSurge() {
			f.machines = append(f.machines, newMachine(f, w.newHost(fmt.Sprintf("%s-%d", name, i+1), trace.Server), false))
		}
		f.spares = f.machines[s.MaxServers():]
	}
	for _, m := range f.machines[:s.Servers.Count] {
		m.wanted, m.listed = true, true
		if err := m.start(); err != nil {
			return nil, err
		}
	}
	if f.host != nil {
		return f, f.startBalancer()
	}
	return f, nil
}

// startBalancer puts the balancer in front of the machines on its list: those of
// them that do not run are for its health checks to find.
func (f *fleet) startBalancer() error {
	if f.balancer != nil {
		return nil
	}
	w := f.world
	b := w.scenario.Balancer
	var backends []balancer.Backend
	for _, m := range f.machines {
		if m.listed {
			backends = append(backends, m.address())
		}
	}
	listener, err := w.listen(f.host, f.host.Name, !w.scenario.Cache.Caches())
	if err != nil {
		return err
	}
	config := balancer.Config{
		Kind:        balancer.Kind(b.Kind),
		Policy:      balancer.Policy(b.Policy),
		Affinity:    balancer.Affinity(b.Affinity),
		Upgrade:     b.Upgrade,
		Retries:     orNever(b.Retries),
		IdleTimeout: orNever(b.IdleTimeout.Std()),
		SlowStart:   b.SlowStart.Std(),
		Health: balancer.HealthConfig{
			Interval:    b.HealthInterval.Std(),
			Path:        healthPath,
			MaxFails:    orNever(b.MaxFails),
			FailTimeout: b.FailTimeout.Std(),
		},
		ConnectTimeout:   b.ConnectTimeout.Std(),
		KeepAlive:        orNever(b.KeepAlive),
		BackendKeepAlive: b.KeepAliveTimeout.Std(),
		MaxConnections:   b.MaxConnections,
		MaxHeaderBytes:   int(b.MaxHeaders),
	}
	f.balancer = balancer.New(w.clock, config, backends, f.host.Dial, random.New(w.seed, "balancer "+f.name, f.started))
	f.started++
	serving := f.balancer
	w.clock.Go(f.host.Key(1<<60), func() { serving.Serve(listener) })
	return nil
}

// orNever turns a scenario's 0, which switches something off, into a balancer's.
func orNever[T ~int | ~int64](n T) T {
	if n == 0 {
		return -1
	}
	return n
}

// distant puts a host as far away as servers are.
func (w *world) distant(h *network.Host) *network.Host {
	if rtt := w.scenario.Servers.RTT.Std(); rtt > 0 {
		h.Up.Set(network.LinkConfig{Delay: rtt / 2})
		h.Down.Set(network.LinkConfig{Delay: rtt - rtt/2})
	}
	return h
}

// listen opens the port of a host. A front, which clients reach, has TLS if the
// scenario has, and the scenario's port.
func (w *world) listen(h *network.Host, name string, front bool) (net.Listener, error) {
	if !front {
		return h.Listen(":80")
	}
	l, err := h.Listen(fmt.Sprintf(":%d", w.port()))
	if err != nil || w.authority == nil {
		return l, err
	}
	config, err := w.authority.ServerConfig(name)
	if err != nil {
		return nil, err
	}
	config.KeyLogWriter = w.capture.Keys
	return secure.Listener{Listener: l, Clock: w.clock, Config: config}, nil
}

// wanted returns the machines that are meant to run.
func (f *fleet) wanted() []*machine {
	var list []*machine
	for _, m := range f.machines {
		if m.wanted {
			list = append(list, m)
		}
	}
	return list
}

// machine returns the machine of that name, or nil.
func (f *fleet) machine(name string) *machine {
	for _, m := range f.machines {
		if m.host.Name == name {
			return m
		}
	}
	return nil
}

// usesStore reports whether sessions are kept in a shared store.
func (w *world) usesStore() bool {
	return w.scenario.Workload == "session" && w.state() == "store"
}

// state is where the strategy keeps session state.
func (w *world) state() string { return w.scenario.StateUnder(w.strategy) }

// stopBalancer ends the balancer and keeps what it has counted.
func (f *fleet) stopBalancer() {
	if f.balancer == nil {
		return
	}
	f.balancer.Close()
	stats := f.balancer.Stats()
	f.failed += stats.BadGateway + stats.Unavailable + stats.GatewayTimeout
	f.retries += stats.Retries
	f.logs = append(f.logs, f.balancer.Errors()...)
	f.balancer = nil
}

// close ends balancer and servers.
func (f *fleet) close() {
	f.stopBalancer()
	for _, m := range f.machines {
		if p := m.process; p != nil {
			m.process = nil
			m.stop(p)
		}
	}
}

// logged returns what balancers and servers have logged.
func (f *fleet) logged() []string {
	all := f.logs
	for _, m := range f.machines {
		all = append(all, m.logged...)
	}
	return all
}
