package scenarios

import (
	"fmt"
	"math"
	"net/url"
	"path"
	"strings"
	"time"
)

// exchange is one request of a HAR that went over the network.
type exchange struct {
	entry      *harEntry
	url        *url.URL
	host       string
	method     string
	kind       string
	start, end time.Duration // since the first
	body       Size          // of the response, as transferred
	sent       Size          // body of the request
	wait       harNumber     // ms
	after      []int         // exchanges that must be complete before, ascending
}

// leftOut counts what an import leaves out, by reason, in the order of appearance.
type leftOut struct {
	reasons []string
	counts  map[string]int
}

func (l *leftOut) add(reason string) {
	if l.counts == nil {
		l.counts = make(map[string]int)
	}
	if l.counts[reason] == 0 {
		l.reasons = append(l.reasons, reason)
	}
	l.counts[reason]++
}

func (l *leftOut) notes() []string {
	notes := make([]string, len(l.reasons))
	for i, reason := range l.reasons {
		notes[i] = fmt.Sprintf("left out %d: %s", l.counts[reason], reason)
	}
	return notes
}

// newExchange reads an entry, or says why it is left out.
func newExchange(e *harEntry) (x *exchange, why string) {
	u, err := url.Parse(strings.TrimSpace(e.Request.URL))
	switch {
	case err != nil:
		return nil, "with a URL that cannot be read"
	case u.Scheme == "ws" || u.Scheme == "wss" || strings.EqualFold(e.ResourceType, "websocket") || e.Response.Status.value == 101:
		return nil, "WebSocket connections, whose messages a HAR does not time"
	case u.Scheme == "data" || u.Scheme == "blob":
		return nil, u.Scheme + ": URLs, which take no request"
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, "URLs that are not of the web (extensions, files)"
	case e.fromCache():
		return nil, "answered from a cache or service worker; record with the cache disabled to have them"
	case e.Response.Status.value < 100 || e.Response.Error != "":
		return nil, "aborted or blocked, without a response"
	}
	method := strings.ToUpper(e.Request.Method)
	if method == "" {
		method = "GET"
	}
	x = &exchange{entry: e, url: u, host: hostName(u.Hostname()), method: method, kind: e.kind(u), body: e.transferred(), wait: e.Timings.Wait}
	if sent, ok := e.Request.BodySize.positive(); ok && method != "GET" && method != "HEAD" {
		x.sent = bounded(sent)
	}
	if index(methods(), method) < 0 {
		return nil, "with a method other than " + strings.Join(methods(), ", ")
	}
	return x, ""
}

// fromCache reports whether a cache answered, so that nothing was transferred.
// A 304 was transferred, without a body.
func (e *harEntry) fromCache() bool {
	r := e.Response
	switch {
	case bool(e.FromCache || r.ServiceWorker || r.FromWorker || r.FromDisk):
		return true
	case e.FetchType != "" && !strings.HasPrefix(e.FetchType, "Network"):
		return true
	case r.Status.value == 304:
		return false
	case r.TransferSize.known && r.TransferSize.value == 0 && r.Content.Size.value > 0:
		return true
	}
	_, hit := e.Cache["afterRequest"] // Firefox, for answers from its cache alone
	return hit && r.BodySize.value == 0
}

// transferred returns the size of the response's body on the wire, by the best
// of what the browser tells.
func (e *harEntry) transferred() Size {
	r := e.Response
	if status := r.Status.value; status == 304 || status == 204 {
		return 0
	}
	if n, ok := r.BodySize.positive(); ok {
		return bounded(n)
	}
	if n, ok := r.TransferSize.positive(); ok {
		n -= r.HeadersSize.value // unknown for HTTP/2
		if r.Content.Size.known {
			n = min(n, r.Content.Size.value)
		}
		return bounded(n)
	}
	if n, ok := r.Content.Size.positive(); ok && !r.BodySize.known {
		return bounded(n - r.Content.Compression.value)
	}
	return 0
}

// bounded returns n bytes within what a scenario allows.
func bounded(n float64) Size { return Size(math.Round(min(max(n, 0), 1e9))) }

// duration returns how long the exchange took.
func (e *harEntry) duration() time.Duration {
	return time.Duration(min(e.Time.value, float64(24*time.Hour/time.Millisecond)) * float64(time.Millisecond))
}

// kind says what sort of resource it is: the plural names of scenarios.
func (e *harEntry) kind(u *url.URL) string {
	if status := e.Response.Status.value; status >= 300 && status < 400 && e.Response.RedirectURL != "" {
		return "redirects"
	}
	mime := strings.ToLower(e.Response.Content.MIMEType)
	ext := strings.ToLower(path.Ext(u.Path))
	switch strings.ToLower(e.ResourceType) {
	case "document", "stylesheet", "script", "image", "font", "media", "xhr", "fetch":
		mime = "kind/" + strings.ToLower(e.ResourceType)
	}
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(mime, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("kind/document", "text/html"):
		return "documents"
	case has("stylesheet", "css") || ext == ".css":
		return "styles"
	case has("script", "ecmascript", "wasm") || ext == ".js" || ext == ".mjs":
		return "scripts"
	case has("font") || ext == ".woff" || ext == ".woff2" || ext == ".ttf":
		return "fonts"
	case has("kind/xhr", "kind/fetch", "json", "event-stream"):
		return "calls"
	case has("image"):
		return "images"
	case has("media", "video", "audio"):
		return "media"
	}
	return "others"
}

// methods returns the request methods that scenarios have.
func methods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
}

// hostName turns a URL's host into one that a scenario can have.
func hostName(host string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '-'
	}, strings.ToLower(host))
	if !hostSyntax.MatchString(name) || len(name) > 253 {
		name = slug(name)
	}
	if name == "" {
		return "www"
	}
	return name
}

// slug turns a text into a name of a scenario or resource, or "".
func slug(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	const longest = 40
	name := strings.Join(words, "-")
	if len(name) > longest {
		name = strings.TrimRight(name[:longest], "-")
	}
	return name
}
