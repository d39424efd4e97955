package cache

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"

	"protosim/model/transport"
	"protosim/model/vtime"
)

// request is a client's request as it goes on upstream. The cache decides by
// what upstream gets to see and by nothing else, so that there is nothing by
// which a client could have a response stored that others do not expect.
type request struct {
	*http.Request
	host       string
	target     string // of the request line
	uri        string // by which responses are stored: see storageKey
	header     http.Header
	directives directives
}

// hopByHop are the fields that belong to a connection (RFC 9110 section 7.6.1).
var hopByHop = []string{"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// conditions are the fields that a cache evaluates itself.
var conditions = []string{"If-None-Match", "If-Modified-Since", "If-Range", "Range"}

// read makes of a client's request what goes on.
func (c *Cache) read(r *http.Request) *request {
	q := &request{Request: r, host: strings.ToLower(r.Host), header: r.Header.Clone()}
	trailers := hasToken(r.Header["Te"], "trailers")
	removeHopByHop(q.header)
	if trailers {
		q.header.Set("Te", "trailers")
	}
	removeClaims(q.header)
	delete(q.header, "Expect")                                            // the body is asked for when upstream reads it
	if lines := q.header["Host"]; len(lines) == 1 && lines[0] == r.Host { // of HTTP/2, beside :authority or without
		delete(q.header, "Host")
	}
	q.header.Set("X-Forwarded-Host", q.host)
	q.header.Set("X-Forwarded-Proto", "http")
	if ip, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		q.header.Set("X-Forwarded-For", ip)
	}
	q.header.Add("Via", via(r.ProtoMajor, r.ProtoMinor, c.cfg.Name))
	if _, ok := q.header["User-Agent"]; !ok {
		q.header["User-Agent"] = nil // net/http would send its own
	}
	q.target = r.URL.RequestURI()
	if r.Method == http.MethodOptions && r.URL.Host != "" && q.target == "/" && r.URL.Path == "" { // RFC 9112 section 3.2.4
		q.target = "*"
	}
	q.uri = storageKey(q.host, q.target)
	q.directives = parseDirectives(q.header["Cache-Control"])
	if len(q.header["Cache-Control"]) == 0 && hasToken(q.header["Pragma"], "no-cache") { // RFC 9111 section 5.4
		q.directives.noCache = true
	}
	if c.cfg.IgnoreClient {
		noStore := q.directives.noStore
		q.directives = parseDirectives(nil)
		q.directives.noStore = noStore
	}
	return q
}

// bypass returns why a cache has no part in a request, or nothing.
func (q *request) bypass() string {
	switch {
	case q.Method != http.MethodGet && q.Method != http.MethodHead:
		return "method"
	case q.ContentLength != 0: // a body that the response may depend on
		return "bypass"
	case q.header.Get("If-Match") != "" || q.header.Get("If-Unmodified-Since") != "": // for the origin, RFC 9111 section 4.3.2
		return "bypass"
	}
	return ""
}

// removeHopByHop removes what belongs to the connection, and what Connection names.
func removeHopByHop(h http.Header) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				h.Del(name)
			}
		}
	}
	for _, name := range hopByHop {
		delete(h, name)
	}
}

// hasToken reports whether a list has a member, whatever its case.
func hasToken(lines []string, token string) bool {
	for _, line := range lines {
		for member := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(member), token) {
				return true
			}
		}
	}
	return false
}

func via(major, minor int, name string) string {
	v := string(rune('0' + major))
	if major < 2 {
		v += "." + string(rune('0'+minor))
	}
	return v + " " + name
}

// client is a client's connection.
type client struct {
	key vtime.Key

	mu       sync.Mutex
	requests uint64
}

type clientKey struct{}

// admit looks at a new connection.
func admit(ctx context.Context, conn net.Conn) context.Context {
	c := &client{}
	if k, ok := conn.(interface{ Key() vtime.Key }); ok {
		c.key = k.Key()
	}
	return context.WithValue(ctx, clientKey{}, c)
}

// The purposes for which a request has a key.
const (
	handlerKeys = iota << 40
	bodyKeys    // reading the request's body
	replyKeys   // reading the response's body
	fillKeys    // storing it
	watchKeys   // watching that something moves
	renewKeys   // revalidating in the background
)

// requestKey orders what is done for a request. Without an identity, those of
// one connection follow one another.
func (c *Cache) requestKey(r *http.Request) vtime.Key {
	if id, err := transport.RequestID(r.Header); err == nil {
		k := id.ProxyKey()
		k.B |= c.tier
		return k
	}
	client, ok := r.Context().Value(clientKey{}).(*client)
	if !ok {
		return vtime.Key{}
	}
	client.mu.Lock()
	defer client.mu.Unlock()
	client.requests++
	return vtime.Key{A: client.key.A ^ client.key.B<<20, B: 1<<61 | c.tier | client.requests&(1<<40-1)}
}

// with returns a request's key for a purpose.
func with(k vtime.Key, purpose uint64) vtime.Key { return vtime.Key{A: k.A, B: k.B | purpose} }
