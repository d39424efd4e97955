package world

import (
	"errors"
	"fmt"
	"net"

	"protosim/model/network"
	"protosim/model/secure"
)

// sessionHost is the name that clients of the session workload dial.
const sessionHost = "www"

// fleet is what answers to one host name: a server, or a balancer with servers
// behind it.
type fleet struct {
	world    *world
	name     string
	machines []*machine // all that there may be; the first `size` are meant to run
	size     int

	host     *network.Host // the balancer's, nil without one
	balancer frontend      // nil without one, and while it is down
}

// newFleet makes the hosts behind a name and starts them.
func (w *world) newFleet(name string) (*fleet, error) {
	s := w.scenario
	f := &fleet{world: w, name: name, size: s.Servers.Count}
	if s.Balancer.Kind == "none" {
		f.machines = []*machine{newMachine(f, w.net.NewHost(name), w.authority)}
	} else {
		f.host = w.net.NewHost(name)
		for i := range s.MaxServers() {
			f.machines = append(f.machines, newMachine(f, w.net.NewHost(fmt.Sprintf("%s-%d", name, i+1)), nil))
		}
	}
	for _, m := range f.machines[:f.size] {
		if err := m.start(); err != nil {
			return nil, err
		}
	}
	if f.host != nil {
		return f, f.startBalancer()
	}
	return f, nil
}

// startBalancer puts the balancer in front of the machines that run.
func (f *fleet) startBalancer() error {
	return errors.New("world: balancers are being built")
}

// orNever turns a scenario's 0, which switches something off, into a balancer's.
func orNever[T ~int | ~int64](n T) T {
	if n == 0 {
		return -1
	}
	return n
}

// listen opens the port of a host, with TLS if there is an authority.
func (w *world) listen(h *network.Host, authority *secure.Authority) (net.Listener, error) {
	if authority == nil {
		return h.Listen(":80")
	}
	l, err := h.Listen(":443")
	if err != nil {
		return nil, err
	}
	config, err := authority.ServerConfig(h.Name)
	if err != nil {
		return nil, err
	}
	return secure.Listener{Listener: l, Clock: w.clock, Config: config}, nil
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

// close ends balancer and servers.
func (f *fleet) close() {
	if f.balancer != nil {
		f.balancer.Close()
	}
	for _, m := range f.machines {
		m.stop()
	}
}

// errors returns what servers have logged.
func (f *fleet) errors() []string {
	var all []string
	for _, m := range f.machines {
		all = append(all, m.logged...)
	}
	return all
}
