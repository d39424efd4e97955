package world

import (
	"context"
	"fmt"
	"time"

	"protosim/model/catalogue"
	"protosim/model/client"
	"protosim/model/network"
	"protosim/model/push"
	"protosim/model/secure"
	"protosim/model/session"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/scenarios"
)

// clientPrefix begins the names of clients' machines.
const clientPrefix = "client-"

// visitor is one client and its machine.
type visitor struct {
	host   *network.Host
	tally  secure.Tally
	client interface{ Run(context.Context) }
}

func (w *world) addVisitor(number uint32) {
	s := w.scenario
	v := &visitor{host: w.newHost(fmt.Sprintf("%s%d", clientPrefix, number+1), trace.Client)}
	rtt := time.Duration(s.Network.RTT)
	v.host.Up.Set(linkConfig(s.Network.Up, rtt/2, time.Duration(s.Network.Jitter)))
	v.host.Down.Set(linkConfig(s.Network.Down, rtt-rtt/2, time.Duration(s.Network.Jitter)))
	o := transport.Options{
		Clock:       w.clock,
		Host:        v.host,
		Client:      number,
		Connections: s.Clients.Connections,
		Headers:     int(s.Clients.RequestHeaders),
		Seed:        w.seed,
	}
	if w.authority != nil {
		resume := s.TLS.Resumption == nil || *s.TLS.Resumption
		o.TLS = &secure.Client{
			Clock:  w.clock,
			Config: w.authority.ClientConfig(transport.Protocol(w.carrier()), resume),
			Tally:  &v.tally,
		}
	}
	if s.Cache.Caches() {
		o.Dial = w.toEdge(number, v.host)
	}
	switch s.Workload {
	case "session":
		c := &session.Client{
			Clock:    w.clock,
			Number:   number,
			Config:   s.Clients,
			Session:  s.Session,
			Sockets:  w.strategy == scenarios.WebSocket,
			Recorder: w.recorder,
			Book:     w.book,
			Seed:     w.seed,
			Trace:    w.traceOf(v.host, number),
		}
		o.Disconnected = c.Disconnected
		c.Transport = transport.New(w.strategy, o)
		v.client = c
	case "push":
		v.client = &push.Client{
			Clock:     w.clock,
			Number:    number,
			Strategy:  w.strategy,
			Config:    s.Clients,
			Push:      s.Push,
			Transport: transport.New(w.carrier(), o),
			Recorder:  w.recorder,
			Feed:      w.feed,
			Seed:      w.seed,
			Trace:     w.traceOf(v.host, number),
		}
	case "catalogue":
		v.client = &catalogue.Reader{
			Clock:     w.clock,
			Number:    number,
			Config:    s.Clients,
			Reading:   s.Catalogue,
			Objects:   w.objects,
			Transport: transport.New(w.strategy, o),
			Recorder:  w.recorder,
			Trace:     w.traceOf(v.host, number),
			Seed:      w.seed,
		}
	default:
		v.client = &client.Client{
			Clock:     w.clock,
			Number:    number,
			Config:    s.Clients,
			Page:      w.page,
			Transport: transport.New(w.strategy, o),
			Recorder:  w.recorder,
			Seed:      w.seed,
			Trace:     w.traceOf(v.host, number),
		}
	}
	w.visitors = append(w.visitors, v)
}

// carrier is the strategy of the transport below the strategy of the run: polls
// and streams are carried by HTTP of one version or the other.
func (w *world) carrier() scenarios.Strategy {
	switch {
	case w.scenario.Workload != "push" || w.strategy == scenarios.WebSocket:
		return w.strategy
	case w.scenario.Push.HTTP == 1:
		return scenarios.HTTP1
	}
	return scenarios.HTTP2
}

// linkConfig is one direction of a client's access link.
func linkConfig(l scenarios.Link, delay, jitter time.Duration) network.LinkConfig {
	return network.LinkConfig{
		Delay:     delay,
		Jitter:    jitter,
		Bandwidth: int64(l.Bandwidth),
		Queue:     int(l.Queue),
		Loss:      float64(l.Loss),
	}
}
