package balancer_test

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

	"protosim/model/balancer"
	"protosim/model/network"
	"protosim/model/random"
	"protosim/model/vtime"
)

// ground is where a test takes place: the simulated network, or this machine's
// own.
type ground interface {
	time() vtime.Time
	listen(host string) (l net.Listener, address string)
	dialFrom(host string) balancer.Dial
	brief() time.Duration // a timeout that is short and still never too short
}

// simulated is the simulated network.
type simulated struct {
	clock *vtime.Clock
	net   *network.Network
	port  int
}

func (s *simulated) time() vtime.Time     { return s.clock }
func (s *simulated) brief() time.Duration { return time.Second }
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

func (s *simulated) dialFrom(host string) balancer.Dial { return s.host(host).Dial }

// loopback is this machine's network.
type loopback struct{ real *vtime.Real }

func (l loopback) time() vtime.Time              { return l.real }
func (l loopback) brief() time.Duration          { return 300 * ms }
func (l loopback) dialFrom(string) balancer.Dial { return new(net.Dialer).DialContext }

func (l loopback) listen(string) (net.Listener, string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener, listener.Addr().String()
}

// stage is one test's balancer, with backends made of plain handlers.
type stage struct {
	ground
	t        testing.TB
	balancer *balancer.Balancer
	address  string
	backends []*actor
	ends     []func()
}

// actor is one backend.
type actor struct {
	balancer.Backend
	server   *http.Server
	listener net.Listener
	mu       sync.Mutex
	seen     []*http.Request // without bodies
}

// on puts a balancer before one backend for each handler.
func on(t testing.TB, g ground, cfg balancer.Config, handlers ...http.HandlerFunc) *stage {
	s := &stage{ground: g, t: t}
	var list []balancer.Backend
	for i, h := range handlers {
		list = append(list, s.act(fmt.Sprintf("www-%d", i+1), h).Backend)
	}
	s.balancer = balancer.New(g.time(), cfg, list, g.dialFrom("www"), random.New(1, "test"))
	l, address := g.listen("www")
	s.address = address
	go s.balancer.Serve(l)
	s.ends = append(s.ends, s.balancer.Close)
	return s
}

// act starts a backend.
func (s *stage) act(name string, h http.HandlerFunc) *actor {
	l, address := s.listen(name)
	a := &actor{Backend: balancer.Backend{Name: name, Address: address}, listener: l}
	a.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a.mu.Lock()
			a.seen = append(a.seen, r.Clone(context.Background()))
			a.mu.Unlock()
			w.Header().Set("Backend", name)
			if h != nil {
				h(w, r)
			}
		}),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go a.server.Serve(l)
	s.backends = append(s.backends, a)
	s.ends = append(s.ends, func() { a.server.Close() })
	return a
}

func (a *actor) requests() []*http.Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.seen)
}

// client returns a client of the balancer, with connections of its own.
func (s *stage) client(multiplexed bool) *http.Client {
	tr := &http.Transport{DialContext: s.dialFrom("client"), DisableCompression: true, Protocols: new(http.Protocols), MaxIdleConnsPerHost: 10}
	tr.Protocols.SetHTTP1(!multiplexed)
	tr.Protocols.SetUnencryptedHTTP2(multiplexed)
	s.ends = append(s.ends, tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *stage) url(path string) string { return "http://" + s.address + path }

// reply is a response and its body.
type reply struct {
	*http.Response
	body string
	err  error // of reading it
}

func (s *stage) do(c *http.Client, method, path, body string, headers ...string) reply {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url(path), strings.NewReader(body))
	must(err)
	if body == "" {
		r.Body = nil
	}
	for i := 0; i < len(headers); i += 2 {
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

// raw opens a connection to the balancer.
func (s *stage) raw() net.Conn {
	c, err := s.dialFrom("client")(context.Background(), "tcp", s.address)
	must(err)
	s.ends = append(s.ends, func() { c.Close() })
	return c
}

// ask sends bytes on a connection of their own and returns what comes back.
func (s *stage) ask(text string) string {
	c := s.raw()
	io.WriteString(c, text)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	data, _ := io.ReadAll(c)
	return string(data)
}

func (s *stage) sleep(d time.Duration) {
	s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, d)
}

// until waits for something to become true.
func (s *stage) until(what string, f func() bool) {
	s.t.Helper()
	for range 1000 {
		if f() {
			return
		}
		s.sleep(10 * ms)
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
	t.Run("simulated", func(t *testing.T) {
		err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
			f(t, &simulated{clock: clock, net: network.New(clock, network.TCP{}, 1), port: 1000})
			clock.Sleep(context.Background(), vtime.Key{}, 5*time.Minute) // connections close
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if canListen {
		t.Run("loopback", func(t *testing.T) { f(t, loopback{vtime.NewReal()}) })
	}
}

// simulation runs a test on the simulated network only: it makes hosts vanish,
// or takes long.
func simulation(t *testing.T, f func(g *simulated)) {
	t.Helper()
	err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
		f(&simulated{clock: clock, net: network.New(clock, network.TCP{}, 1), port: 1000})
		clock.Sleep(context.Background(), vtime.Key{}, 5*time.Minute)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
