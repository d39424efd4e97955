// Package balancer is a load balancer: ordinary Go over a net.Listener and a
// dial function, so that the same code runs on the simulated network and on
// real sockets.
//
// L7 is httputil.ReverseProxy with HTTP/1.1 and HTTP/2 in front, keep-alive
// connections behind, and between them a choice of backend for each request:
//
//	proxy.go          a request's way through
//	attempt.go        one try at one backend
//	retry.go          whether there may be another
//	upgrade.go        the way of a connection that was upgraded
//	splice.go         L4: a connection's bytes in both directions
//
//	choose.go         affinity, then policy, among the backends available
//	policy.go         the policies; each has a file
//	health.go         active checks
//	passive.go        what failures of real requests tell
//	membership.go     backends that come and go
//
// Names and defaults are those of nginx and of AWS's balancers (Config).
package balancer

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"

	"protosim/model/transport"
	"protosim/model/vtime"
)

// Dial connects to a backend's address, like net.Dialer.DialContext.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Backend is a server that the balancer sends work to.
type Backend struct {
	Name    string // unique
	Address string // host:port
}

// Balancer balances. Its methods may be called by any goroutine.
type Balancer struct {
	time vtime.Time
	cfg  Config
	dial Dial
	id   uint32 // makes keys for what belongs to no client

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	server  *http.Server           // L7
	reverse *httputil.ReverseProxy // L7
	buffers buffers

	mu        sync.Mutex
	random    *rand.Rand
	members   []*member // in the order in which they were added first
	listeners []net.Listener
	clients   int // connections of clients
	fronts    map[net.Conn]*client
	stats     Stats
	errors    []string
}

// New returns a balancer for the backends, of which there may be none yet. It
// panics if the configuration is not valid. r decides what is left to chance.
func New(t vtime.Time, cfg Config, backends []Backend, dial Dial, r *rand.Rand) *Balancer {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	b := &Balancer{time: t, cfg: cfg.withDefaults(), dial: dial, random: r, id: 1<<31 | r.Uint32(), fronts: map[net.Conn]*client{}}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	if b.cfg.Kind == L7 {
		b.newProxy()
	}
	for _, backend := range backends {
		b.add(backend, false)
	}
	return b
}

// Serve serves the connections that l accepts, until Close. It may be called
// for several listeners.
func (b *Balancer) Serve(l net.Listener) error {
	b.mu.Lock()
	closed := b.ctx.Err() != nil
	b.listeners = append(b.listeners, l)
	b.mu.Unlock()
	if closed {
		l.Close()
		return net.ErrClosed
	}
	if b.cfg.Kind == L4 {
		return b.serveConnections(l)
	}
	return b.serveRequests(l)
}

// Close ends the balancer and all that it carries.
func (b *Balancer) Close() {
	b.cancel()
	b.mu.Lock()
	listeners := b.listeners
	b.listeners = nil
	members := b.members
	b.mu.Unlock()
	for _, l := range listeners {
		l.Close()
	}
	if b.server != nil {
		b.server.Close()
	}
	for _, m := range members {
		b.cut(m, errClosed)
		m.closeConnections()
	}
}

// Write takes what net/http logs.
func (b *Balancer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errors = append(b.errors, fmt.Sprintf("%v: %s", b.time.Now(), strings.TrimSpace(string(p))))
	return len(p), nil
}

// Errors returns what net/http has logged.
func (b *Balancer) Errors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.errors
}

func (b *Balancer) logger() *log.Logger { return log.New(b, "", 0) }

// Apart from the keys of the requests that pass through.
const (
	ownKeys   = 1 << 40
	bodyKeys  = 1 << 41 // reading a request's body
	replyKeys = 1 << 42 // reading a response's body
)

// key orders what the balancer does for the n-th thing of a member.
func (b *Balancer) key(m *member, n uint64) vtime.Key {
	k := transport.ID{Client: b.id}.ProxyKey()
	k.B = ownKeys | uint64(m.number)<<24 | n&(1<<24-1)
	return k
}
