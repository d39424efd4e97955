package world

import (
	"context"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"time"

	"protosim/model/client"
	"protosim/model/measure"
	"protosim/model/network"
	"protosim/model/page"
	"protosim/model/result"
	"protosim/model/secure"
	"protosim/model/server"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// world is one strategy's run of a scenario.
type world struct {
	scenario *scenarios.Scenario
	strategy scenarios.Strategy
	seed     uint64
	page     *page.Page

	clock     *vtime.Clock
	net       *network.Network
	authority *secure.Authority // nil without TLS
	servers   []*serverHost
	clients   []*clientHost
	recorder  *measure.Recorder
	open      int // connections of clients
	peak      int
	failures  failures
	pulse     pulse
}

// serverHost is the machine behind one host name of the page.
type serverHost struct {
	host   *network.Host
	site   *server.Site
	server *transport.Server
}

// clientHost is one visitor's machine.
type clientHost struct {
	host   *network.Host
	tally  secure.Tally
	client *client.Client
}

const (
	// drainTime is how long connections may take to close after the last
	// client is done, before servers are stopped.
	drainTime = 10 * time.Second
	drainStep = 100 * time.Millisecond
)

// run lives through the whole run on a goroutine of the bubble.
func (w *world) run(clock *vtime.Clock) error {
	w.clock = clock
	w.pulse.clock.Store(clock)
	if err := w.build(); err != nil {
		return err
	}
	ctx, cancel := clock.WithTimeout(clock.Context(), vtime.Key{}, time.Duration(w.scenario.Duration))
	defer cancel()
	var visitors sync.WaitGroup
	for i, c := range w.clients {
		visitors.Add(1)
		clock.Go(transport.ID{Client: uint32(i)}.ClientKey(), func() {
			defer visitors.Done()
			c.client.Run(ctx)
			w.pulse.done.Add(1)
		})
	}
	visitors.Wait()
	cancel()
	w.drain()
	for _, s := range w.servers {
		s.server.Close()
	}
	return w.check()
}

// drain waits until the clients' connections have closed.
func (w *world) drain() {
	for waited := time.Duration(0); w.open > 0 && waited < drainTime; waited += drainStep {
		w.clock.Sleep(context.Background(), vtime.Key{}, drainStep)
	}
}

// build makes the hosts and starts the servers.
func (w *world) build() error {
	s := w.scenario
	w.net = network.New(w.clock, network.TCP{
		MSS:           s.Network.TCP.MSS,
		InitialWindow: s.Network.TCP.InitialWindow,
		Reno:          s.Network.TCP.Congestion == "reno",
		ReceiveBuffer: int(s.Network.TCP.ReceiveBuffer),
	}, w.seed)
	w.recorder = measure.NewRecorder(seriesStep(time.Duration(s.Duration)))
	w.net.Watch = w.watch
	if s.TLS.Enabled {
		var err error
		if w.authority, err = secure.NewAuthority(int(s.TLS.Chain)); err != nil {
			return err
		}
	}
	for _, name := range w.page.Hosts {
		if err := w.addServer(name); err != nil {
			return err
		}
	}
	for i := range s.Clients.Count {
		w.addClient(uint32(i))
	}
	return nil
}

func (w *world) addServer(name string) error {
	s := w.scenario
	h := &serverHost{host: w.net.NewHost(name)}
	port := ":80"
	if w.authority != nil {
		port = ":443"
	}
	listener, err := h.host.Listen(port)
	if err != nil {
		return err
	}
	var accept net.Listener = listener
	if w.authority != nil {
		config, err := w.authority.ServerConfig(name)
		if err != nil {
			return err
		}
		accept = secure.Listener{Listener: listener, Clock: w.clock, Config: config}
	}
	station := server.NewStation(w.clock, s.Servers.Concurrency, s.Servers.Queue)
	h.site = server.NewSite(w.clock, w.page, name, station, w.seed)
	h.server = transport.Serve(w.clock, accept, h.site, int(s.Servers.ResponseHeaders), w.seed)
	w.servers = append(w.servers, h)
	return nil
}

func (w *world) addClient(number uint32) {
	s := w.scenario
	h := &clientHost{host: w.net.NewHost(fmt.Sprintf("client-%d", number+1))}
	rtt := time.Duration(s.Network.RTT)
	h.host.Up.Set(linkConfig(s.Network.Up, rtt/2, time.Duration(s.Network.Jitter)))
	h.host.Down.Set(linkConfig(s.Network.Down, rtt-rtt/2, time.Duration(s.Network.Jitter)))
	o := transport.Options{
		Clock:       w.clock,
		Host:        h.host,
		Client:      number,
		Connections: s.Clients.Connections,
		Headers:     int(s.Clients.RequestHeaders),
		Seed:        w.seed,
	}
	if w.authority != nil {
		resume := s.TLS.Resumption == nil || *s.TLS.Resumption
		o.TLS = &secure.Client{
			Clock:  w.clock,
			Config: w.authority.ClientConfig(transport.Protocol(w.strategy), resume),
			Tally:  &h.tally,
		}
	}
	h.client = &client.Client{
		Clock:     w.clock,
		Number:    number,
		Config:    s.Clients,
		Page:      w.page,
		Transport: transport.New(w.strategy, o),
		Recorder:  w.recorder,
		Seed:      w.seed,
		Failure:   w.failures.add,
	}
	w.clients = append(w.clients, h)
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

// watch follows the number of open connections, as the clients see it.
func (w *world) watch(h *network.Host, change int) {
	if !strings.HasPrefix(h.Name, "client-") {
		return
	}
	w.open += change
	w.peak = max(w.peak, w.open)
	w.recorder.Connections(w.clock.Now(), w.open)
}

// seriesStep is a step that gives a few thousand values at most, the same for
// all runs of a scenario.
func seriesStep(limit time.Duration) time.Duration {
	for _, step := range []time.Duration{100 * time.Millisecond, time.Second, 10 * time.Second} {
		if limit/step <= 6000 {
			return step
		}
	}
	return time.Minute
}

// check makes sure that the books balance.
func (w *world) check() error {
	r := w.recorder
	if ended := r.Ended[measure.OK] + r.Ended[measure.Failed] + r.Ended[measure.Abandoned]; ended != r.Started {
		return fmt.Errorf("world: %d requests started, but %d ended", r.Started, ended)
	}
	for _, s := range w.servers {
		for _, e := range s.server.Errors() {
			if strings.Contains(e, "panic") {
				return fmt.Errorf("world: %s: %s", s.host.Name, e)
			}
		}
	}
	return nil
}

// failures counts why requests failed.
type failures struct {
	mu     sync.Mutex
	counts map[string]int
}

func (f *failures) add(r transport.Request, err error) {
	reason := "status"
	if err != nil {
		reason = err.Error()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[string]int{}
	}
	f.counts[reason]++
}

// metrics sums up the run.
func (w *world) metrics() result.Metrics {
	r := w.recorder
	m := result.Metrics{}
	m.SetLatency("page_load_ms", &r.PageLoad, .5, .95, .99)
	m.SetLatency("request_ms", &r.Request, .5, .95, .99)
	if r.PageLoad.Count() > 0 {
		m["page_load_ms.mean"] = result.Milliseconds(r.PageLoad.Mean())
		m["page_load_ms.max"] = result.Milliseconds(r.PageLoad.Max())
	}
	if r.Request.Count() > 0 {
		m["request_ms.max"] = result.Milliseconds(r.Request.Max())
	}
	m["pages.total"] = float64(r.Pages)
	m["pages.loaded"] = float64(r.PagesLoaded)
	m["requests.total"] = float64(r.Started)
	m["requests.ok"] = float64(r.Ended[measure.OK])
	m["requests.failed"] = float64(r.Ended[measure.Failed])
	m["requests.abandoned"] = float64(r.Ended[measure.Abandoned])
	m["requests.retried"] = float64(r.Retried)
	m["connections.peak"] = float64(w.peak)
	m["finished_ms"] = result.Milliseconds(r.Finished)
	w.trafficMetrics(m)
	w.serverMetrics(m)
	return m
}

// trafficMetrics counts what crossed the clients' access links, and what of it
// was overhead of which kind. Each byte falls into exactly one kind.
func (w *world) trafficMetrics(m result.Metrics) {
	var sent, received, headers, data, stream, clear, lost int64
	var packetsUp, packetsDown, again int64
	var opened int
	for _, c := range w.clients {
		up, down, stats := c.host.Up.Stats(), c.host.Down.Stats(), c.host.Stats()
		sent += up.Bytes
		received += down.DeliveredBytes
		packetsUp += up.Packets
		packetsDown += down.Delivered
		data += up.DataBytes + down.DeliveredData
		headers += up.Bytes - up.DataBytes + down.DeliveredBytes - down.DeliveredData
		stream += stats.Sent + stats.Received
		lost += up.Lost + up.Dropped + down.Lost + down.Dropped
		again += up.Retransmits
		opened += stats.Opened
		if w.authority != nil {
			clear += c.tally.Sent.Load() + c.tally.Received.Load()
			m["tls.handshakes.full"] += float64(c.tally.Full.Load())
			m["tls.handshakes.resumed"] += float64(c.tally.Resumed.Load())
		}
	}
	for _, s := range w.servers {
		again += s.host.Up.Stats().Retransmits
	}
	if w.authority == nil {
		clear = stream
	}
	payload := w.recorder.Payload
	overhead := sent + received - payload
	m["bytes.sent"] = float64(sent)
	m["bytes.received"] = float64(received)
	m["bytes.payload"] = float64(payload)
	m["bytes.overhead"] = float64(overhead)
	m["bytes.tcp_ip"] = float64(headers)
	m["bytes.retransmitted"] = float64(data - stream)
	m["bytes.tls"] = float64(stream - clear)
	m["bytes.framing"] = float64(clear - payload)
	m["packets.sent"] = float64(packetsUp)
	m["packets.received"] = float64(packetsDown)
	m["packets.lost"] = float64(lost)
	m["packets.retransmitted"] = float64(again)
	m["connections.opened"] = float64(opened)
	if w.recorder.Started > 0 {
		m["bytes.overhead_per_request"] = float64(overhead) / float64(w.recorder.Started)
	}
}

func (w *world) serverMetrics(m result.Metrics) {
	var wait result.Latency
	busy := 0
	for _, s := range w.servers {
		stats := s.site.Station().Stats()
		wait.Merge(&stats.Wait)
		busy = max(busy, stats.BusyPeak)
	}
	if wait.Count() > 0 {
		m["server.queue_ms.p99"] = math.Max(result.Milliseconds(wait.Quantile(.99)), 0)
	}
	m["server.busy_peak"] = float64(busy)
}
