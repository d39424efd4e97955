package cache_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"protosim/model/cache"
)

// reflect answers with all that it is told, to be stored for a minute: the
// worst of origins.
func reflect(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Cache-Control", "max-age=60")
	fmt.Fprintf(w, "%s %s %s %v %s", r.Method, r.Host, r.URL, r.Header, body)
}

// Nothing that is not part of the URI by which a response is stored gets to
// what others are served.
func TestUnkeyedInputs(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, reflect)
		defer s.close()
		c := s.client(false)
		for i, name := range []string{
			"X-Forwarded-Host", "X-Forwarded-Scheme", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Prefix",
			"X-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
			"X-Forwarded-For", "X-Real-IP", "X-Forwarded-SSL", "X-Forwarded-Whatever", "X-Original-Host", "X-Original-Forwarded-For", "True-Client-IP",
			"X-HTTP-Host-Override", "X-Client-IP", "CF-Connecting-IP", "Client-IP", "Forwarded-For",
		} {
			path := fmt.Sprintf("/%d", i)
			s.do(c, "GET", path, "", name, "evil")
			res := s.do(c, "GET", path, "")
			if strings.Contains(res.body, "evil") || res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Status"), "hit") {
				t.Errorf("%s: others get %q", name, res.body)
			}
		}
		// Origin is known to be forgotten in Vary.
		s.do(c, "GET", "/o", "", "Origin", "http://evil")
		for _, origin := range [][]string{nil, {"Origin", "http://good"}} {
			if res := s.do(c, "GET", "/o", "", origin...); strings.Contains(res.body, "evil") {
				t.Errorf("others get %q", res.body)
			}
		}
		// What Connection names is gone before anything is decided.
		s.do(c, "GET", "/c", "", "Connection", "Authorization", "Authorization", "evil")
		if res := s.do(c, "GET", "/c", ""); strings.Contains(res.body, "evil") || !strings.Contains(res.Header.Get("Cache-Status"), "hit") {
			t.Errorf("others get %q", res.body)
		}
		// A body that the response may depend on: the response is nobody else's.
		s.do(c, "GET", "/b", "evil")
		if res := s.do(c, "GET", "/b", ""); strings.Contains(res.body, "evil") || !strings.Contains(res.Header.Get("Cache-Status"), "uri-miss") {
			t.Errorf("others get %q", res.body)
		}
	})
}

