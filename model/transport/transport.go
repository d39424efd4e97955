// Package transport carries an application's exchanges over the simulated
// network by each strategy's real code: net/http's HTTP/1.1 and HTTP/2, and
// coder/websocket, on both sides.
//
// The client's side is a Client; the server's side is Serve, which mounts one
// application on all of the protocols at once.
package transport

import (
	"context"
	"fmt"
	"net"
	neturl "net/url"
	"strconv"
	"sync/atomic"
	"time"

	"protosim/model/network"
	"protosim/model/secure"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// ID identifies an exchange: the Serial'th of a client. It travels with the
// request (the header X-Request-Id, or a message's envelope), so that both
// sides can order what they do for it among all that happens in one instant.
type ID struct{ Client, Serial uint32 }

// The classes of identities that keep keys apart from those of the network.
const (
	clientKeys = (iota + 1) << 56
	serverKeys
	readerKeys
	proxyKeys
)

// ClientKey orders what the client does for the exchange.
func (id ID) ClientKey() vtime.Key {
	return vtime.Key{A: clientKeys | uint64(id.Client), B: uint64(id.Serial)}
}

// ServerKey orders what the server does for it.
func (id ID) ServerKey() vtime.Key {
	return vtime.Key{A: serverKeys | uint64(id.Client), B: uint64(id.Serial)}
}

// ProxyKey orders what a proxy in between does for it.
func (id ID) ProxyKey() vtime.Key {
	return vtime.Key{A: proxyKeys | uint64(id.Client), B: uint64(id.Serial)}
}

// readerKey orders the reading of the response's body.
func (id ID) readerKey() vtime.Key {
	return vtime.Key{A: readerKeys | uint64(id.Client), B: uint64(id.Serial)}
}

// SelfKey orders what a client does by itself, apart from any request.
func SelfKey(client uint32) vtime.Key {
	return ID{Client: client, Serial: ^uint32(0)}.ClientKey()
}

// String formats the identity as the header X-Request-Id carries it.
func (id ID) String() string { return fmt.Sprintf("%08x-%08x", id.Client, id.Serial) }

func parseID(s string) (ID, error) {
	if len(s) == 17 && s[8] == '-' {
		client, err1 := strconv.ParseUint(s[:8], 16, 32)
		serial, err2 := strconv.ParseUint(s[9:], 16, 32)
		if err1 == nil && err2 == nil {
			return ID{uint32(client), uint32(serial)}, nil
		}
	}
	return ID{}, fmt.Errorf("transport: request id %q", s)
}

// Request is what a client asks of a server.
type Request struct {
	ID     ID
	Host   string
	Method string
	Path   string
	Body   int  // bytes
	Keep   bool // the response's content is wanted, not only its size
	// LastEvent is the ID of the last event that a client has that asks for a
	// stream again, which it says by Last-Event-ID as an EventSource does; 0 if
	// it has none. Over a socket it is part of what the client asks for instead.
	LastEvent uint64
	// Alive, when set, is told when the server greets the stream that answers
	// the request, or gives another sign of life over HTTP.
	Alive func()
	// Match, at the server, is the request's If-None-Match: what a cache has.
	Match string
}

// Response is what came back.
type Response struct {
	Status  int
	Body    int    // bytes
	Content []byte // of the body, where the request said Keep
	Retries int    // attempts beyond the first that the transport made by itself

	// Sent is when the request had a connection and was written, the last time
	// if more than once, and FirstByte when the response began to arrive: in
	// virtual time, 0 if it never did.
	Sent, FirstByte time.Duration
	// Port is the client's end of the connection, 0 if there never was one.
	Port int
}

// Client is one client's transport under one strategy.
type Client interface {
	// Do carries out one exchange and reads the response to its end. Each Do
	// has a goroutine of its own, which has yielded with the request's key.
	// With an error, Response tells how far the exchange got.
	Do(ctx context.Context, r Request) (Response, error)
	// Stream carries out a request that is answered by events, and hands each
	// over as it arrives. It returns an error when the stream ends.
	Stream(ctx context.Context, r Request, each func(Event)) error
	// EndPage ends what belongs to the page that is shown: its sockets.
	EndPage()
	// Drop gives up the present connections without ceremony, as a client does
	// that has waited for an answer in vain.
	Drop()
	// Close ends all connections.
	Close()
}

// Options tell how a client's transport behaves.
type Options struct {
	Clock       *vtime.Clock
	Host        *network.Host
	Client      uint32
	Connections int            // HTTP/1.1 connections per host, 6 in browsers
	Headers     int            // bytes of an HTTP/1.1 request's header block
	Seed        uint64         // makes cookies
	TLS         *secure.Client // nil for none
	// HeaderBytes, when set, counts the bytes of header blocks in both directions.
	HeaderBytes *atomic.Int64
	// Dial, when set, leads to servers another way than the host's own: to a
	// cache, or through a firewall. Its connections are still the host's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Proxy is the explicit proxy that HTTP/1.1 in clear asks for everything;
	// nil for none. Others reach it by Dial.
	Proxy *neturl.URL
	// Port is where servers listen; 0 for 80, or 443 with TLS.
	Port int
	// Heartbeat watches over sockets.
	Heartbeat Heartbeat
	// Deflate lets sockets compress (RFC 7692), if the server does too.
	Deflate bool
	// Disconnected, when set, is told when a socket ends that the client has
	// not closed itself.
	Disconnected func(error)
}

// port is where servers listen.
func (o Options) port() string {
	if o.Port != 0 {
		return strconv.Itoa(o.Port)
	}
	if o.TLS != nil {
		return "443"
	}
	return "80"
}

// New returns a client's transport under the strategy.
func New(s scenarios.Strategy, o Options) Client {
	switch s {
	case scenarios.HTTP1, scenarios.HTTP1Close, scenarios.HTTP2:
		return newHTTP(s, o)
	case scenarios.WebSocket:
		return newSocket(o)
	}
	panic(fmt.Sprintf("transport: no strategy %q", s))
}

// Protocols returns the ALPN protocols that the strategy offers: as browsers do,
// HTTP/1.1 besides HTTP/2, for what ends TLS on the way and knows nothing else.
func Protocols(s scenarios.Strategy) []string {
	if s == scenarios.HTTP2 {
		return []string{"h2", "http/1.1"}
	}
	return []string{"http/1.1"}
}

// localPort is the port of this end of a connection.
func localPort(c net.Conn) int {
	if a, ok := c.LocalAddr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// dialHTTP1 connects to a server for HTTP/1.1, which may become a socket.
func (o Options) dialHTTP1(ctx context.Context, netw, addr string) (net.Conn, error) {
	conn, err := o.dial(ctx, netw, addr)
	if err != nil {
		return nil, err
	}
	return o.meter(conn, false), nil
}

// dial connects to a server, through TLS if the options say so.
func (o Options) dial(ctx context.Context, netw, addr string) (net.Conn, error) {
	dial := o.Host.Dial
	if o.Dial != nil {
		dial = o.Dial
	}
	conn, err := dial(ctx, netw, addr)
	if err != nil || o.TLS == nil {
		return conn, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	secured, err := o.TLS.Handshake(ctx, conn.(secure.Below), host)
	if err != nil {
		return nil, err
	}
	return secured, nil
}
