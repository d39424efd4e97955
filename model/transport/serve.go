package transport

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"protosim/model/vtime"
)

// App is the application behind a server: it says what becomes of a request.
// Serve is called on the request's own goroutine, which has yielded with the
// request's key, and takes as long as the request takes.
type App interface {
	Serve(ctx context.Context, r Request) Reply
}

// Reply is an application's answer.
type Reply struct {
	Status  int
	Body    int    // bytes
	Content []byte // of the body, Body bytes; filling if nil
	// Header takes the place of the server's usual headers of those names, over
	// HTTP. A socket has no headers.
	Header map[string]string
}

// Server serves one application over HTTP/1.1, HTTP/2 and WebSocket.
type Server struct {
	clock   vtime.Time
	app     App
	http    *http.Server
	http2   *multiplexed
	headers http.Header

	active  atomic.Int64  // requests over HTTP being answered
	open    atomic.Int64  // connections, but for sockets
	leaving atomic.Bool   // it drains
	strange atomic.Uint32 // requests without an identity so far
	deflate atomic.Bool   // sockets compress

	mu      sync.Mutex
	sockets map[*serverSocket]struct{}
	errors  []string
}

// Serve starts a server on the listener. headers is the size of an HTTP/1.1
// response's header block in bytes, and seed makes their contents.
func Serve(clock vtime.Time, l net.Listener, app App, headers int, seed uint64) *Server {
	s := &Server{clock: clock, app: app, headers: responseHeaders(headers, seed), sockets: map[*serverSocket]struct{}{}}
	s.http = &http.Server{
		Handler:   s,
		Protocols: new(http.Protocols),
		ErrorLog:  log.New(s, "", 0),
		ConnState: s.follow,
	}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetHTTP2(true) // where a real listener speaks TLS
	s.http.Protocols.SetUnencryptedHTTP2(true)
	s.http2 = multiplex(s.http)
	go s.http.Serve(frameListener{l, clock})
	return s
}

// follow counts connections.
func (s *Server) follow(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.open.Add(1)
	case http.StateHijacked, http.StateClosed:
		s.open.Add(-1)
	}
}

// Deflate lets sockets that are opened from now on compress, if the client does
// too (RFC 7692).
func (s *Server) Deflate() { s.deflate.Store(true) }

// Close ends the server and its connections.
func (s *Server) Close() {
	s.mu.Lock()
	sockets := s.sockets
	s.sockets = nil
	s.mu.Unlock()
	for c := range sockets {
		c.conn.CloseNow()
	}
	s.http.Close()
}

// drainStep is how often a draining server looks whether it is done.
const drainStep = 10 * time.Millisecond

// Drain lets the server finish what it does. HTTP/2 connections are told to go
// away (GOAWAY, RFC 9113 section 6.8), sockets are closed with status 1001, and
// an HTTP/1.1 connection ends with the response to its next request: until then
// one may be on its way (RFC 9112 section 9.5), so that idle ones stay, as behind
// Envoy and HAProxy's idle-close-on-response. It returns when no connection is
// left, or when ctx ends; Close ends the rest.
//
// On real sockets idle connections are closed at once, as by any net/http server:
// there somebody has pressed Ctrl-C.
//
// It stands in for http.Server.Shutdown, which polls at random intervals, and
// closes idle connections at once.
func (s *Server) Drain(ctx context.Context, key vtime.Key) {
	s.leaving.Store(true)
	s.http2.goAway()
	if _, real := s.clock.(*vtime.Real); real {
		s.http.SetKeepAlivesEnabled(false)
	}
	s.mu.Lock()
	sockets := slices.SortedFunc(maps.Keys(s.sockets), func(a, b *serverSocket) int { return cmp.Compare(a.client, b.client) })
	s.mu.Unlock()
	for i, c := range sockets {
		k := ID{Client: c.client, Serial: ^uint32(i)}.ServerKey()
		s.clock.Go(k, func() { c.conn.Close(websocket.StatusGoingAway, "server is going away") })
	}
	for s.active.Load() > 0 || s.open.Load() > 0 || s.Sockets() > 0 {
		if s.clock.Sleep(ctx, key, drainStep) != nil {
			return
		}
	}
}

// Sockets returns how many sockets are open.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// Write takes what net/http logs: it is an error of the simulator or of the
// network that no request tells of.
func (s *Server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errors = append(s.errors, fmt.Sprintf("%v: %s", s.clock.Now(), bytes.TrimSpace(p)))
	return len(p), nil
}

// Errors returns what net/http has logged.
func (s *Server) Errors() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errors
}

// identify returns a request's identity. Real clients send none: then it is a
// number. In the simulation every request has one, or there would be no order.
func (s *Server) identify(r *http.Request) (ID, error) {
	id, err := RequestID(r.Header)
	if _, real := s.clock.(*vtime.Real); real && err != nil {
		return ID{Client: ^uint32(0), Serial: s.strange.Add(1)}, nil
	}
	return id, err
}

// ServeHTTP answers a request over HTTP, or upgrades it to a socket.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := s.identify(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.clock.Yield(id.ServerKey())
	if r.Header.Get("Upgrade") != "" || r.Header.Get("Sec-Websocket-Key") != "" {
		// A proxy in between may have dropped the first: that is a 426.
		s.upgrade(w, r, id)
		return
	}
	s.active.Add(1)
	defer s.active.Add(-1)
	body := int64(0)
	if r.ContentLength != 0 {
		if body, err = io.Copy(io.Discard, yieldingReader{r.Body, s.clock, id.ServerKey()}); err != nil {
			return
		}
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	q := Request{ID: id, Host: host, Method: r.Method, Path: r.URL.RequestURI(), Body: int(body), Match: r.Header.Get("If-None-Match"), LastEvent: lastEvent(r.Header)}
	if app, ok := s.app.(Streamer); ok && app.Streams(q) {
		s.stream(w, r, app, q)
		return
	}
	reply := s.app.Serve(r.Context(), q)
	h := w.Header()
	for name, values := range s.headers {
		h[name] = values
	}
	if s.leaving.Load() {
		h.Set("Connection", "close") // over HTTP/2: GOAWAY
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(reply.Body))
	for name, value := range reply.Header {
		h.Set(name, value)
	}
	if reply.Status == http.StatusNotModified { // it has no body, and says nothing of its length
		h.Del("Content-Type")
		h.Del("Content-Length")
	}
	w.WriteHeader(reply.Status)
	if r.ProtoMajor == 2 && reply.Body > 0 {
		// net/http sends the headers by themselves anyway. Where the connection
		// was busy, other streams' handlers wake with this one.
		http.NewResponseController(w).Flush()
		s.clock.Yield(id.ServerKey())
	}
	for left := reply.Body; left > 0; {
		chunk := filling()[:min(left, len(filling()))]
		if reply.Content != nil {
			chunk = reply.Content[len(reply.Content)-left:]
		}
		n, err := w.Write(chunk)
		if err != nil {
			return
		}
		left -= n
		s.clock.Yield(id.ServerKey()) // so that streams end one by one
	}
}

// yieldingReader yields before each Read, so that what one returns depends on
// what has arrived and on nothing else.
type yieldingReader struct {
	io.Reader
	clock vtime.Time
	key   vtime.Key
}

func (r yieldingReader) Read(p []byte) (int, error) {
	r.clock.Yield(r.key)
	return r.Reader.Read(p)
}
