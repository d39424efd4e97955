package balancer

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"

	"protosim/model/secure"
	"protosim/model/transport"
	"protosim/model/vtime"
)

// exchange is a request on its way through the balancer.
type exchange struct {
	b       *Balancer
	key     vtime.Key
	client  context.Context // ends when the client goes away
	wish    wish
	body    *requestBody // nil for none
	idle    *vtime.Idle
	control *http.ResponseController // of the client's side

	mu      sync.Mutex
	hushed  atomic.Bool             // reading from the client was ended
	sending bool                    // to the client, which may not be reading
	stop    context.CancelCauseFunc // ends the present try
	tunnel  *tunnel                 // once upgraded

	member  *member // of the present or last try
	carried *carried
}

type exchangeKey struct{}

// newProxy makes what L7 consists of.
func (b *Balancer) newProxy() {
	b.reverse = &httputil.ReverseProxy{
		Rewrite:        b.rewrite,
		Transport:      b,
		ModifyResponse: b.setCookie,
		ErrorHandler:   b.answerError,
		ErrorLog:       b.logger(),
		BufferPool:     &b.buffers,
	}
	b.server = &http.Server{
		Handler:           b,
		ErrorLog:          b.logger(),
		MaxHeaderBytes:    b.cfg.MaxHeaderBytes,
		IdleTimeout:       b.cfg.ClientKeepAlive,
		ReadHeaderTimeout: b.cfg.HeaderTimeout,
		BaseContext:       func(l net.Listener) context.Context { return context.WithValue(b.ctx, frontKey{}, l) },
		ConnContext:       b.admit,
		ConnState:         b.follow,
		Protocols:         new(http.Protocols),
	}
	b.server.Protocols.SetHTTP1(true)
	b.server.Protocols.SetHTTP2(true)
	b.server.Protocols.SetUnencryptedHTTP2(true)
}

// serveRequests serves the HTTP connections that l accepts.
func (b *Balancer) serveRequests(l net.Listener) error {
	_, encrypted := l.(secure.Listener)
	return b.server.Serve(&front{transport.Frames(l, b.time), encrypted})
}

// ServeHTTP takes one request through the balancer.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := clientOf(r)
	x := &exchange{b: b, key: c.requestKey(r), client: r.Context(), control: http.NewResponseController(w)}
	b.time.Yield(x.key)
	defer x.end()
	b.mu.Lock()
	b.stats.Requests++
	b.mu.Unlock()
	if c.rejected {
		w.Header().Set("Connection", "close")
		b.count(&b.stats.Unavailable)
		http.Error(w, "too many connections", http.StatusServiceUnavailable)
		return
	}
	x.wish = wish{source: source(r.RemoteAddr), path: r.URL.Path}
	if b.cfg.Affinity == ByCookie {
		if cookie, err := r.Cookie(b.cfg.Cookie); err == nil {
			x.wish.cookie = cookie.Value
		}
	}
	if upgrade(r.Header) != "" && !b.cfg.Upgrade {
		b.count(&b.stats.UpgradesRefused)
	}
	x.idle = &vtime.Idle{Time: b.time, Key: x.key, Limit: b.cfg.IdleTimeout, Expire: x.expire}
	ctx := context.WithValue(r.Context(), exchangeKey{}, x)
	if r.ProtoMajor == 1 && r.ContentLength != 0 { // or net/http throws away what follows once a response has begun
		http.NewResponseController(w).EnableFullDuplex()
	}
	out := &responseWriter{ResponseWriter: w, x: x, multiplexed: r.ProtoMajor == 2, head: r.Method == http.MethodHead}
	b.reverse.ServeHTTP(out, r.WithContext(ctx))
	out.finish()
	if x.tunnel != nil {
		b.leave(c)
	}
}

// rewrite makes the backend's request of the client's. ReverseProxy has taken
// the headers out that belong to the client's connection.
func (b *Balancer) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme = "http"
	r.Out.URL.Host = "backend" // each try sets its own
	r.Out.Host = r.In.Host
	r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
	r.SetXForwarded()
	if clientOf(r.In).encrypted {
		r.Out.Header.Set("X-Forwarded-Proto", "https")
	}
	if !b.cfg.Upgrade {
		r.Out.Header.Del("Connection")
		r.Out.Header.Del("Upgrade")
	}
}

// setCookie ties the client to its backend.
func (b *Balancer) setCookie(res *http.Response) error {
	x := exchangeOf(res.Request.Context())
	if b.cfg.Affinity == ByCookie && x.wish.cookie != x.member.cookie {
		cookie := http.Cookie{Name: b.cfg.Cookie, Value: x.member.cookie, Path: "/", HttpOnly: true}
		res.Header.Add("Set-Cookie", cookie.String())
	}
	return nil
}

// answerError answers a request for which there is no response.
func (b *Balancer) answerError(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(r.Context())
	switch {
	case x.gone():
		b.count(&b.stats.ClientGone)
		panic(http.ErrAbortHandler) // nobody is there to be answered
	case x.body != nil && x.body.failed() != nil:
		b.count(&b.stats.BadRequest)
		w.Header().Set("Connection", "close")
		status := http.StatusBadRequest
		if errors.Is(x.body.failed(), errSlowClient) {
			status = http.StatusRequestTimeout
		}
		http.Error(w, http.StatusText(status), status)
	case errors.Is(err, errNoBackend):
		b.count(&b.stats.Unavailable)
		http.Error(w, "no backend is available", http.StatusServiceUnavailable)
	case isTimeout(err):
		b.count(&b.stats.GatewayTimeout)
		http.Error(w, http.StatusText(http.StatusGatewayTimeout), http.StatusGatewayTimeout)
	default:
		b.count(&b.stats.BadGateway)
		http.Error(w, http.StatusText(http.StatusBadGateway), http.StatusBadGateway)
	}
}

// end ends what remains of the exchange.
func (x *exchange) end() {
	if x.idle != nil {
		x.idle.End()
	}
	x.leave(nil)
}

// leave ends the present try and takes the exchange off its backend.
func (x *exchange) leave(cause error) {
	x.mu.Lock()
	stop := x.stop
	x.stop = nil
	x.mu.Unlock()
	if stop != nil {
		stop(cause)
	}
	if x.carried != nil {
		x.b.finish(x.member, x.carried)
		x.carried = nil
	}
}

// count adds one to one of the balancer's counters.
func (b *Balancer) count(n *int) {
	b.mu.Lock()
	*n++
	b.mu.Unlock()
}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// upgrade returns the protocol that a request asks to switch to.
func upgrade(h http.Header) string {
	for _, v := range h["Connection"] {
		for token := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "upgrade") {
				return h.Get("Upgrade")
			}
		}
	}
	return ""
}

// buffers are what ReverseProxy copies bodies with. Large, so that what a Read
// returns depends on what has arrived and on nothing else.
type buffers struct{ pool sync.Pool }

const bufferSize = 64 << 10

func (p *buffers) Get() []byte {
	if b, ok := p.pool.Get().(*[bufferSize]byte); ok {
		return b[:]
	}
	return make([]byte, bufferSize)
}

func (p *buffers) Put(b []byte) { p.pool.Put((*[bufferSize]byte)(b)) }