// What is stored by is what upstream gets to see: paths that may mean the same
// are different, and go on as they are.
func TestPathConfusion(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			io.WriteString(w, r.RequestURI)
		})
		defer s.close()
		for range 2 {
			for _, path := range []string{"/a", "/a/", "//a", "/./a", "/b/../a", "/%61", "/a%2f", "/a;x", "/a%3Fx", "/a?x", "/a?", "/a%00", "/A", "/a%20", "/a/.css", "/a%23", "/a\\"} {
				out := s.ask("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
				want := strings.ReplaceAll(path, `\`, "%5C")
				if !strings.HasSuffix(out, "\r\n\r\n"+want) {
					t.Errorf("%s: %q", path, out)
				}
			}
		}
		if n := len(s.requests()); n != 17 {
			t.Errorf("the origin got %d requests, expected 17", n)
		}
	})
}

// Requests of which nobody can tell where they end are refused, or arrive
// upstream with one meaning; what is hidden in them is never stored for
// something else.
func TestSmuggling(t *testing.T) {
	for name, request := range map[string]string{
		"two lengths":              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
		"a list of lengths":        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 5\r\n\r\nabcde",
		"a signed length":          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
		"an unknown coding":        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"two codings":              "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"space before the colon":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc",
		"a folded header":          "GET / HTTP/1.1\r\n Host: x\r\nHost: x\r\n\r\n",
		"two hosts":                "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"no host":                  "GET / HTTP/1.1\r\n\r\n",
		"a host with a path":       "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
		"a control in a value":     "GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
		"a control in the target":  "GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
		"a return alone":           "GET / HTTP/1.1\r\nHost: x\r\nA: b\rX: c\r\n\r\n",
		"a giant header":           "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 60<<10) + "\r\n\r\n",
		"no such version":          "GET / HTTP/3.7\r\nHost: x\r\n\r\n",
		"CONNECT":                  "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n",
		"chunk size is no number":  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
		"chunk size is too large":  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n",
		"a header without a colon": "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, g ground) {
				s := on(t, g, cache.Config{}, reflect)
				defer s.close()
				out := s.ask(request + "GET /hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
				if !strings.HasPrefix(out, "HTTP/1.1 4") && !strings.HasPrefix(out, "HTTP/1.1 5") {
					t.Errorf("the answer is %.200q", out)
				}
				for _, r := range s.requests() {
					if r.URL.Path == "/hidden" && name != "CONNECT" {
						t.Errorf("what was hidden arrived: %v", r)
					}
				}
				if stats := s.cache.Stats(); stats.Stored != 0 && name != "CONNECT" {
					t.Errorf("stored: %+v", stats)
				}
			})
		})
	}
}

// A request's host and target are what they seem, or nothing comes of it: put
// together they never give what another host and target would.
func TestHostsAndTargets(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, reflect)
		defer s.close()
		for _, head := range []string{
			"GET x:im.example/a HTTP/1.1\r\nHost: vict", "GET x:/a HTTP/1.1\r\nHost: x", "GET ftp://x/a HTTP/1.1\r\nHost: x", "GET http:///a HTTP/1.1\r\nHost: x",
			"GET http://x;y/a HTTP/1.1\r\nHost: x", "GET a HTTP/1.1\r\nHost: x", "GET * HTTP/1.1\r\nHost: x",
			"GET / HTTP/1.1\r\nHost: a@b", "GET / HTTP/1.1\r\nHost: a,b", "GET / HTTP/1.1\r\nHost: a:b", "GET / HTTP/1.1\r\nHost: a:70000", "GET / HTTP/1.1\r\nHost: a:",
			"GET / HTTP/1.1\r\nHost: [::1", "GET / HTTP/1.1\r\nHost: [a]", "GET / HTTP/1.1\r\nHost: ::1", "GET / HTTP/1.1\r\nHost: a%2fb", "GET / HTTP/1.1\r\nHost: :80",
		} {
			if out := s.ask(head + "\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(out, "HTTP/1.1 400") {
				t.Errorf("%q: %.200q", head, out)
			}
		}
		if stats := s.cache.Stats(); stats.Stored != 0 || len(s.requests()) != 0 {
			t.Errorf("%+v, %d requests arrived", stats, len(s.requests()))
		}
		for _, head := range []string{
			"GET /a HTTP/1.1\r\nHost: x", "GET http://x/a HTTP/1.1\r\nHost: elsewhere", "GET http://X/a HTTP/1.0", "GET /a HTTP/1.1\r\nHost: X",
		} {
			if out := s.ask(head + "\r\nConnection: close\r\n\r\n"); !strings.Contains(out, "200 OK") || !strings.Contains(out, "GET x /a ") {
				t.Errorf("%q: %.200q", head, out)
			}
		}
		for _, host := range []string{"x:8080", "[::1]:80", "[2001:db8::1]", "a_b.example", "127.0.0.1"} {
			if out := s.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"); !strings.Contains(out, "200 OK") {
				t.Errorf("%q: %.200q", host, out)
			}
		}
		if n := len(s.requests()); n != 6 {
			t.Errorf("the origin was asked %d times, expected once for each of 6 URIs", n)
		}
	})
}

// net/http looks into neither :authority nor :path of HTTP/2.
func TestAuthorityOfHTTP2(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, reflect)
		defer s.close()
		for _, f := range [][]string{
			{":authority", "victim/x", ":path", "/y"}, {":authority", "victim\\x", ":path", "/y"}, {":authority", "user@victim", ":path", "/"},
			{":authority", "vict", ":path", "x:im.example/a"}, {":authority", "evil", ":path", "http://victim/y"}, {":authority", "victim", ":path", "*"},
			{":authority", "victim?", ":path", "/y"}, {":authority", "victim#", ":path", "/y"}, {":authority", "victim:80:90", ":path", "/y"},
			{":authority", "evil", ":path", "/y", "host", "victim"}, {":path", "/y"},
		} {
			if status := s.askHTTP2(f...); status != "400" && status != "reset" {
				t.Errorf("%q: %s", f, status)
			}
		}
		if stats := s.cache.Stats(); stats.Stored != 0 || len(s.requests()) != 0 {
			t.Errorf("%+v, %d requests arrived", stats, len(s.requests()))
		}
		for _, f := range [][]string{{":authority", "victim", ":path", "/y"}, {":path", "/y", "host", "victim"}, {":authority", "VICTIM", ":path", "/y", "host", "VICTIM"}} {
			if status := s.askHTTP2(f...); status != "200" {
				t.Errorf("%q: %s", f, status)
			}
		}
		if n := len(s.requests()); n != 1 {
			t.Errorf("the origin was asked %d times, expected once", n)
		}
	})
}

// askHTTP2 sends a GET with these fields on a connection of its own and returns
// the status, or that the stream was reset.
func (s *stage) askHTTP2(fields ...string) string {
	c := s.raw(s.address)
	io.WriteString(c, http2.ClientPreface)
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for _, f := range [][]string{{":method", "GET", ":scheme", "http"}, fields} {
		for i := 0; i+1 < len(f); i += 2 {
			must(e.WriteField(hpack.HeaderField{Name: f[i], Value: f[i+1]}))
		}
	}
	fr := http2.NewFramer(c, c)
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	must(fr.WriteSettings())
	must(fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}))
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	status := ""
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			return err.Error()
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			status = f.PseudoValue("status")
			if f.StreamEnded() {
				return status
			}
		case *http2.DataFrame:
			if f.StreamEnded() {
				return status
			}
		case *http2.RSTStreamFrame:
			return "reset"
		}
	}
}

// A length besides chunks is ambiguous: what goes upstream has one meaning, and
// what follows is not answered for somebody else.
func TestLengthBesidesChunks(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := on(t, g, cache.Config{}, reflect)
		defer s.close()
		s.ask("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		for _, r := range s.requests() {
			if r.URL.Path == "/p" && r.Header.Get("Content-Length") != "" && len(r.TransferEncoding) > 0 {
				t.Errorf("it went on with both: %v", r.Header)
			}
		}
		if res := s.do(s.client(false), "GET", "/p", ""); !strings.HasPrefix(res.body, "GET") {
			t.Errorf("others get %q", res.body)
		}
	})
}

// Errors that a client can bring about by the form of its request are not
// stored, whatever the origin says.
func TestErrorsOfForm(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		for _, status := range []int{400, 408, 412, 413, 416, 431} {
			s := on(t, g, cache.Config{}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Cache-Control", "max-age=60")
				if r.Header.Get("X-Bad") != "" {
					w.WriteHeader(status)
				}
			})
			c := s.client(false)
			s.do(c, "GET", "/", "", "X-Bad", "1")
			if res := s.do(c, "GET", "/", ""); res.StatusCode != 200 {
				t.Errorf("others get %d", res.StatusCode)
			}
			s.close()
		}
	})
}
