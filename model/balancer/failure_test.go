package balancer_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"protosim/model/balancer"
)

// dies breaks the connection off without an answer.
func dies(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	panic(http.ErrAbortHandler)
}

func never(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// stop ends a backend, even if its server has not yet begun to serve.
func (s *stage) stop(i int) {
	s.backends[i].listener.Close()
	s.backends[i].server.Close()
}

func TestBadGateway(t *testing.T) {
	both(t, balancer.Config{}, func(s *stage, c *http.Client) {
		if res := s.do(c, "GET", "/", ""); res.StatusCode != 502 {
			s.t.Errorf("the only backend breaks off: %d %v", res.StatusCode, res.err)
		}
		s.stop(0)
		if res := s.do(c, "GET", "/", ""); res.StatusCode != 502 {
			s.t.Errorf("it refuses: %d %v", res.StatusCode, res.err)
		}
		if stats := s.balancer.Stats(); stats.BadGateway != 2 || stats.Backends[0].Failures != 2 {
			s.t.Errorf("stats %+v", stats)
		}
	}, dies)
}

func TestUnavailable(t *testing.T) {
	both(t, balancer.Config{}, func(s *stage, c *http.Client) {
		s.balancer.SetDown("www-1", true)
		if res := s.do(c, "GET", "/", ""); res.StatusCode != 503 {
			s.t.Errorf("down: %d %v", res.StatusCode, res.err)
		}
		s.balancer.SetDown("www-1", false)
		if res := s.do(c, "GET", "/", ""); res.StatusCode != 200 {
			s.t.Errorf("up again: %d %v", res.StatusCode, res.err)
		}
		s.balancer.Remove("www-1")
		if res := s.do(c, "GET", "/", ""); res.StatusCode != 503 {
			s.t.Errorf("removed: %d %v", res.StatusCode, res.err)
		}
		s.balancer.Add(s.backends[0].Backend)
		if res := s.do(c, "GET", "/", ""); res.StatusCode != 200 {
			s.t.Errorf("added again: %d %v", res.StatusCode, res.err)
		}
		if stats := s.balancer.Stats(); stats.Unavailable != 2 {
			s.t.Errorf("stats %+v", stats)
		}
	}, ok)
}

func TestGatewayTimeout(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, balancer.Config{IdleTimeout: g.brief()}, never)
		defer s.close()
		began := g.time().Now()
		if res := s.do(s.client(false), "GET", "/", ""); res.StatusCode != 504 {
			t.Errorf("%d %v", res.StatusCode, res.err)
		}
		if _, simulated := g.(*simulated); simulated {
			if took := g.time().Now() - began; took < g.brief() || took > g.brief()+50*ms {
				t.Errorf("after %v, expected %v", took, g.brief())
			}
		}
		if stats := s.balancer.Stats(); stats.GatewayTimeout != 1 || stats.Backends[0].Active != 0 {
			t.Errorf("stats %+v", stats)
		}
	})
}

// Every try is watched, and what follows on one that succeeds.
func TestGatewayTimeoutOfTheNextTry(t *testing.T) {
	simulation(t, func(g *simulated) {
		s := on(t, g, balancer.Config{IdleTimeout: g.brief()}, never, never)
		defer s.close()
		began := g.time().Now()
		res := s.do(s.client(false), "GET", "/", "")
		if took := g.time().Now() - began; res.StatusCode != 504 || took < 2*g.brief() || took > 2*g.brief()+50*ms {
			t.Errorf("%d %v after %v, expected 504 after %v", res.StatusCode, res.err, took, 2*g.brief())
		}
		if stats := s.balancer.Stats(); stats.GatewayTimeout != 1 || stats.Retries != 1 {
			t.Errorf("stats %+v", stats)
		}
	})
	simulation(t, func(g *simulated) {
		s := on(t, g, balancer.Config{IdleTimeout: g.brief()}, never, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "begun")
			http.NewResponseController(w).Flush()
			never(w, r)
		})
		defer s.close()
		began := g.time().Now()
		res := s.do(s.client(false), "GET", "/", "")
		if took := g.time().Now() - began; res.StatusCode != 200 || res.err == nil || took > 2*g.brief()+50*ms {
			t.Errorf("%d %v after %v, expected a response that ends early after %v", res.StatusCode, res.err, took, 2*g.brief())
		}
	})
}

