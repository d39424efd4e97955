package cache

import (
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"protosim/model/vtime"
)

// newTunnels makes what carries connections that are upgraded.
func (c *Cache) newTunnels() {
	c.tunnels = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			q := c.read(r.In)
			r.Out.URL = &url.URL{Scheme: "http", Host: c.upstream, Path: r.In.URL.Path, RawPath: r.In.URL.RawPath, RawQuery: r.In.URL.RawQuery}
			r.Out.Host, r.Out.Header = q.host, q.header
			r.Out.Header.Set("Connection", "Upgrade")
			r.Out.Header.Set("Upgrade", "websocket")
		},
		Transport: c.transport,
		ModifyResponse: func(res *http.Response) error {
			if conn, ok := res.Body.(io.ReadWriteCloser); ok && res.StatusCode == http.StatusSwitchingProtocols {
				t := &tunnel{ReadWriteCloser: conn, c: c}
				t.idle = &vtime.Idle{Time: c.time, Key: with(c.requestKey(res.Request), watchKeys), Limit: c.cfg.IdleTimeout, Expire: t.expire}
				t.idle.Expect() // until it ends
				res.Body = t
			}
			res.Header.Add("Cache-Status", cacheStatus(c.cfg.Name, source{why: "bypass", status: res.StatusCode}, 0))
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			c.failed(r.Context(), err)
			w.WriteHeader(http.StatusBadGateway)
		},
		ErrorLog:   c.logger(),
		BufferPool: &c.buffers,
	}
}

// tunnel passes an upgrade through. Nothing of it can be stored.
func (x *exchange) tunnel() {
	x.note(Upgraded)
	count(x.c, &x.c.stats.UpstreamRequests, 1)
	x.c.tunnels.ServeHTTP(x.w.ResponseWriter, x.r.Request)
}

// tunnel is upstream's side of an upgraded connection, through which the bytes
// of both directions pass.
type tunnel struct {
	io.ReadWriteCloser
	c    *Cache
	idle *vtime.Idle
}

// expire closes a tunnel in which nothing moves, as nginx does by
// proxy_read_timeout.
func (t *tunnel) expire() {
	count(t.c, &t.c.stats.IdleClosed, 1)
	t.ReadWriteCloser.Close()
}

// Read reads what upstream has sent.
func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Read(p)
	t.moved(n)
	return n, err
}

// Write sends upstream.
func (t *tunnel) Write(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Write(p)
	t.moved(n)
	return n, err
}

func (t *tunnel) moved(n int) {
	t.idle.Touch()
	count(t.c, &t.c.stats.BytesUpgraded, int64(n))
}

// CloseWrite ends the stream to upstream.
func (t *tunnel) CloseWrite() error {
	if c, ok := t.ReadWriteCloser.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return t.Close()
}

// Close ends the tunnel.
func (t *tunnel) Close() error {
	t.idle.End()
	return t.ReadWriteCloser.Close()
}

// upgrades reports whether a request asks to become a WebSocket (RFC 6455
// section 4.1). To other protocols nothing is switched: what went through after
// "Upgrade: h2c" would be requests that the cache does not get to see, and a
// server may ignore Upgrade (RFC 9110 section 7.8), so such a request is one
// without it.
func (q *request) upgrades() bool {
	h := q.Request.Header
	return q.Method == http.MethodGet && q.ProtoMajor == 1 && q.ProtoAtLeast(1, 1) && q.ContentLength == 0 &&
		hasToken(h["Connection"], "upgrade") && len(h["Upgrade"]) == 1 && strings.EqualFold(h["Upgrade"][0], "websocket")
}
