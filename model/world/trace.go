package world

import (
	"context"
	"fmt"

	"protosim/model/network"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/scenarios"
)

// newHost adds a host to the network and to the trace.
func (w *world) newHost(name string, role trace.Role) *network.Host {
	h := w.net.NewHost(name)
	if w.capture.Tap != nil {
		h.Tap = w.capture.Tap(h)
	}
	w.tell(trace.Event{Kind: trace.Host, Host: uint32(h.ID()), Text: name, Code: int(role)})
	return h
}

// tell tells the trace, if there is one, what happens now.
func (w *world) tell(e trace.Event) {
	if w.trace != nil {
		w.trace(e)
	}
}

// traceOf is the trace as a client writes into it: its machine and number are
// filled in. It is nil without a trace.
func (w *world) traceOf(h *network.Host, client uint32) trace.Sink {
	if w.trace == nil {
		return nil
	}
	return func(e trace.Event) {
		e.Host, e.Client = uint32(h.ID()), client
		w.trace(e)
	}
}

// traceHost returns the identity of the host of that name, 0 if there is none.
func (w *world) traceHost(name string) uint32 {
	if h := w.net.Host(name); h != nil {
		return uint32(h.ID())
	}
	return 0
}

// tellState tells the trace how a host is from now on, and why.
func (w *world) tellState(h *network.Host, why string) {
	if w.trace != nil {
		w.trace(trace.Event{Kind: trace.State, Host: uint32(h.ID()), Code: int(w.condition(h)), Text: why})
	}
}

// condition is how a host is: the worst of what holds.
func (w *world) condition(h *network.Host) trace.Condition {
	up := func(up bool) trace.Condition {
		if up {
			return trace.Up
		}
		return trace.Down
	}
	if h.Vanished() {
		return trace.Vanished
	}
	if w.store != nil && h == w.store.host {
		if w.store.up && w.store.server.Slowed() {
			return trace.Slow
		}
		return up(w.store.up)
	}
	for _, f := range w.fleets {
		if h == f.host {
			return up(f.balancer != nil)
		}
		for _, m := range f.machines {
			if h == m.host {
				return m.condition()
			}
		}
	}
	return trace.Up
}

func (m *machine) condition() trace.Condition {
	slow, failing := m.trouble.State()
	switch {
	case m.process == nil:
		return trace.Down
	case m.draining:
		return trace.Draining
	case failing:
		return trace.Failing
	case slow:
		return trace.Slow
	}
	return trace.Up
}

// tellStates tells the trace how all servers and middleboxes begin.
func (w *world) tellStates() {
	if w.store != nil {
		w.tellState(w.store.host, "")
	}
	for _, v := range w.walls {
		w.tellState(v.host, "")
	}
	for _, f := range w.fleets {
		if f.host != nil {
			w.tellState(f.host, "")
		}
		if f.shield != nil {
			w.tellState(f.shield.host, "")
		}
		for _, e := range f.edges {
			w.tellState(e.host, "")
		}
		for _, m := range f.machines {
			w.tellState(m.host, "")
		}
	}
}

// traced lets a fault take place and tells the trace when it begins and ends.
func (w *world) traced(ctx context.Context, f scenarios.Fault, happen func()) {
	e := trace.Event{Kind: trace.Fault, Code: 1, Text: faultText(f)}
	switch {
	case f.Kind == "purge": // of several
	case f.Target == "balancer":
		if h := w.fleets[0].host; h != nil {
			e.Host = uint32(h.ID())
		}
	default:
		e.Host = w.traceHost(f.Target)
	}
	w.tell(e)
	happen()
	if ctx.Err() == nil && (f.For > 0 || f.Kind == "deploy" || f.Kind == "scale" || f.Kind == "purge") {
		e.Code = 0
		w.tell(e)
	}
}

// faultText says in a few words what a fault is.
func faultText(f scenarios.Fault) string {
	switch f.Kind {
	case "purge":
		return "purge of all caches"
	case "scale":
		return fmt.Sprintf("scale to %d", f.To)
	case "partition":
		if f.OneWay {
			return fmt.Sprintf("partition from %s to %s", f.Target, f.Peer)
		}
		return fmt.Sprintf("partition between %s and %s", f.Target, f.Peer)
	}
	return f.Kind + " of " + f.Target
}

// serving and served tell the trace that the machine works on a request.
func (c counted) serving(r transport.Request) {
	c.machine.fleet.world.tell(trace.Event{
		Kind: trace.Serving, Host: uint32(c.machine.host.ID()), Client: r.ID.Client, Serial: r.ID.Serial,
	})
}

func (c counted) served(r transport.Request, status int) {
	c.machine.fleet.world.tell(trace.Event{
		Kind: trace.Served, Host: uint32(c.machine.host.ID()), Client: r.ID.Client, Serial: r.ID.Serial, Code: status,
	})
}
