package balancer_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"protosim/model/balancer"
	"protosim/model/network"
	"protosim/model/random"
	"protosim/model/secure"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

const (
	ms       = time.Millisecond
	patience = 5 * time.Minute
)

// rig is a world of clients, one balancer and several backends.
type rig struct {
	clock    *vtime.Clock
	net      *network.Network
	balancer *balancer.Balancer
	front    *network.Host
	backends []*backend
	clients  []*visitor
}

// setup says what a rig is made of.
type setup struct {
	cfg      balancer.Config
	strategy scenarios.Strategy
	backends int // default 3
	clients  int // default 1
	loss     float64
	tls      bool
	seed     uint64
	app      func(*backend) transport.App // default: echo
}

// backend is one server behind the balancer.
type backend struct {
	rig    *rig
	name   string
	host   *network.Host
	server *transport.Server
	app    transport.App

	mu     sync.Mutex
	served int
	seen   map[transport.ID]int
}

// visitor is one client.
type visitor struct {
	transport.Client
	rig     *rig
	number  uint32
	serial  uint32
	results results
}

// results counts how requests ended.
type results struct {
	mu     sync.Mutex
	status map[int]int
	failed int
	bytes  int
}

// play runs f in a world of its own, and returns the digest of the run.
func play(t testing.TB, s setup, f func(*rig)) string {
	t.Helper()
	digest := ""
	err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
		r := &rig{clock: clock, net: network.New(clock, network.TCP{}, s.seed+1)}
		r.build(t, s)
		f(r)
		r.close()
		digest = r.net.Digest()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func (r *rig) build(t testing.TB, s setup) {
	if s.backends == 0 {
		s.backends = 3
	}
	if s.clients == 0 {
		s.clients = 1
	}
	r.front = r.net.NewHost("www")
	var list []balancer.Backend
	for i := range s.backends {
		b := &backend{rig: r, name: fmt.Sprintf("www-%d", i+1), seen: map[transport.ID]int{}}
		b.app = b
		if s.app != nil {
			b.app = s.app(b)
		}
		b.host = r.net.NewHost(b.name)
		b.host.Up.Set(network.LinkConfig{Delay: ms / 4})
		b.host.Down.Set(network.LinkConfig{Delay: ms / 4})
		b.start(t)
		r.backends = append(r.backends, b)
		list = append(list, balancer.Backend{Name: b.name, Address: b.name + ":80"})
	}
	r.balancer = balancer.New(r.clock, s.cfg, list, r.front.Dial, random.New(s.seed, "balancer"))
	port := ":80"
	var authority *secure.Authority
	if s.tls {
		port = ":443"
	}
	l, err := r.front.Listen(port)
	if err != nil {
		t.Fatal(err)
	}
	var accept net.Listener = l
	if s.tls {
		if authority, err = secure.NewAuthority(3000); err != nil {
			t.Fatal(err)
		}
		config, err := authority.ServerConfig("www")
		if err != nil {
			t.Fatal(err)
		}
		accept = secure.Listener{Listener: l, Clock: r.clock, Config: config}
	}
	go r.balancer.Serve(accept)
	for i := range s.clients {
		h := r.net.NewHost(fmt.Sprintf("client-%d", i+1))
		link := network.LinkConfig{Delay: 20 * ms, Bandwidth: 20_000_000, Queue: 200_000, Loss: s.loss}
		h.Up.Set(link)
		h.Down.Set(link)
		o := transport.Options{Clock: r.clock, Host: h, Client: uint32(i), Connections: 6, Headers: 400, Seed: s.seed}
		if s.tls {
			o.TLS = &secure.Client{Clock: r.clock, Config: authority.ClientConfig(true, transport.Protocols(s.strategy)...), Tally: new(secure.Tally)}
		}
		strategy := s.strategy
		if strategy == "" {
			strategy = scenarios.HTTP1
		}
		r.clients = append(r.clients, &visitor{Client: transport.New(strategy, o), rig: r, number: uint32(i), results: results{status: map[int]int{}}})
	}
}

// start lets the backend's server run, again after a stop.
func (b *backend) start(t testing.TB) {
	l, err := b.host.Listen(":80")
	if err != nil {
		t.Fatal(err)
	}
	b.server = transport.Serve(b.rig.clock, l, b.app, 300, 1)
}

// Serve is the default application: it works for some milliseconds.
func (b *backend) Serve(ctx context.Context, r transport.Request) transport.Reply {
	b.mu.Lock()
	b.served++
	b.seen[r.ID]++
	b.mu.Unlock()
	draw := random.New(7, "service", uint64(r.ID.Client), uint64(r.ID.Serial))
	b.rig.clock.Sleep(ctx, r.ID.ServerKey(), time.Duration(draw.IntN(20))*ms)
	return transport.Reply{Status: http.StatusOK, Body: draw.IntN(40_000)}
}

// fetch does n requests at once and waits for them.
func (v *visitor) fetch(n int, method string, body int) {
	var pending sync.WaitGroup
	for range n {
		v.serial++
		req := transport.Request{ID: transport.ID{Client: v.number, Serial: v.serial}, Host: "www", Method: method, Path: fmt.Sprintf("/%d", v.serial), Body: body}
		pending.Add(1)
		v.rig.clock.Go(req.ID.ClientKey(), func() {
			defer pending.Done()
			// A reset that is lost leaves a client waiting for ever, if it does so.
			ctx, cancel := v.rig.clock.WithTimeout(v.rig.clock.Context(), req.ID.ClientKey(), patience)
			defer cancel()
			res, err := v.Do(ctx, req)
			v.results.add(res, err)
		})
	}
	pending.Wait()
}

func (r *results) add(res transport.Response, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failed++
		return
	}
	r.status[res.Status]++
	r.bytes += res.Body
}

// each runs f for every client at the same time.
func (r *rig) each(f func(*visitor)) {
	var all sync.WaitGroup
	for _, v := range r.clients {
		all.Add(1)
		r.clock.Go(transport.ID{Client: v.number}.ClientKey(), func() {
			defer all.Done()
			f(v)
		})
	}
	all.Wait()
}

// sleep lets time pass.
func (r *rig) sleep(d time.Duration) {
	r.clock.Sleep(context.Background(), vtime.Key{A: 1 << 50}, d)
}

// onConductor runs f as an event.
func (r *rig) onConductor(f func()) {
	done := make(chan struct{})
	r.clock.Post(vtime.Key{}, vtime.Func(func() { r.clock.Wake(0, vtime.Func(func() { f(); close(done) })) }))
	<-done
}

func (r *rig) close() {
	for _, v := range r.clients {
		v.Close()
	}
	r.sleep(time.Second)
	r.balancer.Close()
	for _, b := range r.backends {
		b.server.Close()
	}
	r.sleep(time.Second)
}
