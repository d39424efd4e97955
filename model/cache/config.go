package cache

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"protosim/model/transport"
)

// Config says how a cache behaves. The zero value of each field means its
// default; where there is something to switch off, a negative value does.
type Config struct {
	Name string // in Cache-Status and Via; default "protosim". Chained caches have different ones.

	Memory    int64  // bytes of all that is stored; default 64 MB
	MaxObject int64  // bytes of a body beyond which it is not stored; default a quarter of Memory
	Policy    Policy // default LRU

	// Collapse lets requests for something that is being fetched wait for it,
	// for CollapseWait at most (default 5 s, nginx proxy_cache_lock_timeout).
	Collapse     bool
	CollapseWait time.Duration

	// IgnoreClient disregards Cache-Control and Pragma of requests, no-store
	// apart, as most content delivery networks do: without it, each reload of
	// a page goes upstream.
	IgnoreClient bool

	// Heuristic is the share of the time since Last-Modified for which a
	// response without explicit lifetime is fresh. Default 0.1 (RFC 9111
	// section 4.2.2); negative for never. HeuristicMax bounds it, default 24 h.
	Heuristic    float64
	HeuristicMax time.Duration

	// MaxVariants is the number of responses kept for one URI. Default 64.
	MaxVariants int

	ConnectTimeout    time.Duration // default 60 s (nginx proxy_connect_timeout)
	IdleTimeout       time.Duration // of upstream and clients that neither send nor read; default 60 s, negative for never
	ClientKeepAlive   time.Duration // default 75 s (nginx keepalive_timeout); negative for ever
	HeaderTimeout     time.Duration // of requests; default 60 s; negative for ever
	KeepAlive         int           // idle connections upstream; default 32, negative for none
	UpstreamKeepAlive time.Duration // default 60 s
	MaxHeaderBytes    int           // of requests and responses; default 32 KiB

	// Watch, when set, is told how each request is answered, as its answer
	// begins. It must not wait.
	Watch func(client transport.ID, path string, how Outcome)
}

// Outcome is how a cache answers a request: one of the counters of Stats.
type Outcome string

// The outcomes.
const (
	Hit         Outcome = "hit"
	Stale       Outcome = "stale"
	Collapsed   Outcome = "collapsed"
	Revalidated Outcome = "revalidated"
	Rescued     Outcome = "rescued"
	Miss        Outcome = "miss"
	Bypass      Outcome = "bypass"
	Upgraded    Outcome = "upgrade"
)

// Validate reports the first thing that is wrong.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case !slices.Contains(Policies, c.Policy):
		return fmt.Errorf("cache: there is no policy %q; it is one of %v", c.Policy, Policies)
	case c.Memory < 0 || c.MaxObject < 0:
		return fmt.Errorf("cache: memory and objects cannot have a negative size")
	case c.Heuristic > 1:
		return fmt.Errorf("cache: the heuristic's share is %v, and must not be above 1", c.Heuristic)
	case strings.ContainsFunc(c.Name, func(r rune) bool { return r > '~' || !isToken(byte(r)) }):
		return fmt.Errorf("cache: %q is no name of a cache: it wants letters, digits, - and _", c.Name)
	}
	return nil
}

func (c Config) withDefaults() Config {
	preset(&c.Name, "protosim")
	preset(&c.Memory, 64_000_000)
	preset(&c.MaxObject, c.Memory/4)
	preset(&c.Policy, LRU)
	preset(&c.CollapseWait, 5*time.Second)
	preset(&c.Heuristic, 0.1)
	preset(&c.HeuristicMax, 24*time.Hour)
	preset(&c.MaxVariants, 64)
	preset(&c.ConnectTimeout, 60*time.Second)
	preset(&c.IdleTimeout, 60*time.Second)
	preset(&c.ClientKeepAlive, 75*time.Second)
	preset(&c.HeaderTimeout, 60*time.Second)
	preset(&c.KeepAlive, 32)
	preset(&c.UpstreamKeepAlive, 60*time.Second)
	preset(&c.MaxHeaderBytes, 32<<10)
	return c
}

// preset gives a field its default where it has no value.
func preset[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
