package cache_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"protosim/model/cache"
	"protosim/model/network"
	"protosim/model/vtime"
)

const ms = time.Millisecond

// ground is where a test takes place: the simulated network, or this machine's
// own.
type ground interface {
	time() vtime.Time
	listen(host string) (l net.Listener, address string)
	dialFrom(host string) cache.Dial
}

// simulated is the simulated network.
type simulated struct {
	clock *vtime.Clock
	net   *network.Network
	port  int
}

func (s *simulated) time() vtime.Time { return s.clock }
func (s *simulated) host(name string) *network.Host {
	if h := s.net.Host(name); h != nil {
		return h
	}
	h := s.net.NewHost(name)
	h.Up.Set(network.LinkConfig{Delay: 2 * ms})
	h.Down.Set(network.LinkConfig{Delay: 2 * ms, Bandwidth: 100_000_000, Queue: 1_000_000})
	return h
}

func (s *simulated) listen(host string) (net.Listener, string) {
	s.port++
	l, err := s.host(host).Listen(fmt.Sprintf(":%d", s.port))
	must(err)
	return l, fmt.Sprintf("%s:%d", host, s.port)
}

func (s *simulated) dialFrom(host string) cache.Dial { return s.host(host).Dial }

// shifted is the machine's time, which a test can move ahead.
type shifted struct {
	*vtime.Real
	mu    sync.Mutex
	ahead time.Duration
}

func (s *shifted) Now() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Real.Now() + s.ahead
}

// loopback is this machine's network.
type loopback struct{ clock *shifted }

func (l loopback) time() vtime.Time           { return l.clock }
func (l loopback) dialFrom(string) cache.Dial { return new(net.Dialer).DialContext }
func (l loopback) listen(string) (net.Listener, string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener, listener.Addr().String()
}

// stage is one test's cache, before an origin made of a plain handler.
type stage struct {
	ground
	t       testing.TB
	cache   *cache.Cache
	address string
	origin  string
	began   time.Time
	ends    []func()

	mu   sync.Mutex
	seen []*http.Request // by the origin, without bodies
}

// on puts a cache before an origin.
func on(t testing.TB, g ground, cfg cache.Config, origin http.HandlerFunc) *stage {
	s := &stage{ground: g, t: t, began: time.Now().Add(-g.time().Now())}
	l, address := s.listen("origin")
	s.origin = address
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r.Clone(context.Background()))
		s.mu.Unlock()
		origin(w, r)
	})}
	go server.Serve(l)
	s.ends = append(s.ends, func() { server.Close() })
	s.cache, s.address = s.mount("edge", cfg, address)
	return s
}

// mount starts a cache.
func (s *stage) mount(host string, cfg cache.Config, upstream string) (*cache.Cache, string) {
	c := cache.New(s.time(), cfg, upstream, s.dialFrom(host))
	l, address := s.listen(host)
	go c.Serve(l)
	s.ends = append(s.ends, c.Close)
	return c, address
}

// requests returns what the origin has seen.
func (s *stage) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// client returns a client with connections of its own.
func (s *stage) client(multiplexed bool) *http.Client {
	tr := &http.Transport{DialContext: s.dialFrom("client"), DisableCompression: true, Protocols: new(http.Protocols), MaxIdleConnsPerHost: 10}
	tr.Protocols.SetHTTP1(!multiplexed)
	tr.Protocols.SetUnencryptedHTTP2(multiplexed)
	s.ends = append(s.ends, tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// reply is a response and its body.
type reply struct {
	*http.Response
	body string
	err  error
}

func (s *stage) do(c *http.Client, method, path, body string, headers ...string) reply {
	s.t.Helper()
	r, err := http.NewRequest(method, "http://"+s.address+path, strings.NewReader(body))
	must(err)
	if body == "" {
		r.Body = nil
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	res, err := c.Do(r)
	if err != nil {
		return reply{&http.Response{Header: http.Header{}}, "", err}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return reply{res, string(data), err}
}

// raw opens a connection to an address.
func (s *stage) raw(address string) net.Conn {
	c, err := s.dialFrom("client")(context.Background(), "tcp", address)
	must(err)
	s.ends = append(s.ends, func() { c.Close() })
	return c
}

// ask sends bytes on a connection of their own and returns what comes back.
func (s *stage) ask(text string) string {
	c := s.raw(s.address)
	io.WriteString(c, text)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	data, _ := io.ReadAll(c)
	return string(data)
}

// sleep lets time pass. On loopback it is the cache's clock that moves.
func (s *stage) sleep(d time.Duration) {
	if l, ok := s.ground.(loopback); ok {
		l.clock.mu.Lock()
		l.clock.ahead += d
		l.clock.mu.Unlock()
		return
	}
	s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, d)
}

// until waits for something to become true.
func (s *stage) until(what string, f func() bool) {
	s.t.Helper()
	for range 400 {
		if f() {
			return
		}
		s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, 5*ms)
	}
	s.t.Errorf("in vain: %s", what)
}

func (s *stage) close() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// everywhere runs a test on both grounds.
func everywhere(t *testing.T, f func(t *testing.T, g ground)) {
	t.Run("simulated", func(t *testing.T) { simulation(t, func(g *simulated) { f(t, g) }) })
	if canListen {
		t.Run("loopback", func(t *testing.T) { f(t, loopback{&shifted{Real: vtime.NewReal()}}) })
	}
}

// simulation runs a test on the simulated network only.
func simulation(t *testing.T, f func(g *simulated)) {
	t.Helper()
	err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
		f(&simulated{clock: clock, net: network.New(clock, network.TCP{}, 1), port: 1000})
		clock.Sleep(context.Background(), vtime.Key{}, 5*time.Minute) // connections close
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
