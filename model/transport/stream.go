package transport

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/coder/websocket"
)

// Event is something that a server tells its clients unasked.
type Event struct {
	ID   uint64 // ascending; a client that comes back says which it had last
	Data []byte // without line feeds
}

// Streamer is an App that also answers with streams of events.
type Streamer interface {
	App
	// Streams reports whether a request is answered by a stream.
	Streams(r Request) bool
	// Stream sends events until ctx ends, send fails, or there will be no more.
	Stream(ctx context.Context, r Request, send func(Event) error)
}

// Over HTTP a stream is server-sent events (the EventSource of the HTML
// standard): one response that does not end. Over a socket each event is a
// message.

const eventStream = "text/event-stream"

// Greeting is what a server may begin a stream with, so that the client knows
// that it is open. It is no event.
var Greeting = Event{Data: []byte{}}

// encode returns an event as a server-sent one. One without data is a comment,
// which keeps proxies from giving the connection up.
func (e Event) encode() []byte {
	if len(e.Data) == 0 {
		return []byte(":\n\n")
	}
	return fmt.Appendf(nil, "id: %d\ndata: %s\n\n", e.ID, e.Data)
}

// readEvents parses server-sent events until the stream ends.
func readEvents(r io.Reader, each func(Event), alive func()) error {
	var e Event
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), 1<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), ":") && alive != nil {
			alive()
		}
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			id, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return fmt.Errorf("transport: event id %q", value)
			}
			e.ID = id
		case "data":
			e.Data = []byte(value)
		case "":
			if e.Data != nil {
				each(e)
			}
			e = Event{}
		}
	}
	return lines.Err()
}

// stream answers a request over HTTP with events.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, app Streamer, q Request) {
	h := w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w).Flush
	if flush() != nil {
		return
	}
	app.Stream(r.Context(), q, func(e Event) error {
		if _, err := w.Write(e.encode()); err != nil {
			return err
		}
		return flush()
	})
}

// Stream carries out a request that is answered by events, over HTTP.
func (c *httpClient) Stream(ctx context.Context, r Request, each func(Event)) error {
	req, err := http.NewRequestWithContext(ctx, r.Method, url("http", r.Host, c.port(), r.Path), nil)
	if err != nil {
		return err
	}
	req.Host = r.Host
	c.setHeaders(req.Header, r)
	c.addCookies(req)
	res, err := c.roundTrip(req, r.ID)
	if err != nil {
		return cause(ctx, err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || kind != eventStream {
		return fmt.Errorf("transport: status %d with %q instead of events", res.StatusCode, kind)
	}
	if err := readEvents(yieldingReader{res.Body, c.Clock, r.ID.readerKey()}, each, r.Alive); err != nil {
		return cause(ctx, err)
	}
	return io.ErrUnexpectedEOF
}

// Stream subscribes to events on the socket.
func (c *socketClient) Stream(ctx context.Context, r Request, each func(Event)) error {
	s, err := c.socket(ctx, r)
	if err != nil {
		return cause(ctx, err)
	}
	over := make(chan answer, 1)
	s.mu.Lock()
	if s.ended != nil {
		s.mu.Unlock()
		return s.ended
	}
	s.waiting[r.ID.Serial] = waiting{arrived: over} // filled when the socket ends
	s.events, s.alive = each, r.Alive
	s.mu.Unlock()
	subscribe := envelope{ID: r.ID.Serial, Method: r.Method, Path: r.Path}
	if err := subscribe.send(c.Clock.Context(), s.conn, websocket.MessageBinary, 0, nil); err != nil {
		return cause(ctx, err)
	}
	select {
	case a := <-over:
		if a.err == nil {
			return fmt.Errorf("transport: status %d instead of events", a.response.Status)
		}
		return a.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stream answers a message with events.
func (c *serverSocket) stream(ctx context.Context, app Streamer, q Request) {
	app.Stream(ctx, q, func(e Event) error {
		if e.Data == nil {
			return c.conn.Ping(ctx)
		}
		return c.send(ctx, envelope{Event: e.ID}, websocket.MessageText, len(e.Data), e.Data)
	})
}

// event hands an event to who has subscribed.
func (s *clientSocket) event(e Event) {
	s.mu.Lock()
	each := s.events
	s.mu.Unlock()
	if each != nil {
		each(e)
	}
}
