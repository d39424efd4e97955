package cache

import (
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// newTunnels makes what carries connections that are upgraded.
func (c *Cache) newTunnels() {
	c.tunnels = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			protocol := upgrade(r.In.Header)
			q := c.read(r.In)
			r.Out.URL = &url.URL{Scheme: "http", Host: c.upstream, Path: r.In.URL.Path, RawPath: r.In.URL.RawPath, RawQuery: r.In.URL.RawQuery}
			r.Out.Host, r.Out.Header = q.host, q.header
			r.Out.Header.Set("Connection", "Upgrade")
			r.Out.Header.Set("Upgrade", protocol)
		},
		Transport: c.transport,
		ModifyResponse: func(res *http.Response) error {
			if conn, ok := res.Body.(io.ReadWriteCloser); ok && res.StatusCode == http.StatusSwitchingProtocols {
				res.Body = &tunnel{conn, c}
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

// tunnel is upstream's side of an upgraded connection.
type tunnel struct {
	io.ReadWriteCloser
	c *Cache
}

// Read reads what upstream has sent.
func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Read(p)
	count(t.c, &t.c.stats.BytesUpgraded, int64(n))
	return n, err
}

// Write sends upstream.
func (t *tunnel) Write(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Write(p)
	count(t.c, &t.c.stats.BytesUpgraded, int64(n))
	return n, err
}

// CloseWrite ends the stream to upstream.
func (t *tunnel) CloseWrite() error {
	if c, ok := t.ReadWriteCloser.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return t.Close()
}

// upgrade returns the protocol that a request asks to switch to.
func upgrade(h http.Header) string {
	if !hasToken(h["Connection"], "upgrade") {
		return ""
	}
	return h.Get("Upgrade")
}