// A host that has vanished does not answer a SYN.
func TestConnectTimeout(t *testing.T) {
	simulation(t, func(g *simulated) {
		s := on(t, g, balancer.Config{ConnectTimeout: 5 * time.Second}, ok, ok)
		defer s.close()
		g.net.Host("www-1").Vanish()
		c := s.client(false)
		if res := s.do(c, "POST", "/", "x"); res.StatusCode != 200 || res.Header.Get("Backend") != "www-2" {
			t.Errorf("%d %v %v: nothing was sent, another backend could have it", res.StatusCode, res.Header, res.err)
		}
		g.net.Host("www-2").Vanish()
		if res := s.do(s.client(false), "GET", "/", ""); res.StatusCode != 504 {
			t.Errorf("%d %v", res.StatusCode, res.err)
		}
		g.net.Host("www-1").Return()
		g.net.Host("www-2").Return()
	})
}

// A client that announces a body and does not send it.
func TestRequestTimeout(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, balancer.Config{IdleTimeout: g.brief()}, echo)
		defer s.close()
		if got := s.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"); !strings.HasPrefix(got, "HTTP/1.1 408") {
			t.Errorf("%q", got)
		}
		if stats := s.balancer.Stats(); stats.BadRequest != 1 || stats.Backends[0].Failures != 0 {
			t.Errorf("stats %+v", stats)
		}
	})
}

// What is idempotent goes to another backend; what is not goes nowhere twice.
func TestRetries(t *testing.T) {
	for _, try := range []struct {
		name, method, body, header string
		status                     int
	}{
		{"GET", "GET", "", "", 200},
		{"HEAD", "HEAD", "", "", 200},
		{"POST", "POST", "", "", 502},
		{"POST with a body", "POST", "body", "", 502},
		{"PUT with a body", "PUT", "body", "", 502},
		{"POST with a key", "POST", "", "Idempotency-Key", 200},
		{"DELETE", "DELETE", "", "", 502},
	} {
		t.Run(try.name, func(t *testing.T) {
			both(t, balancer.Config{}, func(s *stage, c *http.Client) {
				var headers []string
				if try.header != "" {
					headers = []string{try.header, "1"}
				}
				if res := s.do(c, try.method, "/", try.body, headers...); res.StatusCode != try.status {
					s.t.Errorf("%d %v, expected %d", res.StatusCode, res.err, try.status)
				}
				want := 0
				if try.status == 200 {
					want = 1
				}
				stats := s.balancer.Stats()
				if len(s.backends[0].requests()) != 1 || len(s.backends[1].requests()) != want || stats.Retries != want || stats.Backends[0].Failures != 1 {
					s.t.Errorf("requests %d and %d, stats %+v", len(s.backends[0].requests()), len(s.backends[1].requests()), stats)
				}
			}, dies, ok)
		})
	}
}

// Where a backend refuses the connection, nothing was sent, and any request
// may go to another.
func TestRefusedIsNotSent(t *testing.T) {
	both(t, balancer.Config{}, func(s *stage, c *http.Client) {
		s.stop(0)
		if res := s.do(c, "POST", "/", "body"); res.StatusCode != 200 || res.body != "body" {
			s.t.Errorf("%d %q %v", res.StatusCode, res.body, res.err)
		}
		// A kept connection of a backend that has gone: it may have been sent.
		if res := s.do(c, "POST", "/", "again"); res.StatusCode != 200 || res.body != "again" {
			s.t.Errorf("%d %q %v", res.StatusCode, res.body, res.err)
		}
	}, echo, echo)
}

func TestNoRetries(t *testing.T) {
	both(t, balancer.Config{Retries: -1}, func(s *stage, c *http.Client) {
		if res := s.do(c, "GET", "/", ""); res.StatusCode != 502 || s.balancer.Stats().Retries != 0 {
			s.t.Errorf("%d %v", res.StatusCode, res.err)
		}
	}, dies, ok)
}

func TestAffinityCookie(t *testing.T) {
	both(t, balancer.Config{Affinity: balancer.ByCookie, Cookie: "stick"}, func(s *stage, c *http.Client) {
		first := s.do(c, "GET", "/", "")
		cookies := first.Cookies()
		if len(cookies) != 1 || cookies[0].Name != "stick" || strings.Contains(cookies[0].Value, "www") {
			s.t.Errorf("cookies %v", cookies)
			return
		}
		at := first.Header.Get("Backend")
		cookie := "stick=" + cookies[0].Value
		for range 5 {
			res := s.do(c, "GET", "/", "", "Cookie", "a=b; "+cookie)
			if res.Header.Get("Backend") != at || len(res.Cookies()) != 0 {
				s.t.Errorf("went to %s with %v, expected %s", res.Header.Get("Backend"), res.Cookies(), at)
			}
		}
		s.balancer.SetDown(at, true) // a cookie that names a dead backend is replaced
		res := s.do(c, "GET", "/", "", "Cookie", cookie)
		if res.StatusCode != 200 || res.Header.Get("Backend") == at || len(res.Cookies()) != 1 || res.Cookies()[0].Value == cookies[0].Value {
			s.t.Errorf("%d at %s with %v", res.StatusCode, res.Header.Get("Backend"), res.Cookies())
		}
		if res := s.do(c, "GET", "/", "", "Cookie", "stick=nonsense"); len(res.Cookies()) != 1 {
			s.t.Errorf("nonsense is not replaced: %v", res.Header)
		}
	}, ok, ok, ok)
}

