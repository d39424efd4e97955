package cache_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// Who answers while it is being told gets all of what it is told.
func TestResponseBeforeTheEndOfItsRequest(t *testing.T) {
	large := strings.Repeat("0123456789", 200_000)
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
			must(http.NewResponseController(w).EnableFullDuplex())
			io.Copy(w, r.Body)
		})
		defer s.close()
		for _, multiplexed := range []bool{false, true} {
			if res := s.do(s.client(multiplexed), "POST", "/", large); res.body != large || res.err != nil {
				t.Errorf("HTTP/2 %v: %d of %d bytes, %v", multiplexed, len(res.body), len(large), res.err)
			}
		}
	})
}

// switcher becomes an echo at once.
func switcher(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		w.Header().Set("Cache-Control", "max-age=60")
		io.WriteString(w, "plain")
		return
	}
	c, rw, err := http.NewResponseController(w).Hijack()
	must(err)
	io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+r.Header.Get("Upgrade")+"\r\n\r\n")
	io.Copy(c, rw)
	c.Close()
}

// upgrade opens a WebSocket, as far as a proxy can tell.
func (s *stage) upgrade() (net.Conn, *bufio.Reader) {
	c := s.raw(s.address)
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n")
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	must(err)
	if res.StatusCode != http.StatusSwitchingProtocols {
		s.t.Errorf("status %d", res.StatusCode)
	}
	return c, r
}

// An upgraded connection is handed through, and gains nothing.
func TestUpgrade(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, switcher)
		defer s.close()
		c, r := s.upgrade()
		io.WriteString(c, "hello")
		got := make([]byte, 5)
		if _, err := io.ReadFull(r, got); string(got) != "hello" {
			t.Errorf("%q, %v", got, err)
		}
		c.Close()
		s.until("counted", func() bool { return s.cache.Stats().BytesUpgraded == 10 })
		if stats := s.cache.Stats(); stats.Upgrades != 1 || stats.Stored != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

// A tunnel in which nothing moves is closed; one in which something does is not.
func TestIdleTunnel(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{IdleTimeout: 200 * ms}, switcher)
		defer s.close()
		c, r := s.upgrade()
		for range 6 {
			s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, 50*ms)
			io.WriteString(c, "x")
			if _, err := r.ReadByte(); err != nil {
				t.Errorf("closed although something moved: %v", err)
				return
			}
		}
		if _, err := r.ReadByte(); err == nil {
			t.Error("read something")
		}
		if stats := s.cache.Stats(); stats.IdleClosed != 1 {
			t.Errorf("%+v", stats)
		}
	})
}

// Nothing is switched but a GET to a WebSocket: other requests are answered as
// if they had no Upgrade, so that methods that change something invalidate, and
// no requests get past the cache in a tunnel.
func TestOtherUpgrades(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, switcher)
		defer s.close()
		c := s.client(false)
		s.do(c, "GET", "/", "")
		for _, protocol := range []string{"h2c", "HTTP/2.0", "echo", "websocket, h2c", "TLS/1.0"} {
			if res := s.do(c, "GET", "/", "", "Connection", "Upgrade, HTTP2-Settings", "Upgrade", protocol, "HTTP2-Settings", "AAMAAABkAAQAAP__"); res.StatusCode != 200 || res.body != "plain" || !strings.Contains(res.Header.Get("Cache-Status"), "hit") {
				t.Errorf("%s: %d %q %v", protocol, res.StatusCode, res.body, res.Header)
			}
		}
		s.do(c, "POST", "/", "x", "Connection", "Upgrade", "Upgrade", "websocket")
		if res := s.do(c, "GET", "/", ""); !strings.Contains(res.Header.Get("Cache-Status"), "uri-miss") {
			t.Errorf("POST with Upgrade has not invalidated: %v", res.Header)
		}
		for _, r := range s.requests() {
			if r.Header.Get("Upgrade")+r.Header.Get("HTTP2-Settings") != "" {
				t.Errorf("%s went on with %v", r.Method, r.Header)
			}
		}
	})
}

// What changes while it is fetched is not stored, whoever fetches it, with
// collapsing and without.
func TestInvalidationDuringFetches(t *testing.T) {
	for _, collapse := range []bool{false, true} {
		for name, change := range map[string]func(*stage){
			"POST":       func(s *stage) { s.do(s.client(false), "POST", "/", "x", "Host", "www") },
			"purge":      func(s *stage) { s.cache.Purge() },
			"purge path": func(s *stage) { s.cache.Purge("/") },
			"purge URI":  func(s *stage) { s.cache.Purge("http://WWW/") },
		} {
			simulation(t, func(g *simulated) {
				var serial, version atomic.Uint64
				version.Store(1)
				s := on(t, g, cache.Config{Collapse: collapse}, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Cache-Control", "max-age=60")
					body := fmt.Sprint(version.Load())
					if r.Method == "GET" {
						g.clock.Sleep(r.Context(), vtime.Key{A: 1 << 51, B: serial.Add(1)}, 500*ms)
					}
					io.WriteString(w, body)
				})
				defer s.close()
				var all sync.WaitGroup
				for i := range 3 {
					c := s.client(false)
					all.Go(func() {
						s.do(c, "GET", "/", "", "Host", "www", "Cookie", fmt.Sprint(i), "Authorization", "x"[:i/2])
					})
				}
				s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, 200*ms)
				version.Store(2)
				change(s)
				all.Wait()
				if res := s.do(s.client(false), "GET", "/", "", "Host", "www"); res.body != "2" {
					t.Errorf("%s, collapse %v: served what was fetched before: %v", name, collapse, res.Header)
				}
			})
		}
	}
}

// Those who wait for a response get nothing of one that turns out to be for one
// user, be it new or by a 304.
func TestNothingPersonalForThoseWhoWait(t *testing.T) {
	for _, personal := range []string{"Cache-Control: private, max-age=60", "Cache-Control: no-store", "Vary: *", "Set-Cookie: a=b"} {
		for _, status := range []int{200, 304} {
			simulation(t, func(g *simulated) {
				var asked atomic.Uint64
				s := on(t, g, cache.Config{Collapse: true}, func(w http.ResponseWriter, r *http.Request) {
					n := asked.Add(1)
					w.Header().Set("Etag", `"a"`)
					w.Header().Set("Cache-Control", "max-age=60")
					if r.URL.Path == "/" && n > 1 {
						w.Header().Set("X-User", fmt.Sprint(n))
						name, value, _ := strings.Cut(personal, ": ")
						w.Header().Set(name, value)
						g.clock.Sleep(r.Context(), vtime.Key{A: 1 << 51, B: n}, 500*ms)
						if r.Header.Get("If-None-Match") != "" {
							w.WriteHeader(status)
						}
					}
				})
				defer s.close()
				s.do(s.client(false), "GET", "/", "")
				s.sleep(61 * second)
				var all sync.WaitGroup
				users := make([]string, 5)
				for i := range users {
					c := s.client(false)
					all.Go(func() { users[i] = s.do(c, "GET", "/", "").Header.Get("X-User") })
				}
				all.Wait()
				slices.Sort(users)
				if len(slices.Compact(slices.Clone(users))) != len(users) || users[0] == "" {
					t.Errorf("%d with %s: users got what was for %q", status, personal, users)
				}
			})
		}
	}
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
