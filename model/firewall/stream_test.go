package firewall_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"protosim/model/firewall"
)

// Each side may end its stream and still hear the other.
func TestHalfClose(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		count := func(c net.Conn) { // answers at the end of the stream
			n, _ := io.Copy(io.Discard, c)
			fmt.Fprintf(c, "%d", n)
		}
		on(t, g, firewall.Config{}, count, func(s *stage) {
			if got := s.ask(strings.Repeat("x", 300_000), true); got != "300000" {
				t.Errorf("got %q", got)
			}
		})
	})
	everywhere(t, func(t *testing.T, g ground) {
		on(t, g, firewall.Config{Kind: firewall.NoUpgrade}, web, func(s *stage) {
			if got := s.ask("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", true); !strings.HasSuffix(got, "\r\n\r\nGET /slow 0") {
				t.Errorf("got %q", got)
			}
		})
	})
}

// web answers requests with what they were, in order.
func web(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if r.Header.Get("Expect") != "" {
			io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		}
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return
		}
		text := fmt.Sprintf("%s %s %d", r.Method, r.URL.RequestURI(), n)
		switch r.URL.Path {
		case "/large":
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n")
			io.Copy(c, io.LimitReader(endless{}, 3_000_000))
		case "/chunked":
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n5\r\nhello\r\n0\r\nSum: 1\r\n\r\n")
		case "/headers":
			var b bytes.Buffer
			r.Header.Write(&b)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nConnection: Secret\r\nSecret: 1\r\nKeep-Alive: 5\r\nContent-Length: %d\r\n\r\n%s", b.Len(), &b)
		case "/broken":
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
			return
		case "/nonsense":
			fmt.Fprintf(c, "what?\r\n\r\n")
			return
		case "/dies":
			return
		case "/giant":
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\n")
			for range 1000 {
				if _, err := fmt.Fprintf(c, "X: %s\r\n", strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
			return
		case "/switch":
			fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		default:
			if r.Method == "HEAD" {
				text = ""
			}
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
		}
	}
}

// What a proxy makes of messages.
func TestProxyMessages(t *testing.T) {
	for _, c := range []struct{ name, send, want, not string }{
		{"keep-alive and pipelining", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /2 0", ""},
		{"HEAD", "HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /2 0", "502"},
		{"odd method", "BREW /pot HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "BREW /pot 3", ""},
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 0", ""},
		{"chunked both ways", "POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "Sum: 1", ""},
		{"chunked to HTTP/1.0", "GET /chunked HTTP/1.0\r\n\r\n", "\r\n\r\nhello", "chunked"},
		{"100-continue", "POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", "100 Continue", ""},
		{"hop-by-hop headers of a request", "GET /headers HTTP/1.1\r\nHost: a\r\nConnection: Mine, upgrade\r\nMine: 1\r\nUpgrade: x\r\nTe: trailers\r\nKeep-Alive: 1\r\nProxy-Authorization: p\r\nYours: 1\r\n\r\n", "Yours: 1", "Mine"},
		{"hop-by-hop headers of a response", "GET /headers HTTP/1.1\r\nHost: a\r\n\r\n", "Via: 1.1 firewall", "Secret"},
		{"Upgrade gone", "GET /headers HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "200 OK", "Upgrade: x"},
		{"switch unasked for", "GET /switch HTTP/1.1\r\nHost: a\r\n\r\n", "502 Bad Gateway", "101"},
		{"server that dies", "GET /dies HTTP/1.1\r\nHost: a\r\n\r\n", "502 Bad Gateway", ""},
		{"server that talks nonsense", "GET /nonsense HTTP/1.1\r\nHost: a\r\n\r\n", "502 Bad Gateway", ""},
		{"giant response headers", "GET /giant HTTP/1.1\r\nHost: a\r\n\r\n", "502 Bad Gateway", "X: x"},
		{"giant request headers", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 100_000) + "\r\n\r\n", "431", ""},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "400 Bad Request", ""},
		{"bad header", "GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n", "400 Bad Request", ""},
		{"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "400 Bad Request", "POST"},
		{"length and chunks", "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "", "POST /1 30"},
		{"CONNECT to a transparent proxy", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", "405", ""},
		{"absolute form", "GET http://a/1?q HTTP/1.1\r\nHost: b\r\n\r\n", "GET /1?q 0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, g ground) {
				on(t, g, firewall.Config{Kind: firewall.NoUpgrade}, web, func(s *stage) {
					got := s.ask(c.send, true)
					if !strings.Contains(got, c.want) || c.not != "" && strings.Contains(got, c.not) {
						t.Errorf("got %.300q, expected %q, not %q", got, c.want, c.not)
					}
				})
			})
		})
	}
}

// Large bodies pass both ways, whole; one that breaks off is not completed.
func TestBodies(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		on(t, g, firewall.Config{Kind: firewall.NoUpgrade}, web, func(s *stage) {
			got := s.ask("GET /large HTTP/1.1\r\nHost: a\r\n\r\n", true)
			if _, body, _ := strings.Cut(got, "\r\n\r\n"); len(body) != 3_000_000 {
				t.Errorf("%d bytes came", len(body))
			}
			got = s.ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"+strings.Repeat("x", 3_000_000), true)
			if !strings.HasSuffix(got, "POST /x 3000000") {
				t.Errorf("got %.300q", got)
			}
			c := s.dial()
			io.WriteString(c, "GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err == nil {
				_, err = io.ReadAll(res.Body)
			}
			if err == nil {
				t.Error("a response that broke off is complete")
			}
			if n := s.firewall.Stats().Refused[firewall.Broken]; n != 1 {
				t.Errorf("%d responses broke off, expected 1", n)
			}
		})
	})
}

// A client may send a byte at a time.
func TestSlowClient(t *testing.T) {
	simulation(t, func(g *simulated) {
		on(t, g, firewall.Config{Kind: firewall.ForbidUpgrade, IdleTimeout: time.Minute}, web, func(s *stage) {
			c := s.dial()
			c.SetReadDeadline(time.Time{})
			for _, b := range []byte("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello") {
				c.Write([]byte{b})
				s.sleep(10 * time.Second)
			}
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(res.Body); string(body) != "POST /slow 5" || err != nil {
				t.Errorf("got %q, %v", body, err)
			}
		})
	})
}
