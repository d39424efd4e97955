//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"protosim/model/cache/rfc9111"
)

func TestMountCache(t *testing.T) {
	server := mountPart(t, "server", "--size", "20kB", "--headers", "400B")
	m := mountPart(t, "cache", "--upstream", server.url, "--memory", "1MB", "--policy", "2q", "--collapse")
	for _, multiplexed := range []bool{false, true} {
		c := client(t, multiplexed)
		for range 3 {
			if res, n := get(t, c, m.url+"/"); res.StatusCode != 200 || n != 20_000 || !strings.Contains(res.Header.Get("Cache-Status"), "protosim; ") {
				t.Errorf("status %d, %d bytes, %v", res.StatusCode, n, res.Header)
			}
		}
	}
	end(t, server, m)
	if !strings.Contains(strings.ToLower(m.rest.String()), "hits") {
		t.Errorf("it printed %s", m.rest)
	}
	for want, args := range map[string][]string{
		"there is no server to ask": {"cache"},
		"there is no policy":        {"cache", "--upstream", "http://a", "--policy", "best"},
		"is no name of a cache":     {"cache", "--upstream", "http://a", "--name", "a b"},
		"the cache speaks plain":    {"cache", "--upstream", "https://a"},
		"it wants a size":           {"cache", "--upstream", "http://a", "--memory", "big"},
	} {
		o := protosim(t, append([]string{"mount"}, args...)...)
		if o.code != exitInput || !strings.Contains(o.stderr, want) {
			t.Errorf("mount %v: code %d, %s, expected %q", args, o.code, o.stderr, want)
		}
	}
}

// origin is a server for all that is asked through a mounted cache.
type origin struct {
	suite  rfc9111.Origin
	mu     sync.Mutex
	asked  map[string]int // paths
	cut    chan struct{}  // gets one when a client of /flood is gone
	silent chan struct{}  // closed when /silent may end
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Host, "row-") || strings.Contains(r.Host, ".row-") {
		o.suite.ServeHTTP(w, r)
		return
	}
	o.mu.Lock()
	o.asked[r.URL.Path]++
	o.mu.Unlock()
	switch r.URL.Path {
	case "/echo": // while it reads
		http.NewResponseController(w).EnableFullDuplex()
		w.Header().Set("X-Method", r.Method)
		w.Header().Set("Trailer", "Sum")
		size, _ := io.Copy(w, r.Body)
		w.Header().Set("Sum", fmt.Sprint(size, " ", r.Trailer.Get("Sum")))
	case "/flood":
		for block := make([]byte, 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				o.cut <- struct{}{}
				return
			}
		}
	case "/silent":
		<-o.silent
	case "/dies":
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Content-Length", "1000000")
		w.Write(make([]byte, 1000))
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Cache-Control", "max-age=60")
		w.Write(bytes.Repeat([]byte(r.URL.Path), 50_000))
	}
}

// times is how often a path was asked for.
func (o *origin) times(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}

