package cache_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"protosim/model/cache"
	"protosim/model/network"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// With collapsing a stampede is one request to the origin; without, it is many.
func TestCollapse(t *testing.T) {
	for _, collapse := range []bool{true, false} {
		simulation(t, func(g *simulated) {
			s := on(t, g, cache.Config{Collapse: collapse}, func(w http.ResponseWriter, r *http.Request) {
				g.clock.Sleep(r.Context(), vtime.Key{A: 1 << 51}, 500*ms)
				w.Header().Set("Cache-Control", "max-age=60")
				w.Write(bytes.Repeat([]byte("x"), 200_000))
			})
			defer s.close()
			var all sync.WaitGroup
			c := s.client(false)
			for range 20 {
				all.Go(func() {
					if res := s.do(c, "GET", "/", ""); len(res.body) != 200_000 || res.err != nil {
						t.Errorf("%d bytes, %v", len(res.body), res.err)
					}
				})
			}
			all.Wait()
			want := 20
			if collapse {
				want = 1
			}
			if n := len(s.requests()); n != want {
				t.Errorf("collapse %v: %d requests, expected %d: %+v", collapse, n, want, s.cache.Stats())
			}
		})
	}
}

// Edges before a shield: the origin is asked once.
func TestShield(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{Name: "shield"}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, "x")
		})
		defer s.close()
		shield := s.address
		for i := range 3 {
			_, s.address = s.mount(fmt.Sprintf("edge-%d", i), cache.Config{Name: fmt.Sprintf("edge-%d", i)}, shield)
			res := s.do(s.client(false), "GET", "/", "", "Host", "www")
			if n := len(res.Header["Cache-Status"]); n != 2 || res.body != "x" {
				t.Errorf("%q, %q", res.body, res.Header["Cache-Status"])
			}
		}
		if n := len(s.requests()); n != 1 {
			t.Errorf("the origin was asked %d times", n)
		}
	})
}

// Large bodies, trailers and methods get through, with HTTP/1.1 and HTTP/2,
// and twice as fast from the store.
func TestForwarding(t *testing.T) {
	large := strings.Repeat("0123456789", 50_000)
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{Collapse: true, MaxObject: 700_000}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			if r.URL.Path == "/trailer" {
				w.Header().Set("Trailer", "Sum")
				io.WriteString(w, "body")
				w.Header().Set("Sum", "abc")
				return
			}
			if r.URL.Path == "/hints" {
				w.Header().Set("Link", "</a>")
				w.WriteHeader(103)
				w.Header().Del("Link")
			}
			if r.URL.Path == "/huge" {
				io.WriteString(w, large)
			}
			body, _ := io.ReadAll(r.Body)
			w.Write(body)
			io.WriteString(w, large)
		})
		defer s.close()
		for _, multiplexed := range []bool{false, true} {
			c := s.client(multiplexed)
			for range 2 {
				for _, path := range []string{"/large", "/hints"} {
					if res := s.do(c, "GET", path, ""); res.body != large || res.err != nil {
						t.Errorf("%s: %d bytes, %v", path, len(res.body), res.err)
					}
				}
				if res := s.do(c, "GET", "/huge", ""); len(res.body) != 2*len(large) || res.err != nil {
					t.Errorf("huge: %d bytes, %v", len(res.body), res.err)
				}
				if res := s.do(c, "GET", "/trailer", ""); res.body != "body" || res.Trailer.Get("Sum") != "abc" {
					t.Errorf("%q, trailer %v, %v", res.body, res.Trailer, res.err)
				}
			}
			if res := s.do(c, "POST", "/post", large); len(res.body) != 2*len(large) || res.err != nil {
				t.Errorf("POST: %d bytes, %v", len(res.body), res.err)
			}
		}
		if stats := s.cache.Stats(); stats.Stored != 3 || stats.UpstreamErrors != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

