package world

import (
	"container/heap"
	"context"
	"fmt"
	"net"
	"time"

	"protosim/model/cache"
	"protosim/model/catalogue"
	"protosim/model/network"
	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/vtime"
)

// edge is a cache on a machine of its own: one that clients reach, or a shield.
type edge struct {
	host  *network.Host
	cache *cache.Cache
}

// purgeKey orders what purges the caches before all else of the instant in
// which objects change, so that nobody gets what has just changed.
var purgeKey = vtime.Key{A: 2}

const shieldName = "shield"

// addCaches puts the scenario's caches before a fleet.
func (w *world) addCaches(f *fleet) error {
	c := w.scenario.Cache
	if !c.Caches() {
		return nil
	}
	suffix := ""
	if len(w.fleets) > 0 { // the first has the plain names
		suffix = "-" + f.name
	}
	upstream := f.name + ":80"
	if c.Shield {
		f.shield = w.newEdge(shieldName+suffix, trace.Shield, upstream)
		l, err := f.shield.host.Listen(":80")
		if err != nil {
			return err
		}
		w.serveCache(f.shield, l)
		upstream = f.shield.host.Name + ":80"
	}
	for i := range c.Edges {
		e := w.newEdge(fmt.Sprintf("edge-%d%s", i+1, suffix), trace.Cache, upstream)
		f.edges = append(f.edges, e)
		l, err := w.listen(e.host, f.name, true)
		if err != nil {
			return err
		}
		w.serveCache(e, l)
	}
	return nil
}

// newEdge makes a cache and its machine.
func (w *world) newEdge(name string, role trace.Role, upstream string) *edge {
	c := w.scenario.Cache
	e := &edge{host: w.newHost(name, role)}
	e.cache = cache.New(w.clock, cache.Config{
		Name:         name,
		Memory:       int64(c.Memory),
		Policy:       cache.Policy(c.Policy),
		Collapse:     c.Collapse,
		IgnoreClient: c.IgnoreClient == nil || *c.IgnoreClient,
		Watch: func(id transport.ID, path string, how cache.Outcome) {
			w.recorder.Count("cache."+string(how)+" at "+name, w.clock.Now())
			w.tell(trace.Event{Kind: trace.CacheResult, Host: uint32(e.host.ID()), Client: id.Client, Serial: id.Serial, Text: traceText(how)})
		},
	}, upstream, e.host.Dial)
	return e
}

// traceText is what the trace calls an outcome.
func traceText(how cache.Outcome) string {
	switch how {
	case cache.Collapsed:
		return string(cache.Hit)
	case cache.Rescued:
		return string(cache.Stale)
	case cache.Upgraded:
		return string(cache.Bypass)
	}
	return string(how)
}

// serveCache lets a cache answer what a listener accepts.
func (w *world) serveCache(e *edge, l net.Listener) {
	w.clock.Go(e.host.Key(1<<60), func() { e.cache.Serve(l) })
}

// caches returns all caches, those next to the servers first: who purges in
// this order finds nothing old when the others ask again.
func (w *world) caches() []*cache.Cache {
	var all []*cache.Cache
	for _, f := range w.fleets {
		if f.shield != nil {
			all = append(all, f.shield.cache)
		}
		for _, e := range f.edges {
			all = append(all, e.cache)
		}
	}
	return all
}

// purge throws away what all caches have for a path, or everything.
func (w *world) purge(path ...string) {
	for _, c := range w.caches() {
		c.Purge(path...)
	}
}

// edgeOf returns the host that a client reaches under a server's name: an edge
// where there are caches.
func (w *world) edgeOf(client uint32, name string) string {
	for _, f := range w.fleets {
		if f.name == name && len(f.edges) > 0 {
			return f.edges[int(client)%len(f.edges)].host.Name
		}
	}
	return name
}

// purgeChanges throws objects out of the caches as they change, until ctx ends.
func (w *world) purgeChanges(ctx context.Context) {
	var next changes
	for i := range w.scenario.Catalogue.Objects {
		if at, ok := w.objects.Changes(i, 0); ok {
			next = append(next, change{at, i})
		}
	}
	heap.Init(&next)
	for len(next) > 0 {
		c := &next[0]
		if w.clock.Sleep(ctx, purgeKey, c.at-w.clock.Now()) != nil {
			return
		}
		w.purge(catalogue.Path(c.number))
		c.at, _ = w.objects.Changes(c.number, c.at)
		heap.Fix(&next, 0)
	}
}

// change is when an object changes next.
type change struct {
	at     time.Duration
	number int
}

// changes is a heap of them, the earliest first.
type changes []change

func (c changes) Len() int { return len(c) }
func (c changes) Less(i, j int) bool {
	return c[i].at < c[j].at || c[i].at == c[j].at && c[i].number < c[j].number
}
func (c changes) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *changes) Push(x any)   { *c = append(*c, x.(change)) }
func (c *changes) Pop() any     { panic("world: changes do not end") }

// readsOrigin reports whether what reaches the servers is counted apart from
// what clients ask.
func (w *world) readsOrigin() bool {
	return w.scenario.Cache.Caches() || w.scenario.Workload == "catalogue"
}

// cacheMetrics tells what caches have spared the servers.
func (w *world) cacheMetrics(m result.Metrics) {
	if !w.readsOrigin() {
		return
	}
	r := w.recorder
	m["origin.requests"] = float64(r.Origin.Requests)
	m["origin.requests_peak_per_second"] = float64(r.Origin.Peak)
	if r.Started > 0 {
		m["origin.offload"] = 1 - float64(r.Origin.Requests)/float64(r.Started)
	}
	if w.scenario.Workload == "catalogue" {
		m["content.outdated"] = float64(r.OutdatedCount)
	}
	if !w.scenario.Cache.Caches() {
		return
	}
	var sum cache.Stats
	for _, f := range w.fleets {
		for _, e := range f.edges {
			s := e.cache.Stats()
			sum.Hits += s.Hits
			sum.Stale += s.Stale
			sum.Collapsed += s.Collapsed
			sum.Revalidated += s.Revalidated
			sum.Rescued += s.Rescued
			sum.Misses += s.Misses
			sum.Evicted += s.Evicted
		}
	}
	m["cache.hits"] = float64(sum.Hits + sum.Stale + sum.Collapsed)
	m["cache.hit_ratio"] = sum.HitRatio()
	m["cache.revalidations"] = float64(sum.Revalidated)
	m["cache.collapsed"] = float64(sum.Collapsed)
	m["cache.evictions"] = float64(sum.Evicted)
}
