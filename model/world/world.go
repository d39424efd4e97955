package world

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"protosim/model/cache"
	"protosim/model/measure"
	"protosim/model/network"
	"protosim/model/page"
	"protosim/model/push"
	"protosim/model/secure"
	"protosim/model/session"
	"protosim/model/trace"
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

	clock       *vtime.Clock
	net         *network.Network
	authority   *secure.Authority // nil without TLS
	fleets      []*fleet          // one behind each host name
	store       *sharedStore      // nil where no session is kept in it
	visitors    []*visitor
	recorder    *measure.Recorder
	book        *session.Book
	feed        *push.Feed       // of the workload push
	objects     *cache.Catalogue // of the workload catalogue
	walls       []*wall
	behind      []int                 // by client: its firewall, -1 for none
	clientAddrs map[netip.Addr]uint32 // whose address it is
	open        int                   // connections of clients
	peak        int
	machines    map[*network.Host]*machine // of all fleets
	accepted    int                        // connections that they have open with those who dialled them
	memory      int                        // most that such take of theirs, in bytes
	opened      lifetime
	loads       []float64 // of the servers at the end
	balance     balance
	pulse       pulse
	capture     Capture
	sink        trace.Sink      // of the trace; nil if nobody asks for it
	gatherer    *trace.Gatherer // in front of it
	trace       trace.Sink      // how to reach that; nil without a trace
	happened    []time.Duration // when each fault of the scenario did; -1 for not
	over        []time.Duration // when each fault that ends was over; -1 for not
	executed    executed
}

// feedKey orders the publication of events before all that it sets off.
var feedKey = vtime.Key{A: 1}

const (
	// drainTime is how long connections may take to close after the last
	// client is done, before servers are stopped.
	drainTime = 10 * time.Second
	drainStep = 100 * time.Millisecond
)

// run lives through the whole run on a goroutine of the bubble.
func (w *world) run(clock *vtime.Clock) error {
	w.clock = clock
	if w.sink != nil {
		w.gatherer = trace.NewGatherer(clock, w.sink)
		w.trace = w.gatherer.Emit
	}
	w.pulse.clock.Store(clock)
	if err := w.build(); err != nil {
		return err
	}
	ctx, cancel := clock.WithTimeout(clock.Context(), vtime.Key{}, time.Duration(w.scenario.Duration))
	defer cancel()
	var faults sync.WaitGroup // and what follows the run
	w.scheduleFaults(ctx, &faults)
	var visitors sync.WaitGroup
	for i, v := range w.visitors {
		visitors.Add(1)
		clock.Go(transport.ID{Client: uint32(i)}.ClientKey(), func() {
			defer visitors.Done()
			v.client.Run(ctx)
			w.pulse.done.Add(1)
		})
	}
	faults.Add(1)
	clock.Go(loadKey, func() {
		defer faults.Done()
		w.followLoad(ctx)
	})
	if w.scales() {
		faults.Add(1)
		clock.Go(balanceKey, func() {
			defer faults.Done()
			w.followBalance(ctx)
		})
	}
	if w.scenario.Workload == "push" {
		faults.Add(1)
		clock.Go(feedKey, func() {
			defer faults.Done()
			w.feed.Publish(ctx, feedKey, w.scenario.Push, w.seed)
		})
	}
	if w.scenario.Cache.Purge {
		faults.Add(1)
		clock.Go(purgeKey, func() {
			defer faults.Done()
			w.purgeChanges(ctx)
		})
	}
	visitors.Wait()
	cancel()
	faults.Wait()
	w.drain()
	w.close()
	if w.drain(); w.open > 0 {
		w.leave()
	}
	return w.check()
}

// close ends what build has started.
func (w *world) close() {
	w.closeWalls()
	for _, c := range w.caches() {
		c.Close()
	}
	for _, f := range w.fleets {
		f.close()
	}
	if w.store != nil {
		w.store.server.Close()
	}
}

// drain waits until the clients' connections have closed.
func (w *world) drain() {
	for waited := time.Duration(0); w.open > 0 && waited < drainTime; waited += drainStep {
		w.clock.Sleep(context.Background(), vtime.Key{}, drainStep)
	}
}