func TestAffinitySource(t *testing.T) {
	for _, kind := range []balancer.Kind{balancer.L7, balancer.L4} {
		simulation(t, func(g *simulated) {
			s := on(t, g, balancer.Config{Kind: kind, Affinity: balancer.BySource}, ok, ok, ok)
			defer s.close()
			used := map[string]bool{}
			for i := range 12 {
				at := ""
				for range 3 {
					tr := &http.Transport{DialContext: g.dialFrom(fmt.Sprintf("client-%d", i)), DisableKeepAlives: true}
					res := s.do(&http.Client{Transport: tr}, "GET", "/", "")
					if b := res.Header.Get("Backend"); at != "" && b != at {
						t.Errorf("%s: client %d went to %s and %s", kind, i, at, b)
					} else {
						at = b
					}
				}
				used[at] = true
			}
			if len(used) != 3 {
				t.Errorf("%s: all went to %v", kind, used)
			}
		})
	}
}

// switcher answers an upgrade to a protocol that echoes lines.
func switcher(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "lines" {
		w.Header().Set("Upgrade", "lines")
		w.WriteHeader(http.StatusUpgradeRequired)
		return
	}
	c, rw, err := http.NewResponseController(w).Hijack()
	must(err)
	defer c.Close()
	io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\n")
	for {
		line, err := rw.ReadString('\n')
		if err != nil {
			return
		}
		io.WriteString(c, line)
	}
}

// upgrade switches a connection, and returns its status and what reads it.
func (s *stage) upgrade() (io.ReadWriteCloser, *bufio.Reader, int) {
	c := s.raw()
	io.WriteString(c, "GET /lines HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\n")
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	must(err)
	return c, r, res.StatusCode
}

func TestUpgradeOnlyWhenAsked(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, balancer.Config{}, switcher)
		defer s.close()
		if _, _, status := s.upgrade(); status != http.StatusUpgradeRequired {
			t.Errorf("status %d", status)
		}
		if stats := s.balancer.Stats(); stats.UpgradesRefused != 1 || stats.UpgradesForwarded != 0 {
			t.Errorf("stats %+v", stats)
		}
	})
}

func TestUpgrade(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, balancer.Config{Upgrade: true}, switcher)
		defer s.close()
		c, r, status := s.upgrade()
		if status != http.StatusSwitchingProtocols {
			t.Errorf("status %d", status)
			return
		}
		for _, line := range []string{"one\n", strings.Repeat("long", 50_000) + "\n"} {
			io.WriteString(c, line)
			if got, err := r.ReadString('\n'); got != line || err != nil {
				t.Errorf("%d bytes came back of %d, %v", len(got), len(line), err)
			}
		}
		if stats := s.balancer.Stats(); stats.UpgradesForwarded != 1 || stats.Backends[0].Active != 1 || stats.Connections != 1 {
			t.Errorf("stats %+v", stats)
		}
		c.Close()
		s.until("the balancer forgets it", func() bool {
			stats := s.balancer.Stats()
			return stats.Connections == 0 && stats.Backends[0].Active == 0 && stats.Backends[0].Connections == 0
		})
	})
}

// Nothing moves: closed. Something moves in either direction: not.
func TestUpgradedIdle(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, balancer.Config{Upgrade: true, IdleTimeout: g.brief()}, switcher)
		defer s.close()
		c, r, _ := s.upgrade()
		for range 6 {
			s.sleep(g.brief() / 2)
			io.WriteString(c, "still here\n")
			if _, err := r.ReadString('\n'); err != nil {
				t.Errorf("closed although something moved: %v", err)
				return
			}
		}
		began := g.time().Now()
		if _, err := r.ReadByte(); err == nil {
			t.Error("read something")
		}
		if took := g.time().Now() - began; took < g.brief()*9/10 {
			t.Errorf("closed after %v, expected %v", took, g.brief())
		}
		if stats := s.balancer.Stats(); stats.IdleClosed != 1 {
			t.Errorf("stats %+v", stats)
		}
	})
}

