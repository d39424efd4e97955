package balancer

import (
	"io"
	"net/http"

	"protosim/model/vtime"
)

// upgraded takes over a connection that a backend has switched to another
// protocol. From here on ReverseProxy copies bytes through it, both ways.
func (x *exchange) upgraded(res *http.Response) *http.Response {
	conn, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		return res // ReverseProxy answers 502
	}
	t := &tunnel{ReadWriteCloser: conn, idle: x.idle}
	x.mu.Lock()
	x.tunnel = t
	x.mu.Unlock()
	res.Body = t
	x.b.count(&x.b.stats.UpgradesForwarded)
	x.idle.Expect() // until it ends
	return res
}

// tunnel is the backend's side of an upgraded connection, through which the
// bytes of both directions pass.
type tunnel struct {
	io.ReadWriteCloser
	idle *vtime.Idle
}

// Read reads what the backend has sent.
func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Read(p)
	t.idle.Touch()
	return n, err
}

// Write sends to the backend.
func (t *tunnel) Write(p []byte) (int, error) {
	n, err := t.ReadWriteCloser.Write(p)
	t.idle.Touch()
	return n, err
}

// CloseWrite ends the stream to the backend.
func (t *tunnel) CloseWrite() error {
	if c, ok := t.ReadWriteCloser.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return t.Close()
}
