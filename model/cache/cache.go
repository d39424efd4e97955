// Package cache is a shared HTTP cache, such as a CDN's edge or a reverse
// proxy: ordinary Go over a net.Listener and a dial function, so that the same
// code runs on the simulated network and on real sockets. Several edges before
// a shield are caches whose upstream is a cache.
//
// It does RFC 9111, with the stale responses of RFC 5861 and the Cache-Status
// of RFC 9211:
//
//	handle.go         a request's way through
//	request.go        what of a request goes on
//	target.go         what it is for, and responses are known by
//	claims.go         what a client has no business to say
//	decide.go         whether a stored response will do
//	fetch.go          asking upstream
//	refresh.go        what a 304 makes of a stored response
//	collapse.go       requests that wait for another's response
//	respond.go        answering from a stored response
//
//	directives.go     Cache-Control
//	freshness.go      age and lifetime
//	storable.go       what may be stored
//	vary.go           which stored response fits a request
//	invalidate.go     what unsafe methods and Purge throw away
//	store.go          what is stored, in bounded memory
//	policy.go         what goes first when it is full
//
//	tunnel.go         WebSocket and the like, which gain nothing
//	catalogue.go      contents to fill a cache with
package cache

import (
	"context"
	"fmt"
	"hash/fnv"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"

	"protosim/model/transport"
	"protosim/model/vtime"
)

// Dial connects to an address, like net.Dialer.DialContext.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Cache is a shared cache. Its methods may be called by any goroutine.
type Cache struct {
	time     vtime.Time
	epoch    time.Time // at which time.Now was 0
	cfg      Config
	upstream string
	dial     Dial
	tier     uint64 // keeps the keys of chained caches apart

	ctx       context.Context // ends with Close
	cancel    context.CancelFunc
	server    *http.Server
	transport *http.Transport
	tunnels   *httputil.ReverseProxy
	buffers   buffers

	mu        sync.Mutex
	store     *store
	flights   map[string][]*flight // for each URI, the earliest first
	filling   int64                // bytes of bodies that are arriving
	listeners []net.Listener
	dials     uint64
	stats     Stats
	errors    []string
}

// New returns an empty cache before the server at the address upstream. It
// panics if the configuration is not valid.
func New(t vtime.Time, cfg Config, upstream string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *Cache {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	cfg = cfg.withDefaults()
	h := fnv.New32a()
	h.Write([]byte(cfg.Name))
	c := &Cache{
		time: t, cfg: cfg, upstream: upstream, dial: dial, tier: uint64(h.Sum32()&0xffff) << 44,
		// The bubble's clock may be late by less than a millisecond.
		epoch:   time.Now().Add(-t.Now()).Round(2 * time.Millisecond),
		store:   newStore(cfg),
		flights: map[string][]*flight{},
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.transport = &http.Transport{
		DialContext:            c.connect,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    max(cfg.KeepAlive, 0),
		MaxIdleConns:           max(cfg.KeepAlive, 0),
		DisableKeepAlives:      cfg.KeepAlive < 0,
		IdleConnTimeout:        cfg.UpstreamKeepAlive,
		MaxResponseHeaderBytes: int64(cfg.MaxHeaderBytes),
		ReadBufferSize:         bufferSize,
		Protocols:              new(http.Protocols),
	}
	c.transport.Protocols.SetHTTP1(true)
	c.newTunnels()
	c.server = &http.Server{
		Handler:           c,
		ErrorLog:          c.logger(),
		MaxHeaderBytes:    cfg.MaxHeaderBytes,
		IdleTimeout:       cfg.ClientKeepAlive,
		ReadHeaderTimeout: cfg.HeaderTimeout,
		BaseContext:       func(net.Listener) context.Context { return c.ctx },
		ConnContext:       admit,
		Protocols:         new(http.Protocols),
	}
	c.server.Protocols.SetHTTP1(true)
	c.server.Protocols.SetHTTP2(true)
	c.server.Protocols.SetUnencryptedHTTP2(true)
	return c
}

// Serve serves the connections that l accepts, until Close. It may be called
// for several listeners.
func (c *Cache) Serve(l net.Listener) error {
	c.mu.Lock()
	c.listeners = append(c.listeners, l)
	c.mu.Unlock()
	return c.server.Serve(transport.Frames(l, c.time))
}

// Close ends the cache and all that passes through it.
func (c *Cache) Close() {
	c.cancel()
	c.mu.Lock()
	listeners := c.listeners
	c.listeners = nil
	c.mu.Unlock()
	for _, l := range listeners {
		l.Close()
	}
	c.server.Close()
	c.transport.CloseIdleConnections()
}

// Shutdown stops accepting connections, lets what is under way finish until
// ctx ends, and closes the cache. It is for real sockets: net/http polls at
// random intervals in it.
func (c *Cache) Shutdown(ctx context.Context) {
	c.server.Shutdown(ctx)
	c.Close()
}

// wall returns the time of day at a time of the run.
func (c *Cache) wall(t time.Duration) time.Time { return c.epoch.Add(t) }

// connect dials upstream.
func (c *Cache) connect(ctx context.Context, _, _ string) (net.Conn, error) {
	c.mu.Lock()
	c.dials++
	key := vtime.Key{A: transport.ID{}.ProxyKey().A | 1<<40, B: c.tier | c.dials}
	c.mu.Unlock()
	ctx, cancel := c.time.WithTimeout(ctx, key, c.cfg.ConnectTimeout)
	defer cancel()
	conn, err := c.dial(ctx, "tcp", c.upstream)
	if err != nil {
		return nil, fmt.Errorf("upstream: %w", err)
	}
	return conn, nil
}

// Write takes what net/http logs.
func (c *Cache) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.errors) < maxErrors {
		c.errors = append(c.errors, fmt.Sprintf("%v: %s", c.time.Now(), strings.TrimSpace(string(p))))
	}
	return len(p), nil
}

// maxErrors is how many of net/http's messages are kept.
const maxErrors = 1000

// Errors returns what net/http has logged.
func (c *Cache) Errors() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.errors
}

func (c *Cache) logger() *log.Logger { return log.New(c, "", 0) }

// buffers are what bodies are copied with. Large, so that what a Read returns
// depends on what has arrived and on nothing else.
type buffers struct{ pool sync.Pool }

const bufferSize = 64 << 10

// Get returns a buffer.
func (p *buffers) Get() []byte {
	if b, ok := p.pool.Get().(*[bufferSize]byte); ok {
		return b[:]
	}
	return make([]byte, bufferSize)
}

// Put takes it back.
func (p *buffers) Put(b []byte) { p.pool.Put((*[bufferSize]byte)(b)) }
