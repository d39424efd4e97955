package world

import (
	"protosim/model/network"
	"protosim/model/result"
	"protosim/model/store"
	"protosim/model/trace"
)

const (
	storeName = "store"
	storePort = ":6379"
)

// sharedStore is the session store and its machine.
type sharedStore struct {
	world  *world
	host   *network.Host
	server *store.Server
	up     bool
	stats  store.Stats // of clients that have ended
}

// addStore makes the store where the strategy keeps sessions in one.
func (w *world) addStore() error {
	if !w.usesStore() {
		return nil
	}
	c := w.scenario.Store
	s := &sharedStore{world: w, host: w.newHost(storeName, trace.Store)}
	delay := c.RTT.Std() / 2
	s.host.Up.Set(network.LinkConfig{Delay: delay})
	s.host.Down.Set(network.LinkConfig{Delay: c.RTT.Std() - delay})
	s.server = store.NewServer(store.ServerConfig{
		Time:       w.clock,
		Service:    c.ServiceTime,
		Persistent: c.Persistent,
		Seed:       w.seed,
	})
	w.store = s
	return s.start()
}

// start runs the store's process, unless it runs already.
func (s *sharedStore) start() error {
	if s.up {
		return nil
	}
	l, err := s.host.Listen(storePort)
	if err != nil {
		return err
	}
	s.server.Serve(l)
	s.up = true
	return nil
}

// crash ends the store's process. What it kept is lost unless it persists.
func (s *sharedStore) crash(reason string) {
	w := s.world
	if !s.up {
		return
	}
	s.up = false
	w.conduct(s.host.Key(1<<60), s.host.Crash)
	s.server.Crash()
	w.tellState(s.host, reason)
	if !w.scenario.Store.Persistent {
		w.book.LostAt(storeName, reason)
	}
}

// client returns a server's connection to the store.
func (s *sharedStore) client(from *network.Host) *store.Redis {
	c := s.world.scenario.Store
	return store.NewRedis(store.Config{
		Time:    s.world.clock,
		Dial:    from.Dial,
		Address: storeName + storePort,
		TTL:     c.TTL.Std(),
		Timeout: c.Timeout.Std(),
		Seed:    s.world.seed,
	})
}

// storeMetrics tells what the store was asked and what that took.
func (w *world) storeMetrics(m result.Metrics) {
	if w.store == nil {
		return
	}
	s := &w.store.stats
	m["store.operations"] = float64(s.Operations)
	m["store.errors"] = float64(s.Errors)
	m.SetLatency("store.latency_ms", &s.Latency, .5, .99)
}
