package world

import (
	"context"
	"net/http"
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
	trouble  server.Trouble
	wanted   bool // it is meant to run
	listed   bool // a balancer that runs has it on its list
	draining bool
	accepted int // connections that it has open with those who dialled it

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
	m := &machine{fleet: f, host: h, front: front, turn: make(chan struct{}, 1)}
	f.world.machines[h] = m
	return m
}

func (m *machine) address() balancer.Backend {
	return balancer.Backend{Name: m.host.Name, Address: m.host.Name + ":80"}
}

// inService reports whether a process runs on the machine that gets new work.
func (m *machine) inService() bool { return m.process != nil && m.listed }

// start runs a process on the machine, unless one runs already or the machine
// is no longer meant to have one.
func (m *machine) start() error {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	w := m.fleet.world
	if m.process != nil || !m.wanted {
		return nil
	}
	l, err := w.listen(m.host, m.host.Name, m.front)
	if err != nil {
		return err
	}
	s := w.scenario.Servers
	p := &process{station: server.NewStation(w.clock, s.Concurrency, s.Queue)}
	p.station.Trouble = &m.trouble
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
		return counted{m, m.events()}
	}
	if w.scenario.Workload == "chat" {
		return counted{m, &chat.App{
			Clock:   w.clock,
			Config:  w.scenario.Chat,
			Servers: w.scenario.Servers,
			Station: p.station,
			Events:  m.events(),
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

// events is the part of an application that tells clients what happens.
func (m *machine) events() *push.App {
	w := m.fleet.world
	app := push.NewApp(w.clock, w.scenario.Push, w.feed)
	app.Trouble, app.Seed = &m.trouble, w.seed
	return app
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
	c.machine.fleet.world.executed.note(r)
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
	m.end(reason, func(p *process) {
		m.crash()
		m.stop(p)
	})
}

// quit ends the process when it is done: what is on the wire may arrive until
// ctx ends.
func (m *machine) quit(ctx context.Context, reason string) {
	m.end(reason, func(p *process) {
		m.stop(p)
		for m.host.Stats().Open > 0 && m.fleet.world.clock.Sleep(ctx, m.host.Key(1<<60), drainStep) == nil {
		}
		m.crash()
	})
}

// crash resets what connections the machine has.
func (m *machine) crash() { m.fleet.world.conduct(m.host.Key(1<<60), m.host.Crash) }

func (m *machine) end(reason string, how func(*process)) {
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
	w.book.LostAt(m.host.Name, reason)
	how(p)
}

// drain lets the process finish what it does, for at most so long, and ends it.
// carried is closed when the balancer has nothing under way with it, nil without
// a balancer.
func (m *machine) drain(limit time.Duration, reason string, carried <-chan struct{}) {
	w := m.fleet.world
	p := m.process
	if p == nil {
		return
	}
	m.draining = true
	w.tellState(m.host, reason)
	key := m.host.Key(1 << 60)
	ctx, cancel := w.clock.WithTimeout(context.Background(), m.host.Key(1<<60|1), limit)
	defer cancel()
	p.server.Drain(ctx, key)
	if carried != nil {
		select {
		case <-carried:
		case <-ctx.Done():
		}
		w.clock.Yield(key)
	}
	switch {
	case m.process != p: // it has crashed meanwhile
	case ctx.Err() != nil:
		m.kill(reason)
	default:
		m.quit(ctx, reason)
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
