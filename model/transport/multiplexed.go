package transport

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// multiplexed serves the HTTP/2 connections of an http.Server with another one.
// net/http tells connections to go away (GOAWAY) only when their server is shut
// down, and that closes the listener and idle HTTP/1.1 connections with it, upon
// which a request may be on its way.
type multiplexed struct {
	of *http.Server

	mu     sync.Mutex
	server *http.Server // of the connections to come
	ended  map[net.Conn]chan struct{}
}

// multiplex lets s hand over its HTTP/2 connections. Before it serves.
func multiplex(s *http.Server) *multiplexed {
	m := &multiplexed{of: s, ended: map[net.Conn]chan struct{}{}}
	m.server = m.next()
	s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, c *tls.Conn, _ http.Handler) { m.serve(c) },
		// Prior knowledge (RFC 9113 section 3.3), by net/http's name for it. It has
		// read the preface, and nothing after it.
		"unencrypted_http2": func(_ *http.Server, c *tls.Conn, _ http.Handler) {
			plain := c.NetConn().(interface{ UnencryptedNetConn() net.Conn }).UnencryptedNetConn()
			m.serve(&replayed{plain, io.MultiReader(strings.NewReader(preface), plain)})
		},
	}
	return m
}

// next returns a server for connections to come.
func (m *multiplexed) next() *http.Server {
	s := &http.Server{Handler: m.of.Handler, ErrorLog: m.of.ErrorLog, ConnState: m.follow, Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP2(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	return s
}

// serve serves a connection to its end.
func (m *multiplexed) serve(c net.Conn) {
	ended := make(chan struct{})
	for l := (handedOver{conn: c}); !l.given; { // to the next server, if goAway has just come between
		m.mu.Lock()
		m.ended[c] = ended
		s := m.server
		m.mu.Unlock()
		s.Serve(&l)
	}
	<-ended
}

// follow hears what becomes of connections.
func (m *multiplexed) follow(c net.Conn, state http.ConnState) {
	if state == http.StateClosed {
		m.mu.Lock()
		defer m.mu.Unlock()
		close(m.ended[c])
		delete(m.ended, c)
	}
}

// goAway tells the connections that are open to go away (RFC 9113 section 6.8),
// and not those that come later.
func (m *multiplexed) goAway() {
	m.mu.Lock()
	s := m.server
	m.server = m.next()
	m.mu.Unlock()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	s.Shutdown(over) // without waiting
}

// replayed is a connection of which something was read before.
type replayed struct {
	net.Conn
	from io.Reader
}

func (r *replayed) Read(p []byte) (int, error) { return r.from.Read(p) }

// handedOver is a listener that has had its one connection.
type handedOver struct {
	conn  net.Conn
	given bool
}

// Accept returns the connection, and then an error.
func (h *handedOver) Accept() (net.Conn, error) {
	if h.given {
		return nil, net.ErrClosed
	}
	h.given = true
	return h.conn, nil
}

func (h *handedOver) Close() error   { return nil }
func (h *handedOver) Addr() net.Addr { return h.conn.LocalAddr() }
