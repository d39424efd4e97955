package balancer

import (
	"fmt"
	"slices"
	"time"
)

// Kind is the layer at which a balancer works.
type Kind string

const (
	L7 Kind = "l7" // requests, by a reverse proxy
	L4 Kind = "l4" // connections, whose bytes are spliced
)

// Affinity sends a client to the backend that it had before.
type Affinity string

const (
	NoAffinity Affinity = "none"
	ByCookie   Affinity = "cookie" // a cookie that the balancer sets; L7 only
	BySource   Affinity = "source" // the client's address
)

// HashBy is what the policy ConsistentHash hashes.
type HashBy string

const (
	HashSource HashBy = "source" // the client's address
	HashPath   HashBy = "path"   // the request's path; L7 only
)

// Config says how a balancer behaves. The zero value of each field means its
// default; where there is something to switch off, a negative value does.
type Config struct {
	Kind     Kind     // default L7
	Policy   Policy   // default RoundRobin
	HashBy   HashBy   // default HashSource
	Affinity Affinity // default NoAffinity
	Cookie   string   // name of the affinity cookie; default "route"

	// Upgrade forwards the Upgrade header, and with it WebSocket. Without it
	// the header is dropped like any other of its connection, as nginx does
	// unless configured, and the backend sees an ordinary GET.
	Upgrade bool

	// Retries is how many other backends a request may be tried at after one
	// failed, if it can be repeated (see retry.go). Default: all others, as
	// nginx does; negative for none. For L4, of a connection that a backend
	// refuses.
	Retries int

	// ConnectTimeout bounds the set-up of a connection to a backend. Default
	// 60 s (nginx proxy_connect_timeout).
	ConnectTimeout time.Duration
	// IdleTimeout is how long an exchange may go without a byte: a backend that
	// is silent that long is a 504, an upgraded or L4 connection is closed, a
	// client that neither sends nor reads is given up. Default 60 s for L7
	// (nginx proxy_read_timeout, ALB) and 10 min for L4 (nginx proxy_timeout
	// of streams); negative for never.
	IdleTimeout time.Duration
	// ClientKeepAlive is how long a client's connection may stay without a
	// request. Default 75 s (nginx keepalive_timeout); negative for ever.
	ClientKeepAlive time.Duration
	// HeaderTimeout is how long a client may take to send a request's headers.
	// Default 60 s (nginx client_header_timeout); negative for ever.
	HeaderTimeout time.Duration

	// KeepAlive is the number of idle connections kept per backend. Default 32
	// (nginx from 1.29.7 on); negative for none.
	KeepAlive int
	// BackendKeepAlive is how long they are kept. Default 60 s (nginx).
	BackendKeepAlive time.Duration

	// MaxConnections is the number of client connections that are served; L7
	// answers requests on others with 503, L4 resets them. Default no limit.
	MaxConnections int
	// MaxHeaderBytes bounds a request's headers, beyond which the answer is
	// 431. Default 32 KiB (nginx large_client_header_buffers), to which
	// net/http adds 4 KiB.
	MaxHeaderBytes int

	Health HealthConfig

	// SlowStart is the time over which the share of a backend that returns, or
	// is added later, rises to that of the others. Default none.
	SlowStart time.Duration
	// DrainTimeout is how long a draining backend keeps what it carries, where
	// Drain does not say. Default 300 s (ALB).
	DrainTimeout time.Duration

	// LoadStep is the step of the load series in Stats. Default 1 s.
	LoadStep time.Duration
}

// HealthConfig says how a balancer learns that a backend is down.
type HealthConfig struct {
	// Interval is the time between two active checks. Default 0: no active
	// checks, like nginx.
	Interval time.Duration
	// Timeout is how long a check may take. Default 5 s (ALB), at most Interval.
	Timeout time.Duration
	// Rise and Fall are the numbers of checks in a row that bring a backend
	// back and take it out. Default 2 and 3 (HAProxy).
	Rise, Fall int
	// Path is what L7 gets, expecting a status below 400. Default "/". L4
	// opens a connection only, unless Path is set.
	Path string

	// MaxFails failures of real requests within FailTimeout take a backend out
	// for FailTimeout. Default 1 in 10 s (nginx); negative for never.
	MaxFails    int
	FailTimeout time.Duration
}

// Validate reports the first thing that a balancer of this kind cannot do.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case c.Kind != L7 && c.Kind != L4:
		return fmt.Errorf("balancer: there is no kind %q; it is l7 or l4", c.Kind)
	case !slices.Contains(Policies, c.Policy):
		return fmt.Errorf("balancer: there is no policy %q; it is one of %v", c.Policy, Policies)
	case c.Affinity != NoAffinity && c.Affinity != ByCookie && c.Affinity != BySource:
		return fmt.Errorf("balancer: there is no affinity %q; it is none, cookie or source", c.Affinity)
	case c.HashBy != HashSource && c.HashBy != HashPath:
		return fmt.Errorf("balancer: it cannot hash by %q, but by source or path", c.HashBy)
	case c.Kind == L4 && c.Affinity == ByCookie:
		return fmt.Errorf("balancer: l4 sees no cookies; use affinity source, or kind l7")
	case c.Kind == L4 && c.HashBy == HashPath:
		return fmt.Errorf("balancer: l4 sees no paths; hash by source, or use kind l7")
	case c.Kind == L4 && c.Upgrade:
		return fmt.Errorf("balancer: l4 forwards every byte; upgrade is of no use with it")
	}
	return nil
}

func (c Config) withDefaults() Config {
	preset(&c.Kind, L7)
	preset(&c.Policy, RoundRobin)
	preset(&c.HashBy, HashSource)
	preset(&c.Affinity, NoAffinity)
	preset(&c.Cookie, "route")
	preset(&c.ConnectTimeout, 60*time.Second)
	preset(&c.ClientKeepAlive, 75*time.Second)
	preset(&c.HeaderTimeout, 60*time.Second)
	preset(&c.KeepAlive, 32)
	preset(&c.BackendKeepAlive, 60*time.Second)
	preset(&c.MaxHeaderBytes, 32<<10)
	preset(&c.DrainTimeout, 300*time.Second)
	preset(&c.LoadStep, time.Second)
	if c.Kind == L4 {
		preset(&c.IdleTimeout, 10*time.Minute)
	} else {
		preset(&c.IdleTimeout, 60*time.Second)
		preset(&c.Health.Path, "/")
	}
	preset(&c.Health.Timeout, 5*time.Second)
	if c.Health.Interval > 0 {
		c.Health.Timeout = min(c.Health.Timeout, c.Health.Interval)
	}
	preset(&c.Health.Rise, 2)
	preset(&c.Health.Fall, 3)
	preset(&c.Health.MaxFails, 1)
	preset(&c.Health.FailTimeout, 10*time.Second)
	return c
}

// preset gives a field its default where it has no value.
func preset[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
