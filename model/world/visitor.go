package world

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"protosim/model/catalogue"
	"protosim/model/chat"
	"protosim/model/client"
	"protosim/model/firewall"
	"protosim/model/network"
	"protosim/model/push"
	"protosim/model/random"
	"protosim/model/retry"
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
	host    *network.Host
	tally   secure.Tally
	headers atomic.Int64   // bytes of header blocks, in both directions
	asked   firewall.Asked // of proxies, for tunnels
	client  interface{ Run(context.Context) }
}

func (w *world) addVisitor(number uint32) {
	s := w.scenario
	v := &visitor{host: w.newHost(fmt.Sprintf("%s%d", clientPrefix, number+1), trace.Client)}
	rtt := time.Duration(s.Network.RTT)
	v.host.Up.Set(linkConfig(s.Network.Up, rtt/2, time.Duration(s.Network.Jitter)))
	v.host.Down.Set(linkConfig(s.Network.Down, rtt-rtt/2, time.Duration(s.Network.Jitter)))
	o := transport.Options{
		Port:        s.Servers.Port,
		Deflate:     s.Push.Deflate,
		Clock:       w.clock,
		Host:        v.host,
		Client:      number,
		Connections: s.Clients.Connections,
		Headers:     int(s.Clients.RequestHeaders),
		Seed:        w.seed,
		Heartbeat:   w.heartbeat(number),
		HeaderBytes: &v.headers,
	}
	wall := w.wallOf(number)
	o.Dial = w.route(wall, number, v)
	if wall != nil {
		o.Proxy = wall.gateway.Proxy()
	}
	// under returns the client's transport under a strategy.
	under := func(strategy scenarios.Strategy) transport.Client {
		o := o
		if w.authority != nil {
			o.TLS = &secure.Client{Clock: w.clock, Config: w.clientTLS(wall, strategy), Tally: &v.tally}
		}
		return transport.New(strategy, o)
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
		o.Disconnected = func(err error) {
			w.missed(err)
			c.Disconnected(err)
		}
		c.Transport = under(w.strategy)
		v.client = c
	case "push":
		o.Disconnected = w.missed
		v.client = w.listener(v, number, under)
	case "chat":
		o.Disconnected = w.missed
		c := &chat.User{
			Clock:    w.clock,
			Number:   number,
			Config:   s.Clients,
			Chat:     s.Chat,
			Listener: w.listener(v, number, under),
			Recorder: w.recorder,
			Seed:     w.seed,
			Trace:    w.traceOf(v.host, number),
		}
		c.Transport, c.Listener.Beside = c.Listener.Transport, true
		if w.strategy == scenarios.Hybrid {
			c.Transport = under(w.carrier())
		}
		v.client = c
	case "catalogue":
		v.client = &catalogue.Reader{
			Clock:     w.clock,
			Number:    number,
			Config:    s.Clients,
			Reading:   s.Catalogue,
			Objects:   w.objects,
			Transport: under(w.strategy),
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
			Transport: under(w.strategy),
			Recorder:  w.recorder,
			Seed:      w.seed,
			Trace:     w.traceOf(v.host, number),
			Exchange:  w.capture.Exchange,
		}
	}
	w.clientAddrs[v.host.Addr] = number
	w.visitors = append(w.visitors, v)
}

// heartbeat is how a client watches over its sockets. The first ping comes after
// a random part of the interval, so that those who came together do not ping
// together for ever.
func (w *world) heartbeat(number uint32) transport.Heartbeat {
	h := w.scenario.Clients.Heartbeat
	return transport.Heartbeat{
		Interval: h.Interval.Std(),
		Timeout:  h.Timeout.Std(),
		First:    retry.Spread(random.New(w.seed, "heartbeat", uint64(number)), h.Interval.Std()),
	}
}

// missed counts a socket that ended for want of a pong.
func (w *world) missed(err error) {
	if errors.Is(err, transport.ErrHeartbeat) {
		w.recorder.HeartbeatMissed()
	}
}

// listener is a client that wants events, by transports under strategies.
func (w *world) listener(v *visitor, number uint32, under func(scenarios.Strategy) transport.Client) *push.Client {
	s := w.scenario
	c := &push.Client{
		Clock:    w.clock,
		Number:   number,
		Strategy: w.strategy,
		Config:   s.Clients,
		Push:     s.Push,
		Recorder: w.recorder,
		Feed:     w.feed,
		Seed:     w.seed,
		Trace:    w.traceOf(v.host, number),
	}
	switch w.strategy {
	case scenarios.Hybrid:
		c.Transport = under(scenarios.WebSocket)
	case scenarios.Fallback:
		c.Sockets = under(scenarios.WebSocket)
		c.Transport = under(w.carrier())
	default:
		c.Transport = under(w.carrier())
	}
	return c
}

// pushes reports whether clients want events.
func (w *world) pushes() bool { return w.scenario.Workload == "push" || w.scenario.Workload == "chat" }

// carrier is the strategy of the transport below the strategy of the run.
func (w *world) carrier() scenarios.Strategy { return w.scenario.Carrier(w.strategy) }

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
