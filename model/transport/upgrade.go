package transport

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/coder/websocket"
)

// sortedSockets returns sockets in the order of their hosts' names.
func sortedSockets(sockets map[string]*clientSocket) []*clientSocket {
	var list []*clientSocket
	for _, host := range slices.Sorted(maps.Keys(sockets)) {
		list = append(list, sockets[host])
	}
	return list
}

// serverSocket is the server's side of one socket.
type serverSocket struct {
	server *Server
	conn   *websocket.Conn
	client uint32
	host   string
	turn   chan struct{} // held by who writes, so that one message at a time takes memory
}

// send writes a message when those before it are written.
func (c *serverSocket) send(ctx context.Context, e envelope, kind websocket.MessageType, n int, content []byte) error {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-c.turn }()
	return e.send(ctx, c.conn, kind, n, content)
}

// upgrade turns a request into a socket and serves its messages until it ends.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, id ID) {
	if s.leaving.Load() {
		w.Header().Set("Connection", "close")
		http.Error(w, "server is going away", http.StatusServiceUnavailable)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: compression(s.deflate.Load())})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(-1)
	c := &serverSocket{server: s, conn: conn, client: id.Client, host: r.Host, turn: make(chan struct{}, 1)}
	s.mu.Lock()
	if s.sockets == nil { // closed
		s.mu.Unlock()
		conn.CloseNow()
		return
	}
	s.sockets[c] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.sockets, c)
		s.mu.Unlock()
		conn.CloseNow()
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		_, message, err := conn.Reader(context.Background())
		if err != nil {
			return
		}
		e, body, _, err := receive(message, func(envelope) bool { return false })
		if err != nil {
			conn.Close(websocket.StatusPolicyViolation, err.Error())
			return
		}
		go c.answer(ctx, e, body)
	}
}

// answer serves one message.
func (c *serverSocket) answer(ctx context.Context, e envelope, body int) {
	id := ID{c.client, e.ID}
	c.server.clock.Yield(id.ServerKey())
	q := Request{ID: id, Host: c.host, Method: e.Method, Path: e.Path, Body: body}
	if app, ok := c.server.app.(Streamer); ok && app.Streams(q) {
		c.stream(ctx, app, q)
		return
	}
	reply := c.server.app.Serve(ctx, q)
	if ctx.Err() != nil {
		return // the socket has ended, and whether a write still gets out is a race
	}
	c.send(context.Background(), envelope{ID: e.ID, Status: reply.Status}, websocket.MessageBinary, reply.Body, reply.Content)
}
