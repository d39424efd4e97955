package firewall

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// explicit serves a client that knows of the proxy: it asks for other servers'
// resources in absolute form (RFC 9112 section 3.2.2), and by CONNECT (RFC 9110
// section 9.3.6) for a tunnel that carries TLS or a socket.
func (p *passage) explicit() {
	in, limit := newReader(p.client)
	switch what, err := sniff(in); {
	case err == nil && what != http1:
		p.stop(Unknown)
	default:
		x := &proxy{p: p, client: p.client, in: in, limit: limit, explicit: true}
		x.dial = func(target string) (net.Conn, error) { return p.connect(target) }
		x.serve()
	}
}

// tunnel answers CONNECT and carries what follows.
func (x *proxy) tunnel(r *http.Request) {
	cfg := &x.p.f.cfg
	port := portOf(r.Host)
	switch {
	case port == 0:
		x.refuse(http.StatusBadRequest, BadRequest)
		return
	case cfg.blocks(port):
		x.refuse(http.StatusForbidden, ByPort)
		return
	case !slices.Contains(cfg.ConnectPorts, port):
		x.refuse(http.StatusForbidden, ConnectPort)
		return
	}
	x.drop()
	server, err := x.p.connect(r.Host)
	if err != nil {
		x.refuse(http.StatusBadGateway, Unreachable)
		return
	}
	if _, err := io.WriteString(x.client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		x.p.abort()
		return
	}
	x.p.splice(x.client, x.in, server, server, nil)
}

// absoluteTarget returns the server of a request in absolute form, "" if it is
// in another.
func absoluteTarget(r *http.Request) string {
	if r.URL.Scheme != "http" || r.URL.Host == "" {
		return ""
	}
	return hostPort(r.URL)
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if strings.Contains(u.Hostname(), "\x00") || u.Hostname() == "" || portOf("h:"+port) == 0 {
		return ""
	}
	return net.JoinHostPort(u.Hostname(), port)
}
