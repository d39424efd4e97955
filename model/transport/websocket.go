package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync"

	"github.com/coder/websocket"

	"protosim/model/vtime"
)

// socketPath is where servers accept sockets.
const socketPath = "/socket"

// errSocket ends the exchanges of a socket that ends before them.
var errSocket = errors.New("transport: the socket ended before the response")

// socketClient carries exchanges as pairs of messages on one socket per page
// and host.
type socketClient struct {
	Options
	transport *http.Transport
	jar       http.CookieJar

	mu      sync.Mutex
	sockets map[string]*clientSocket
	opened  uint64 // sockets so far
	readers sync.WaitGroup
}

// clientSocket is one socket. Its handshake is begun by the first exchange;
// the others wait for it.
type clientSocket struct {
	ready   chan struct{}
	err     error // of the handshake, once ready
	conn    *websocket.Conn
	over    context.Context // ends with the socket
	stop    context.CancelFunc
	port    int // of the client's end
	mu      sync.Mutex
	waiting map[uint32]waiting
	events  func(Event) // of the stream that runs on the socket
	alive   func()      // is told of a greeting
	cause   error       // why the client has given the socket up
	ended   error
}

// waiting is an exchange without its response yet.
type waiting struct {
	arrived chan answer
	keep    bool // the response's content
}

type answer struct {
	response Response
	err      error
}

func newSocket(o Options) *socketClient {
	t := &http.Transport{DialContext: o.dialHTTP1, Protocols: new(http.Protocols), DisableCompression: true}
	t.Protocols.SetHTTP1(true)
	return &socketClient{Options: o, transport: t, jar: newJar(), sockets: map[string]*clientSocket{}}
}

func (c *socketClient) Do(ctx context.Context, r Request) (Response, error) {
	s, err := c.socket(ctx, r)
	if err != nil {
		return Response{}, cause(ctx, err)
	}
	c.Clock.Yield(r.ID.ClientKey()) // all that waited for the handshake are here at once
	arrived := make(chan answer, 1)
	s.mu.Lock()
	if s.ended != nil {
		s.mu.Unlock()
		return Response{}, s.ended
	}
	s.waiting[r.ID.Serial] = waiting{arrived, r.Keep}
	s.mu.Unlock()
	defer s.forget(r.ID.Serial)
	sent := c.Clock.Now()
	ask := envelope{ID: r.ID.Serial, Method: r.Method, Path: r.Path}
	if err := ask.send(c.Clock.Context(), s.conn, websocket.MessageBinary, r.Body, nil); err != nil {
		return Response{Sent: sent, Port: s.port}, cause(ctx, err)
	}
	select {
	case a := <-arrived:
		a.response.Sent, a.response.Port = sent, s.port
		return a.response, a.err
	case <-ctx.Done():
		return Response{Sent: sent, Port: s.port}, context.Cause(ctx)
	}
}

// socket returns the page's socket to the request's host, opening it if there is none.
func (c *socketClient) socket(ctx context.Context, r Request) (*clientSocket, error) {
	c.mu.Lock()
	s := c.sockets[r.Host]
	first := s == nil
	if first {
		s = &clientSocket{ready: make(chan struct{}), waiting: map[uint32]waiting{}}
		c.sockets[r.Host] = s
	}
	c.mu.Unlock()
	if first {
		s.conn, s.port, s.err = c.open(ctx, r)
		if s.err == nil {
			s.over, s.stop = context.WithCancel(context.Background())
			c.readers.Add(1)
			go c.read(s)
			if c.Heartbeat.Interval > 0 {
				c.mu.Lock()
				c.opened++
				key := vtime.Key{A: clientKeys | uint64(c.Client), B: heartbeatKeys | c.opened}
				c.mu.Unlock()
				c.readers.Add(1)
				c.Clock.Go(key, func() {
					defer c.readers.Done()
					c.beat(s, key)
				})
			}
		} else {
			c.mu.Lock()
			delete(c.sockets, r.Host) // the next exchange may try again
			c.mu.Unlock()
		}
		close(s.ready)
	}
	select {
	case <-s.ready:
		return s, s.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// compression is how a socket compresses: with all that was sent before as the
// dictionary, as browsers and most servers do.
func compression(deflate bool) websocket.CompressionMode {
	if deflate {
		return websocket.CompressionContextTakeover
	}
	return websocket.CompressionDisabled
}

// open does the opening handshake (RFC 6455 section 4.1).
func (c *socketClient) open(ctx context.Context, r Request) (conn *websocket.Conn, port int, err error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) { port = localPort(got.Conn) },
	})
	h := requestHeaders(c.Options, r.Host)
	h.Set(idHeader, r.ID.String())
	conn, _, err = websocket.Dial(ctx, url("ws", r.Host, c.port(), socketPath), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: c.transport, Jar: c.jar},
		HTTPHeader: h,
		Host:       r.Host,

		CompressionMode: compression(c.Deflate),
	})
	if err != nil {
		return nil, port, err
	}
	conn.SetReadLimit(-1)
	return conn, port, nil
}

