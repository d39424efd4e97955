package world

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"protosim/model/balancer"
	"protosim/model/catalogue"
	"protosim/model/chat"
	"protosim/model/network"
	"protosim/model/push"
	"protosim/model/result"
	"protosim/model/server"
	"protosim/model/session"
	"protosim/model/store"
	"protosim/model/transport"
)

// healthPath is what balancers ask servers for to see whether they are well.
const healthPath = "/health"

// maxCharted is up to how many servers a fleet's load is kept as series.
const maxCharted = 32

// machine is one server's machine, on which one process after another may run.
type machine struct {
	fleet    *fleet
	host     *network.Host
	front    bool          // clients reach it themselves
	process  *process      // nil while none runs
	turn     chan struct{} // held by who starts or ends a process
	trouble  session.Trouble
	draining bool

	// Of processes that have ended.
	wait   result.Latency
	busy   int
	logged []string

	requests atomic.Int64 // answered or being answered
	running  atomic.Bool  // a process runs
}

// process is one life of a server.
type process struct {
	server  *transport.Server
	station *server.Station
	redis   *store.Redis // nil where the store is not used
}

func newMachine(f *fleet, h *network.Host, front bool) *machine {
	return &machine{fleet: f, host: h, front: front, turn: make(chan struct{}, 1)}
}

func (m *machine) address() balancer.Backend {
	return balancer.Backend{Name: m.host.Name, Address: m.host.Name + ":80"}
}

// wanted reports whether the machine is among those that are meant to run.
func (m *machine) wanted() bool {
	return slices.Contains(m.fleet.machines[:m.fleet.size], m)
}

// start runs a process on the machine, unless one runs already or the machine
// is no longer meant to have one.
func (m *machine) start() error {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	w := m.fleet.world
	if m.process != nil || !m.wanted() {
		return nil
	}
	l, err := w.listen(m.host, m.host.Name, m.front)
	if err != nil {
		return err
	}
	s := w.scenario.Servers
	p := &process{station: server.NewStation(w.clock, s.Concurrency, s.Queue)}
	if w.store != nil {
		p.redis = w.store.client(m.host)
	}
	p.server = transport.Serve(w.clock, l, m.app(p), int(s.ResponseHeaders), w.seed)
	if w.scenario.Push.Deflate {
		p.server.Deflate()
	}
	m.process = p
	m.running.Store(true)
	if w.clock.Now() > 0 {
		w.tellState(m.host, "started")
	}
	return nil
}

// app is the application for a new process.
func (m *machine) app(p *process) transport.App {
	w := m.fleet.world
	if w.scenario.Workload == "page" {
		site := server.NewSite(w.clock, w.page, m.fleet.name, p.station, w.seed)
		return counted{m, site}
	}
	if w.scenario.Workload == "push" {
		return counted{m, push.NewApp(w.clock, w.scenario.Push, w.feed)}
	}
	if w.scenario.Workload == "chat" {
		return counted{m, &chat.App{
			Clock:   w.clock,
			Config:  w.scenario.Chat,
			Servers: w.scenario.Servers,
			Station: p.station,
			Events:  push.NewApp(w.clock, w.scenario.Push, w.feed),
			Feed:    w.feed,
			Seed:    w.seed,
		}}
	}
	if w.scenario.Workload == "catalogue" {
		return counted{m, &catalogue.Site{
			Clock:   w.clock,
			Objects: w.objects,
			Config:  w.scenario.Catalogue,
			Servers: w.scenario.Servers,
			Station: p.station,
			Seed:    w.seed,
		}}
	}
	app := &session.App{
		Clock:   w.clock,
		Config:  w.scenario.Session,
		Servers: w.scenario.Servers,
		Serving: w.scenario.Store.Failure == "serve",
		Station: p.station,
		Book:    w.book,
		Seed:    w.seed,
		Trouble: &m.trouble,
	}
	switch w.state() {
	case "memory":
		app.State, app.Place = store.NewMemory(w.clock, w.scenario.Store.TTL.Std()), m.host.Name
	case "store":
		app.State, app.Place = p.redis, storeName
	default:
		app.State = session.Carried{}
	}
	return counted{m, app}
}

// counted answers health checks, and counts what else the machine is asked.
type counted struct {
	machine *machine
	app     transport.App
}

func (c counted) Serve(ctx context.Context, r transport.Request) transport.Reply {
	if r.Path == healthPath {
		return transport.Reply{Status: http.StatusOK}
	}
	c.count()
	c.serving(r)
	reply := c.app.Serve(ctx, r)
	c.served(r, reply.Status)
	return reply
}

// count counts a request at the machine.
func (c counted) count() {
	c.machine.requests.Add(1)
	w := c.machine.fleet.world
	if len(c.machine.fleet.machines) <= maxCharted {
		w.recorder.Count("requests at "+c.machine.host.Name, w.clock.Now())
	}
	if w.readsOrigin() {
		w.recorder.AtOrigin(w.clock.Now())
	}
}

// Streams and Stream let streams through.
func (c counted) Streams(r transport.Request) bool {
	app, ok := c.app.(transport.Streamer)
	return ok && app.Streams(r)
}

func (c counted) Stream(ctx context.Context, r transport.Request, send func(transport.Event) error) {
	c.count()
	c.serving(r)
	c.app.(transport.Streamer).Stream(ctx, r, send)
	c.served(r, http.StatusOK)
}

// stop ends what is left of a process.
func (m *machine) stop(p *process) {
	p.server.Close()
	if p.redis != nil {
		p.redis.Close()
	}
	m.remember(p)
}

// kill ends the process as a crash does: its connections are reset and what it
// kept in memory is lost.
func (m *machine) kill(reason string) {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	w := m.fleet.world
	p := m.process
	if p == nil {
		return
	}
	m.process, m.draining = nil, false
	m.running.Store(false)
	w.tellState(m.host, reason)
	w.conduct(m.host.Key(1<<60), m.host.Crash)
	w.book.LostAt(m.host.Name, reason)
	m.stop(p)
}

// drain lets the process finish what it does, for at most so long, and ends it.
func (m *machine) drain(limit time.Duration, reason string) {
	w := m.fleet.world
	p := m.process
	if p == nil {
		return
	}
	m.draining = true
	w.tellState(m.host, reason)
	ctx, cancel := w.clock.WithTimeout(context.Background(), m.host.Key(1<<60|1), limit)
	p.server.Drain(ctx, m.host.Key(1<<60))
	cancel()
	if m.process == p { // it has not crashed meanwhile
		m.kill(reason)
	}
}

// remember keeps what a process has measured and logged.
func (m *machine) remember(p *process) {
	stats := p.station.Stats()
	m.wait.Merge(&stats.Wait)
	m.busy = max(m.busy, stats.BusyPeak)
	m.logged = append(m.logged, p.server.Errors()...)
	if p.redis != nil {
		m.fleet.world.store.stats.Merge(p.redis.Stats())
	}
}

// sockets returns how many sockets the machine holds.
func (m *machine) sockets() int {
	if m.process == nil {
		return 0
	}
	return m.process.server.Sockets()
}