// An upgraded connection is handed through, and gains nothing.
func TestUpgrade(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
			c, rw, err := http.NewResponseController(w).Hijack()
			must(err)
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			io.Copy(c, rw)
			c.Close()
		})
		defer s.close()
		c := s.raw(s.address)
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		buf, got := make([]byte, 4096), ""
		for !strings.HasSuffix(got, "\r\n\r\n") {
			n, err := c.Read(buf)
			must(err)
			got += string(buf[:n])
		}
		io.WriteString(c, "hello")
		n, err := io.ReadFull(c, buf[:5])
		if string(buf[:n]) != "hello" || !strings.HasPrefix(got, "HTTP/1.1 101") {
			t.Errorf("%q, %q, %v", got, buf[:n], err)
		}
		c.Close()
		s.until("counted", func() bool { return s.cache.Stats().BytesUpgraded == 10 })
		if stats := s.cache.Stats(); stats.Upgrades != 1 || stats.Stored != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

// app answers after some time.
type app struct{ clock *vtime.Clock }

func (a app) Serve(ctx context.Context, r transport.Request) transport.Reply {
	a.clock.Sleep(ctx, r.ID.ServerKey(), 20*ms)
	return transport.Reply{Status: 200, Body: 30_000}
}

// A run is the same on each of its repetitions, whatever the number of cores.
func TestDigests(t *testing.T) {
	for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2, scenarios.WebSocket} {
		t.Run(string(strategy), func(t *testing.T) {
			want := ""
			for _, n := range []int{1, 2, 8, 8} {
				old := runtime.GOMAXPROCS(n)
				got := digest(t, strategy)
				runtime.GOMAXPROCS(old)
				if want == "" {
					want = got
				}
				if got != want {
					t.Fatalf("at GOMAXPROCS %d it is %s, and was %s", n, got, want)
				}
			}
		})
	}
}

// digest plays clients that ask two edges before a shield for the same.
func digest(t *testing.T, strategy scenarios.Strategy) (digest string) {
	simulation(t, func(g *simulated) {
		l, address := g.listen("origin")
		origin := transport.Serve(g.clock, l, app{g.clock}, 400, 1)
		s := &stage{ground: g, t: t}
		shield, address := s.mount("shield", cache.Config{Name: "shield", Collapse: true, IgnoreClient: true}, address)
		var edges []string
		for i := range 2 {
			name := fmt.Sprintf("edge-%d", i)
			c := cache.New(g.clock, cache.Config{Name: name, Collapse: true, IgnoreClient: true, Memory: 400_000}, address, g.host(name).Dial)
			l, err := g.host(name).Listen(":80")
			must(err)
			go c.Serve(l)
			s.ends = append(s.ends, c.Close)
			edges = append(edges, name)
		}
		var all sync.WaitGroup
		var clients []transport.Client
		for i := range 4 {
			h := g.net.NewHost(fmt.Sprintf("client-%d", i))
			link := network.LinkConfig{Delay: 20 * ms, Bandwidth: 20_000_000, Queue: 200_000, Loss: .01}
			h.Up.Set(link)
			h.Down.Set(link)
			c := transport.New(strategy, transport.Options{Clock: g.clock, Host: h, Client: uint32(i), Connections: 6, Headers: 400, Seed: 1})
			clients = append(clients, c)
			for n := range 20 {
				r := transport.Request{ID: transport.ID{Client: uint32(i), Serial: uint32(n + 1)}, Host: edges[i%2], Method: "GET", Path: fmt.Sprintf("/%d", n)}
				all.Add(1)
				g.clock.Go(r.ID.ClientKey(), func() {
					defer all.Done()
					if res, err := c.Do(g.clock.Context(), r); err != nil || res.Status != 200 || res.Body != 30_000 {
						t.Errorf("%+v, %v", res, err)
					}
				})
			}
		}
		all.Wait()
		for _, c := range clients {
			c.Close()
		}
		s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, 1000*ms)
		if strategy != scenarios.WebSocket && shield.Stats().Stored != 40 {
			t.Errorf("%+v", shield.Stats())
		}
		s.close()
		origin.Close()
		s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, 1000*ms)
		digest = g.net.Digest()
	})
	return digest
}