// read hands the responses on a socket to those who wait for them.
func (c *socketClient) read(s *clientSocket) {
	defer c.readers.Done()
	for {
		_, message, err := s.conn.Reader(context.Background())
		firstByte := c.Clock.Now()
		var e envelope
		var body int
		var content []byte
		if err == nil {
			e, body, content, err = receive(message, s.keeps)
		}
		if err != nil {
			c.ended(s, errors.Join(errSocket, err))
			return
		}
		if e == (envelope{}) {
			s.hello()
		} else if e.Event > 0 {
			s.event(Event{ID: e.Event, Data: content})
		} else {
			s.answer(e.ID, Response{Status: e.Status, Body: body, Content: content, FirstByte: firstByte})
		}
	}
}

// hello tells who holds a stream that the server has greeted it.
func (s *clientSocket) hello() {
	s.mu.Lock()
	alive := s.alive
	s.mu.Unlock()
	if alive != nil {
		alive()
	}
}

// keeps reports whether somebody wants to see the body of a message.
func (s *clientSocket) keeps(e envelope) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return e.Event > 0 || s.waiting[e.ID].keep
}

// answer hands a response to who waits for it.
func (s *clientSocket) answer(id uint32, r Response) {
	s.mu.Lock()
	w := s.waiting[id]
	delete(s.waiting, id)
	s.mu.Unlock()
	if w.arrived != nil {
		w.arrived <- answer{response: r}
	}
}

// ended forgets a socket that has ended, and tells who wants to know unless it
// was the client's own doing.
func (c *socketClient) ended(s *clientSocket, err error) {
	c.mu.Lock()
	ours := true
	for host, open := range c.sockets {
		if open == s {
			delete(c.sockets, host)
			ours = false
		}
	}
	c.mu.Unlock()
	err = s.end(err)
	s.conn.CloseNow()
	if !ours && c.Disconnected != nil {
		c.Disconnected(err)
	}
}

// end fails what still waits for a response. It returns why the socket ended:
// for err, or because the client itself has given it up.
func (s *clientSocket) end(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	if s.cause != nil {
		err = errors.Join(errSocket, s.cause)
	}
	s.ended = err
	for id, w := range s.waiting {
		w.arrived <- answer{err: err}
		delete(s.waiting, id)
	}
	return err
}

func (s *clientSocket) forget(serial uint32) {
	s.mu.Lock()
	delete(s.waiting, serial)
	s.mu.Unlock()
}

// EndPage closes the page's sockets with the closing handshake.
func (c *socketClient) EndPage() {
	sockets := c.take()
	var closing sync.WaitGroup
	n := uint64(0)
	for _, s := range sortedSockets(sockets) {
		if s.conn == nil {
			continue
		}
		closing.Add(1)
		c.Clock.Go(vtime.Key{A: clientKeys | uint64(c.Client), B: 1<<32 | n}, func() {
			defer closing.Done()
			s.conn.Close(websocket.StatusNormalClosure, "")
		})
		n++
	}
	closing.Wait()
	c.readers.Wait()
}

func (c *socketClient) Drop() {
	for _, s := range sortedSockets(c.take()) {
		if s.conn != nil {
			s.conn.CloseNow()
		}
	}
	c.readers.Wait()
}

// take hands over the sockets, which the client no longer knows then.
func (c *socketClient) take() map[string]*clientSocket {
	c.mu.Lock()
	defer c.mu.Unlock()
	sockets := c.sockets
	c.sockets = map[string]*clientSocket{}
	return sockets
}

func (c *socketClient) Close() {
	c.EndPage()
	c.transport.CloseIdleConnections()
}
