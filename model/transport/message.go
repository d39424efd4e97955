package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/coder/websocket"
)

// Over a socket every request and every response is one binary message: an
// envelope in JSON, as applications with a protocol of their own send it, a
// line feed, and the body.

// envelope tells what a message is about.
type envelope struct {
	ID     uint32 `json:"id,omitempty"`     // pairs a response with its request
	Event  uint64 `json:"event,omitempty"`  // of an event, which answers no request
	Method string `json:"method,omitempty"` // requests
	Path   string `json:"path,omitempty"`
	Status int    `json:"status,omitempty"` // responses
}

// messages holds memory for messages on their way to the connection.
var messages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// encode appends a message with a body of n bytes, which are content's, or
// filling if there is none.
func (e envelope) encode(m *bytes.Buffer, n int, content []byte) error {
	head, err := json.Marshal(e)
	if err != nil {
		return err
	}
	m.Grow(len(head) + 1 + n)
	m.Write(head)
	m.WriteByte('\n')
	if content != nil {
		m.Write(content)
		return nil
	}
	// Not the same part each time: what was sent before compresses.
	at := int(e.ID) * 7919 % len(filling())
	for n > 0 {
		part := filling()[at:min(at+n, len(filling()))]
		m.Write(part)
		n -= len(part)
		at = 0
	}
	return nil
}

// send writes a message to a socket.
func (e envelope) send(ctx context.Context, conn *websocket.Conn, kind websocket.MessageType, n int, content []byte) error {
	m := messages.Get().(*bytes.Buffer)
	defer messages.Put(m)
	m.Reset()
	if err := e.encode(m, n, content); err != nil {
		return err
	}
	return conn.Write(ctx, kind, m.Bytes())
}

// receive reads the next message from a socket: its envelope, the size of its
// body, and the body itself if it is wanted.
func receive(from io.Reader, wanted func(envelope) bool) (e envelope, body int, content []byte, err error) {
	buf := buffers.Get().(*[readSize]byte)
	defer buffers.Put(buf)
	n, end := 0, -1
	for end < 0 { // the envelope
		k, err := from.Read(buf[n:])
		if i := bytes.IndexByte(buf[n:n+k], '\n'); i >= 0 {
			end = n + i
		}
		n += k
		if end < 0 && (err == io.EOF || n == len(buf)) {
			return e, 0, nil, fmt.Errorf("transport: message without an envelope in its first %d bytes", n)
		}
		if err != nil && err != io.EOF {
			return e, 0, nil, err
		}
	}
	if err := json.Unmarshal(buf[:end], &e); err != nil {
		return e, 0, nil, fmt.Errorf("transport: envelope: %w", err)
	}
	rest := buf[end+1 : n]
	if wanted(e) {
		content = append(content, rest...)
		more, err := io.ReadAll(from)
		content = append(content, more...)
		return e, len(content), content, err
	}
	body = len(rest)
	for {
		k, err := from.Read(buf[:])
		body += k
		if err == io.EOF {
			return e, body, nil, nil
		}
		if err != nil {
			return e, body, nil, err
		}
	}
}
