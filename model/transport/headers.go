package transport

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"strings"

	"protosim/model/random"
)

// What browsers send, in the order of importance: where the scenario's header
// size is small, the last ones are left out.
var browserHeaders = [...][2]string{
	{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"},
	{"Accept", "*/*"},
	{"Accept-Encoding", "gzip, deflate, br, zstd"},
	{"Accept-Language", "en-US,en;q=0.9"},
	{"Cache-Control", "max-age=0"},
	{"Sec-Fetch-Mode", "no-cors"},
	{"Sec-Ch-Ua-Platform", `"Linux"`},
}

// What servers send besides Content-Type, Content-Length and Date.
var serverHeaders = [...][2]string{
	{"Cache-Control", "public, max-age=600"},
	{"Server", "protosim"},
	{"Vary", "Accept-Encoding"},
	{"Etag", `"5e1f-63a0c2d7b1e40"`},
	{"X-Content-Type-Options", "nosniff"},
	{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
}

// requestHeaders returns the headers that a client sends with every request but
// for the request's identity, to bring the header block with that host name to
// size bytes: the headers of a browser, and a cookie for the rest.
func requestHeaders(o Options, host string) http.Header {
	h := http.Header{}
	used := line("Host", host) + line(idHeader, ID{}.String()) + len("\r\n")
	used = fill(h, browserHeaders[:], used, o.Headers)
	if left := o.Headers - used - line("Cookie", "session="); left > 0 {
		h.Set("Cookie", "session="+token(o.Seed, "cookie", uint64(o.Client), left))
	}
	return h
}

// crumbs returns the same headers as one: net/http's HTTP/2 sends headers in
// the random order of a map, on which their compressed size depends, but the
// parts of a cookie in their own. Each part is compressed by itself, as a
// header would be, and is as long as the header it stands for.
func crumbs(o Options, host string) string {
	h := requestHeaders(o, host)
	var b strings.Builder
	for _, kv := range browserHeaders {
		if value := h.Get(kv[0]); value != "" {
			fmt.Fprintf(&b, "; %s=%s", kv[0], strings.ReplaceAll(value, ";", ","))
		}
	}
	return b.String() + "; " + h.Get("Cookie")
}

// idHeader and idCrumb carry the identity of a request.
const (
	idHeader = "X-Request-Id"
	idCrumb  = "id="
)

// RequestID reads the identity of a request from its headers.
func RequestID(h http.Header) (ID, error) {
	if id := h.Get(idHeader); id != "" {
		return parseID(id)
	}
	crumb, _, _ := strings.Cut(h.Get("Cookie"), ";")
	return parseID(strings.TrimPrefix(crumb, idCrumb))
}

// lastEventHeader and lastEventCrumb carry the last event of who comes back to a
// stream (HTML standard, server-sent events).
const (
	lastEventHeader = "Last-Event-Id"
	lastEventCrumb  = "last-event-id="
)

// lastEvent reads it from a request's headers; 0 if it is not there.
func lastEvent(h http.Header) uint64 {
	text := h.Get(lastEventHeader)
	if text == "" {
		for crumb := range strings.SplitSeq(h.Get("Cookie"), "; ") {
			if after, ok := strings.CutPrefix(crumb, lastEventCrumb); ok {
				text = after
				break
			}
		}
	}
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// Mark puts the identity of a request into its headers.
func (id ID) Mark(h http.Header) { h.Set(idHeader, id.String()) }

// responseHeaders does the same for a server's responses.
func responseHeaders(size int, seed uint64) http.Header {
	h := http.Header{}
	used := line("Date", http.TimeFormat) + line("Content-Type", contentType) + line("Content-Length", "20000") + len("\r\n")
	used = fill(h, serverHeaders[:], used, size)
	if left := size - used - line("Content-Security-Policy", ""); left > 0 {
		h.Set("Content-Security-Policy", token(seed, "policy", 0, left))
	}
	return h
}

// fill adds headers as long as they fit into size bytes, used of which are taken.
func fill(h http.Header, headers [][2]string, used, size int) int {
	for _, kv := range headers {
		n := line(kv[0], kv[1])
		if used+n > size {
			h[kv[0]] = nil // net/http would send one of its own
			continue
		}
		h.Set(kv[0], kv[1])
		used += n
	}
	return used
}

// line is the length of a header line.
func line(name, value string) int { return len(name) + len(": ") + len(value) + len("\r\n") }

// token returns n characters that look like a session's and do not compress.
func token(seed uint64, purpose string, id uint64, n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	r := random.New(seed, purpose, id)
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

const contentType = "application/octet-stream"

// url returns the address of a request.
func url(scheme, host, port, path string) string {
	return fmt.Sprintf("%s://%s:%s%s", scheme, host, port, path)
}

// newJar returns an empty cookie jar.
func newJar() http.CookieJar {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it has no reason to
	}
	return jar
}