// leave ends the clients' programs: who waits for a word of a host that was cut
// off when it ended the connection, and has nothing to send, never hears of it.
func (w *world) leave() {
	w.conduct(vtime.Key{}, func() {
		for _, v := range w.visitors {
			v.host.Crash()
		}
	})
}

// build makes the hosts and starts the servers. Hosts are made in an order that
// does not depend on the number of clients, so that a client more changes
// nothing for the others.
func (w *world) build() error {
	s := w.scenario
	w.net = network.New(w.clock, network.TCP{
		MSS:           s.Network.TCP.MSS,
		InitialWindow: s.Network.TCP.InitialWindow,
		Reno:          s.Network.TCP.Congestion == "reno",
		ReceiveBuffer: int(s.Network.TCP.ReceiveBuffer),
	}, w.seed)
	w.recorder = measure.NewRecorder(seriesStep(time.Duration(s.Duration)))
	w.recorder.InTime = s.SLO.Latency.Std()
	w.machines = map[*network.Host]*machine{}
	w.book = session.NewBook()
	w.feed = push.NewFeed(w.clock, w.seed, float64(w.scenario.Push.Fanout))
	if c := s.Catalogue; s.Workload == "catalogue" {
		w.objects = cache.NewCatalogue(cache.Contents{
			Objects:  c.Objects,
			Alpha:    c.Alpha,
			Size:     c.Size,
			Update:   c.Update,
			Personal: float64(c.Personal),
			Seed:     w.seed,
		})
	}
	w.net.Watch = w.watch
	w.net.Trace = w.trace
	w.book.Trace, w.book.Host = w.trace, w.traceHost
	w.feed.Trace = w.trace
	if s.TLS.Enabled {
		var err error
		if w.authority, err = secure.NewAuthority(int(s.TLS.Chain)); err != nil {
			return err
		}
	}
	names := w.page.Hosts
	if s.Workload != "page" {
		names = []string{sessionHost}
	}
	if err := w.addStore(); err != nil {
		return err
	}
	for _, name := range names {
		f, err := w.newFleet(name)
		if err != nil {
			return err
		}
		if err := w.addCaches(f); err != nil {
			return err
		}
		w.fleets = append(w.fleets, f)
	}
	if err := w.addWalls(); err != nil {
		return err
	}
	w.tellStates()
	w.clientAddrs = map[netip.Addr]uint32{}
	for i := range s.Clients.Count {
		w.addVisitor(uint32(i))
	}
	return nil
}

// watch follows the number of open connections, as the clients see it, and at
// each server.
func (w *world) watch(h *network.Host, change int) {
	if !strings.HasPrefix(h.Name, clientPrefix) {
		w.watchServer(h)
		return
	}
	w.opened.advance(w.clock.Now(), w.open)
	w.open += change
	w.peak = max(w.peak, w.open)
	w.recorder.Connections(w.clock.Now(), w.open)
}

// watchServer follows the connections of a host, if it is a server of a fleet.
func (w *world) watchServer(h *network.Host) {
	m := w.machines[h]
	if m == nil {
		return
	}
	if len(m.fleet.machines) <= maxCharted {
		w.recorder.AtServer(w.clock.Now(), h.Name, h.Stats().Open)
	}
	more := h.Stats().Accepted - m.accepted
	m.accepted += more
	w.accepted += more
	if more > 0 { // those that end are no longer told apart
		w.followMemory()
	}
}

// lifetime adds up how long connections are open.
type lifetime struct {
	total, since time.Duration
}

// advance notes that so many were open until now.
func (l *lifetime) advance(now time.Duration, open int) {
	l.total += time.Duration(open) * (now - l.since)
	l.since = now
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

// conduct runs f on the conductor, in an event of its own, and waits for it.
func (w *world) conduct(key vtime.Key, f func()) {
	done := make(chan struct{})
	w.clock.Post(key, vtime.Func(func() {
		w.clock.Wake(0, vtime.Func(func() {
			f()
			close(done)
		}))
	}))
	<-done
}
