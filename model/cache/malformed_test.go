package cache_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"protosim/model/cache"
)

// A response that is not HTTP, or that ends early, is an error, is counted, and
// is not stored.
func TestMalformedResponses(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
	for name, response := range map[string]string{
		"no HTTP":               "hello\r\n\r\n",
		"nothing":               "",
		"half a header":         "HTTP/1.1 200 OK\r\nCache-Con",
		"two lengths":           head + "Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
		"no number":             head + "Content-Length: abc\r\n\r\nabc",
		"a negative length":     head + "Content-Length: -3\r\n\r\nabc",
		"death in the body":     head + "Content-Length: 30\r\n\r\nabc",
		"death in a chunk":      head + "Transfer-Encoding: chunked\r\n\r\n10\r\nabc",
		"death between chunks":  head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		"no chunk":              head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
		"a giant header":        head + "X-A: " + strings.Repeat("a", 100<<10) + "\r\nContent-Length: 3\r\n\r\nabc",
		"very many headers":     head + strings.Repeat("X-A: abcdefgh\r\n", 10<<10) + "Content-Length: 3\r\n\r\nabc",
		"an unknown coding":     head + "Transfer-Encoding: gzip\r\n\r\nabc",
		"a status of no number": "HTTP/1.1 OK\r\nContent-Length: 3\r\n\r\nabc",
		"an unasked 304":        "HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, g ground) {
				s := on(t, g, cache.Config{}, nil)
				defer s.close()
				upstream, address := g.listen("broken")
				s.ends = append(s.ends, func() { upstream.Close() })
				go speak(upstream, response)
				c, front := s.mount("edge", cache.Config{KeepAlive: -1, Collapse: true}, address)
				s.address = front
				for i := range 2 {
					res := s.do(s.client(false), "GET", "/", "")
					if res.err == nil && res.StatusCode != http.StatusBadGateway {
						t.Errorf("request %d: %d %q", i+1, res.StatusCode, res.body)
					}
				}
				s.until("counted", func() bool { return c.Stats().UpstreamErrors == 2 })
				if stats := c.Stats(); stats.Stored != 0 || stats.Hits != 0 || stats.UpstreamErrors != 2 || stats.UpstreamRequests != 2 || stats.Malformed != 2 || stats.TimedOut != 0 {
					t.Errorf("%+v", stats)
				}
			})
		})
	}
}

// Who does not answer, or is not there, is no malformed response: 504 and 502.
func TestNoResponse(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{IdleTimeout: 200 * ms}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		defer s.close()
		if res := s.do(s.client(false), "GET", "/", ""); res.StatusCode != http.StatusGatewayTimeout {
			t.Errorf("silence: status %d, %v", res.StatusCode, res.err)
		}
		if stats := s.cache.Stats(); stats.TimedOut != 1 || stats.UpstreamErrors != 1 || stats.Malformed != 0 {
			t.Errorf("silence: %+v", stats)
		}
		gone, address := g.listen("gone")
		gone.Close()
		c, front := s.mount("edge", cache.Config{}, address)
		s.address = front
		if res := s.do(s.client(false), "GET", "/", ""); res.StatusCode != http.StatusBadGateway {
			t.Errorf("nobody there: status %d, %v", res.StatusCode, res.err)
		}
		if stats := c.Stats(); stats.TimedOut != 0 || stats.UpstreamErrors != 1 || stats.Malformed != 0 {
			t.Errorf("nobody there: %+v", stats)
		}
	})
}

// What is answered from the store because upstream fails is no hit: upstream was
// asked.
func TestRescued(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		var fails atomic.Bool
		s := on(t, g, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60, stale-if-error=600")
			if fails.Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		defer s.close()
		for range 3 { // it is fetched, a hit, and rescued
			s.do(s.client(false), "GET", "/", "")
			if s.cache.Stats().Hits > 0 {
				fails.Store(true)
				s.sleep(61 * second)
			}
		}
		if stats := s.cache.Stats(); stats.Misses != 1 || stats.Hits != 1 || stats.Rescued != 1 || stats.Stale != 0 || stats.HitRatio() != 1./3 {
			t.Errorf("%+v", stats)
		}
	})
}

// A client that stops in the middle of its request is given up, and upstream gets
// no body that looks whole.
func TestClientThatStopsSending(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		whole := make(chan bool, 1)
		s := on(t, g, cache.Config{IdleTimeout: 200 * ms}, func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			whole <- err == nil
		})
		defer s.close()
		out := s.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
		if out != "" && !strings.HasPrefix(out, "HTTP/1.1 4") && !strings.HasPrefix(out, "HTTP/1.1 504") {
			t.Errorf("it was answered %.100q", out)
		}
		if <-whole {
			t.Error("three bytes passed for the whole")
		}
	})
}

// speak answers each connection with the same bytes, whatever it asks, and
// closes it.
func speak(l net.Listener, response string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				c.Write([]byte(response))
			}
		}()
	}
}

// A body that ends with its connection is passed on, but nobody knows whether
// it is complete.
func TestBodyUntilClose(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, nil)
		defer s.close()
		upstream, address := g.listen("old")
		s.ends = append(s.ends, func() { upstream.Close() })
		go speak(upstream, "HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\nabc")
		c, front := s.mount("edge", cache.Config{}, address)
		s.address = front
		for range 2 {
			if res := s.do(s.client(false), "GET", "/", ""); res.body != "abc" || res.err != nil {
				t.Errorf("%q, %v", res.body, res.err)
			}
		}
		if stats := c.Stats(); stats.Stored != 0 || stats.Uncacheable != 2 {
			t.Errorf("%+v", stats)
		}
	})
}