// Everything that a public suite would ask of a cache, through the command, on
// real sockets, in both versions and with collapsing.
func TestMountCacheConformance(t *testing.T) {
	o := &origin{asked: map[string]int{}, cut: make(chan struct{}, 10), silent: make(chan struct{})}
	server := httptest.NewUnstartedServer(o)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	m := mountPart(t, "cache", "--upstream", server.URL, "--collapse")
	hasty := mountPart(t, "cache", "--upstream", server.URL, "--collapse", "--idle-timeout", "200ms")
	address := strings.TrimPrefix(m.url, "http://")
	for _, multiplexed := range []bool{false, true} {
		name := map[bool]string{false: "http1", true: "http2"}[multiplexed]
		c := client(t, multiplexed)
		c.Jar = nil
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c.Transport.(*http.Transport).DisableCompression = true
		do := func(t *testing.T, method, url string, body io.Reader) (*http.Response, []byte) {
			t.Helper()
			r, err := http.NewRequest(method, url, body)
			if err != nil {
				t.Fatal(err)
			}
			if body != nil {
				r.ContentLength = -1 // so that there are trailers
				r.Trailer = http.Header{"Sum": {"abc"}}
			}
			res, err := c.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			data, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatalf("after %d bytes: %v", len(data), err)
			}
			return res, data
		}
		t.Run(name+" RFC 9111", func(t *testing.T) {
			leftOut := rfc9111.Run(t, rfc9111.Cache{Address: address, Client: c, Now: time.Now, Wait: func() { time.Sleep(5 * time.Millisecond) }}, &o.suite)
			if leftOut > rfc9111.Rows()/3 {
				t.Errorf("%d of %d rows were left out", leftOut, rfc9111.Rows())
			}
		})
		t.Run(name+" parallel clients", func(t *testing.T) {
			var all sync.WaitGroup
			for i := range 40 {
				all.Go(func() {
					path := fmt.Sprintf("/%s-%d", name, i%4)
					res, err := c.Get(m.url + path)
					if err != nil {
						t.Error(err)
						return
					}
					defer res.Body.Close()
					if body, err := io.ReadAll(res.Body); err != nil || !bytes.Equal(body, bytes.Repeat([]byte(path), 50_000)) {
						t.Errorf("%s: %d bytes, %v", path, len(body), err)
					}
				})
			}
			all.Wait()
			for i := range 4 {
				if n := o.times(fmt.Sprintf("/%s-%d", name, i)); n != 1 {
					t.Errorf("the origin was asked %d times for the same", n)
				}
			}
		})
		t.Run(name+" methods, bodies and trailers", func(t *testing.T) {
			large := bytes.Repeat([]byte("0123456789"), 1<<20)
			for _, method := range []string{"POST", "PUT", "FROB", "PROPFIND"} {
				res, body := do(t, method, m.url+"/echo", bytes.NewReader(large))
				if !bytes.Equal(body, large) || res.Header.Get("X-Method") != method || res.Trailer.Get("Sum") != "10485760 abc" {
					t.Errorf("%s: %d bytes, %v, trailer %v", method, len(body), res.Header, res.Trailer)
				}
			}
			path := "/head-" + name
			do(t, "GET", m.url+path, nil)
			res, body := do(t, "HEAD", m.url+path, nil)
			if len(body) != 0 || res.ContentLength != int64(50_000*len(path)) || !strings.Contains(res.Header.Get("Cache-Status"), "; hit") {
				t.Errorf("HEAD: %d bytes, %v", len(body), res.Header)
			}
		})
		t.Run(name+" an upstream that dies", func(t *testing.T) {
			before := o.times("/dies")
			const times = 200 // whoever was told of the end is not to wait for the same once more
			for range times {
				res, err := c.Get(m.url + "/dies")
				if err == nil {
					var body []byte
					body, err = io.ReadAll(res.Body)
					res.Body.Close()
					if err == nil {
						t.Errorf("%d bytes passed for the whole", len(body))
					}
				}
			}
			if n := o.times("/dies") - before; n < times { // a client may try again by itself
				t.Errorf("the origin was asked %d times, expected at least %d", n, times)
			}
		})
		t.Run(name+" a silent upstream", func(t *testing.T) {
			if res, _ := do(t, "GET", hasty.url+"/silent?"+name, nil); res.StatusCode != http.StatusGatewayTimeout {
				t.Errorf("status %d", res.StatusCode)
			}
		})
	}
	t.Run("a client that reads slowly, and one that does not", func(t *testing.T) {
		ask := func(request string) net.Conn {
			conn, err := net.Dial("tcp", strings.TrimPrefix(hasty.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, request)
			return conn
		}
		slow := ask("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
		defer slow.Close()
		res, err := http.ReadResponse(bufio.NewReaderSize(slow, 16), nil)
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for buffer := make([]byte, 1000); ; {
			n, err := res.Body.Read(buffer)
			if total += n; err != nil {
				break
			}
		}
		if total != 250_000 {
			t.Errorf("%d bytes", total)
		}
		stuck := ask("POST /flood HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
		defer stuck.Close()
		<-o.cut // by the cache, as nobody reads
	})
	close(o.silent)
	end(t, m, hasty)
	server.Close()
}
