package firewall

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"syscall"

	"protosim/model/network"
)

// Gateway puts a firewall on the simulated network: a host of its own, through
// which clients reach all servers. A client behind it uses Dial instead of its
// host's, and nothing else changes.
//
// The network has no routers, so the client's connection is made to the
// gateway's host, where each server has a port; this stands for the routing
// table that leads packets through a transparent firewall, and not a byte is
// sent to tell which server is meant. From there the firewall has a connection
// of its own to the server: both halves cross the network, and each has its own
// handshake, congestion control and losses, as with every proxy that ends TCP.
// (A plain packet filter would not end it; with Pass, the client may go by
// itself if that matters.)
type Gateway struct {
	Firewall *Firewall
	host     *network.Host
	ports    map[string]int // by target; read only
}

// proxyPort is where an explicit proxy listens (Squid http_port).
const proxyPort = 3128

// firstMapped is the first of the gateway's ports for servers whose own port is taken.
const firstMapped = 20_000

// NewGateway puts a new firewall on the host. targets (host:port) are all the
// servers that clients may dial. Before the run, or on the conductor; the
// firewall's Close ends it.
func NewGateway(n *network.Network, host *network.Host, cfg Config, targets ...string) (*Gateway, error) {
	g := &Gateway{Firewall: New(n.Clock, cfg, host.Dial), host: host, ports: map[string]int{}}
	if cfg.Kind == Explicit {
		return g, g.listen(proxyPort, "")
	}
	taken := map[int]bool{}
	for i, target := range targets {
		port := portOf(target)
		if port == 0 {
			return nil, fmt.Errorf("firewall: target %q has no port", target)
		}
		if taken[port] {
			port = firstMapped + i
		}
		taken[port] = true
		g.ports[target] = port
		if g.Firewall.cfg.blocks(portOf(target)) {
			if cfg.Silent {
				n.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
					return network.Verdict{Drop: p.To == host.Name && int(p.ToPort) == port}
				}))
			}
			continue // the host answers with a reset
		}
		if err := g.listen(port, target); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *Gateway) listen(port int, target string) error {
	l, err := g.host.Listen(fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	go g.Firewall.serve(l, target)
	return nil
}

// Proxy returns the URL of an explicit proxy, for http.Transport.Proxy, and nil
// for others, of which clients do not know.
func (g *Gateway) Proxy() *url.URL {
	if g.Firewall.cfg.Kind != Explicit {
		return nil
	}
	return &url.URL{Scheme: "http", Host: fmt.Sprintf("%s:%d", g.host.Name, proxyPort)}
}

// Dial returns what a client on the host from dials with. Its connections are
// those of that host (*network.Conn). Behind an explicit proxy it asks for a
// tunnel by CONNECT, as clients do for TLS and for sockets, unless it is the
// proxy itself that is dialled. What that takes is counted by asked, if it is
// set.
func (g *Gateway) Dial(from *network.Host, asked *Asked) Dial {
	return func(ctx context.Context, netw, address string) (net.Conn, error) {
		if proxy := g.Proxy(); proxy != nil {
			conn, err := from.Dial(ctx, netw, proxy.Host)
			if err != nil || address == proxy.Host {
				return conn, err
			}
			headers, bodies, err := requestTunnel(ctx, conn, address)
			if asked != nil {
				asked.Headers.Add(headers)
				asked.Bodies.Add(bodies)
			}
			if err != nil {
				conn.(*network.Conn).Abort()
				return nil, &net.OpError{Op: "dial", Net: netw, Addr: conn.RemoteAddr(), Err: err}
			}
			return conn, nil
		}
		port := g.ports[address]
		if port == 0 {
			return nil, &net.OpError{Op: "dial", Net: netw, Err: &net.AddrError{Err: "the firewall has no route", Addr: address}}
		}
		if g.Firewall.Blocks(address) {
			g.Firewall.tell(&net.TCPAddr{IP: from.Addr.AsSlice()}, string(ByPort))
		}
		return from.Dial(ctx, netw, fmt.Sprintf("%s:%d", g.host.Name, port))
	}
}

// TunnelError is an explicit proxy's refusal of a CONNECT.
type TunnelError struct{ Status int }

// Error gives the status.
func (e *TunnelError) Error() string {
	return fmt.Sprintf("the proxy answers CONNECT with %d %s", e.Status, http.StatusText(e.Status))
}

// Asked counts the bytes with which proxies were asked for tunnels, in both
// directions: none of them is encrypted, whatever goes through the tunnel.
type Asked struct {
	Headers atomic.Int64 // header blocks
	Bodies  atomic.Int64 // of refusals
}

// requestTunnel asks a proxy for a tunnel, and tells how many bytes of header
// blocks and of a refusal's body that took.
func requestTunnel(ctx context.Context, conn net.Conn, address string) (headers, bodies int64, err error) {
	stop := context.AfterFunc(ctx, func() { abort(conn) })
	defer stop()
	asked, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", address, address)
	if err != nil {
		return int64(asked), 0, err
	}
	// The server says nothing before the client does, so nothing is read beyond
	// the response.
	answer := &countingReader{Reader: conn}
	in := bufio.NewReader(answer)
	res, err := http.ReadResponse(in, &http.Request{Method: http.MethodConnect})
	headers = int64(asked) + answer.n - int64(in.Buffered())
	switch {
	case ctx.Err() != nil:
		return headers, 0, context.Cause(ctx)
	case err == io.ErrUnexpectedEOF:
		return headers, 0, syscall.ECONNRESET
	case err != nil:
		return headers, 0, err
	case res.StatusCode != http.StatusOK:
		return headers, int64(in.Buffered()), &TunnelError{res.StatusCode}
	}
	return headers, 0, nil
}

// countingReader counts what is read.
type countingReader struct {
	io.Reader
	n int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += int64(n)
	return n, err
}