// A draining backend gets nothing new; what it has may finish, and is cut at
// the deadline.
func TestDrain(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		release := make(chan struct{})
		slow := func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/slow":
				<-release
			case "/never":
				<-r.Context().Done()
			case "/lines":
				switcher(w, r)
			}
		}
		s := on(t, g, balancer.Config{Upgrade: true, Affinity: balancer.ByCookie, Retries: -1}, slow, slow)
		defer s.close()
		results := make(chan reply, 2)
		for _, path := range []string{"/slow", "/never"} { // in turn to 1 and 2
			go func() { results <- s.do(s.client(false), "GET", path, "") }()
			s.until("it is there", func() bool {
				return len(s.backends[0].requests())+len(s.backends[1].requests()) >= map[string]int{"/slow": 1, "/never": 2}[path]
			})
		}
		_, socket, _ := s.upgrade() // to 1
		first := s.balancer.Drain("www-1", 2*g.brief())
		second := s.balancer.Drain("www-2", g.brief())
		if res := s.do(s.client(false), "GET", "/", ""); res.StatusCode != 503 {
			t.Errorf("something new: %d %v", res.StatusCode, res.err)
		}
		<-second // the deadline
		if res := <-results; res.StatusCode != 502 {
			t.Errorf("what was under way at the deadline: %d %v", res.StatusCode, res.err)
		}
		close(release)
		if res := <-results; res.StatusCode != 200 {
			t.Errorf("what finished in time: %d %v", res.StatusCode, res.err)
		}
		if _, err := socket.ReadByte(); err == nil {
			t.Error("the socket said something")
		}
		<-first
		s.balancer.Add(s.backends[0].Backend)
		if res := s.do(s.client(false), "GET", "/", ""); res.StatusCode != 200 {
			t.Errorf("back in service: %d %v", res.StatusCode, res.err)
		}
	})
}

// Failures of real requests take a backend out for a while.
func TestPassiveCheck(t *testing.T) {
	simulation(t, func(g *simulated) {
		s := on(t, g, balancer.Config{Health: balancer.HealthConfig{MaxFails: 2, FailTimeout: 10 * time.Second}}, dies, ok)
		defer s.close()
		c := s.client(false)
		for range 10 {
			if res := s.do(c, "GET", "/", ""); res.StatusCode != 200 {
				t.Errorf("%d %v", res.StatusCode, res.err)
			}
		}
		if n := len(s.backends[0].requests()); n != 2 {
			t.Errorf("the failing backend got %d requests, expected 2", n)
		}
		s.sleep(11 * time.Second)
		for range 4 {
			s.do(c, "GET", "/", "")
		}
		if n := len(s.backends[0].requests()); n != 3 && n != 4 {
			t.Errorf("after its time it got %d in all, expected a new chance", n)
		}
	})
}

func TestActiveChecks(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		sick := make(chan bool, 1)
		sick <- true
		s := on(t, g, balancer.Config{Health: balancer.HealthConfig{Interval: g.brief() / 10, Path: "/health"}},
			func(w http.ResponseWriter, r *http.Request) {
				is := <-sick
				sick <- is
				if r.URL.Path == "/health" && is {
					w.WriteHeader(500)
				}
			}, ok)
		defer s.close()
		available := func(want bool) func() bool {
			return func() bool { return s.balancer.Stats().Backends[0].Available == want }
		}
		s.until("it is taken out", available(false))
		if stats := s.balancer.Stats(); stats.Backends[0].ChecksBad < 3 {
			t.Errorf("stats %+v", stats)
		}
		c := s.client(false)
		for range 4 {
			if res := s.do(c, "GET", "/", ""); res.Header.Get("Backend") != "www-2" {
				t.Errorf("went to %s", res.Header.Get("Backend"))
			}
		}
		<-sick
		sick <- false
		s.until("it is brought back", available(true))
		s.stop(1)
		s.until("one that is gone is taken out", func() bool { return !s.balancer.Stats().Backends[1].Available })
	})
}

// The share of a backend that returns rises linearly.
func TestSlowStart(t *testing.T) {
	simulation(t, func(g *simulated) {
		s := on(t, g, balancer.Config{SlowStart: 100 * time.Second}, ok, ok)
		defer s.close()
		s.balancer.SetDown("www-1", true)
		s.balancer.SetDown("www-1", false)
		c := s.client(false)
		previous := 0
		for tenth := range 12 {
			for range 100 {
				s.do(c, "GET", "/", "")
				s.sleep(100*ms - 12*ms)
			}
			n := len(s.backends[0].requests())
			w := min((float64(tenth)+0.5)/10, 1)
			want := 100 * w / (1 + w)
			if got := float64(n - previous); got < want-4 || got > want+4 {
				t.Errorf("in the tenth %d it got %v of 100 requests, expected %.0f", tenth, got, want)
			}
			previous = n
		}
	})
}
