package scenarios

// Catalogue is what clients read where the workload is "catalogue": objects,
// some of which are asked for far more often than others, and which change now
// and then.
type Catalogue struct {
	// Objects that there are. Range 1 to 1000000. Default 1000.
	Objects int `json:"objects" range:"1..1000000"`
	// Alpha of Zipf's law: the i-th most popular object is asked for in
	// proportion to 1/i^alpha. On the web .64 to .83 (Breslau and others,
	// "Web Caching and Zipf-like Distributions", 1999). Range 0 to 3. Default 0.8.
	Alpha float64 `json:"alpha" range:"0..3"`
	// Size of an object's body, drawn once for each. Range 16B to 100MB. Default 20kB.
	Size SizeDist `json:"size" range:"16B..100MB"`
	// Interval is the pause between a client's requests. Range 1ms to 24h.
	// Default exponential with a mean of 1s.
	Interval DurationDist `json:"interval" range:"1ms..24h"`
	// Personal is the share of the requests that are for the user's own
	// version of an object, which no cache may give to anybody else. Range 0
	// to 1. Default 0.
	Personal Ratio `json:"personal" range:"0..1"`
	// Update is the time between two changes of an object; 0 for never. Range 0
	// to 24h. Default 0.
	Update DurationDist `json:"update" range:"0..24h"`
	// Lifetime is how long caches may give an object out without asking again
	// (max-age); 0 lets them ask every time (no-cache). Range 0 to 24h. Default 10m.
	Lifetime Duration `json:"lifetime" range:"0..24h"`
	// Stale is how long beyond its lifetime a cache may give an object out
	// while it asks again in the background (stale-while-revalidate, RFC 5861).
	// Range 0 to 24h. Default 0.
	Stale Duration `json:"stale" range:"0..24h"`
}

// Cache is the tier of shared HTTP caches (RFC 9111) that stands between the
// clients and the servers, or the servers' balancer: an edge for each part of
// the clients, and before the servers a shield if there is one.
type Cache struct {
	// Edges is the number of caches that clients reach, each by its share of
	// them; 0 for none. Range 0 to 1000. Default 0.
	Edges int `json:"edges" range:"0..1000"`
	// Shield puts one more cache between the edges and the servers, so that
	// what one edge has asked for another finds there. Default false.
	Shield bool `json:"shield"`
	// Memory of each cache, for bodies, headers and its own books. Range 10kB
	// to 1000GB. Default 64MB.
	Memory Size `json:"memory" range:"10kB..1000GB"`
	// Policy says what goes first when memory is full: "lru", what was not
	// used for longest, or "2q", which does not let what is asked for once
	// drive out what is in demand (Johnson and Shasha, 1994). Default lru.
	Policy string `json:"policy" enum:"lru,2q"`
	// Collapse lets requests for what is being fetched wait for it, instead of
	// each going to the servers. Default false, as nginx has it.
	Collapse bool `json:"collapse"`
	// IgnoreClient disregards what clients say about freshness, as content
	// delivery networks do: browsers send max-age=0 with each reload. Default true.
	IgnoreClient *bool `json:"ignore_client"`
	// Purge throws an object out of all caches as soon as it changes. Default false.
	Purge bool `json:"purge"`
}

// Caches reports whether there are any.
func (c Cache) Caches() bool { return c.Edges > 0 }

// checkCache checks that caches have something to do.
func (s *Scenario) checkCache() *Error {
	switch c := s.Cache; {
	case c.Caches() && s.Workload != "page" && s.Workload != "catalogue" && s.Workload != "chat":
		return problem("cache.edges", "caches have nothing to store of the workload "+s.Workload, "use workload: catalogue, page or chat, or remove the caches")
	case c.Shield && !c.Caches():
		return problem("cache.shield", "a shield without edges before it", "set cache.edges to 1 or more")
	case c.Purge && !c.Caches():
		return problem("cache.purge", "a purge without caches", "set cache.edges to 1 or more")
	case c.Purge && s.Workload != "catalogue":
		return problem("cache.purge", "nothing changes in the workload "+s.Workload, "use workload: catalogue, or faults of kind purge")
	}
	return nil
}
