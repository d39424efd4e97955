package transport

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// encode returns a message with a body of n zero bytes.
func (e envelope) encode(n int) ([]byte, error) {
	head, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	m := make([]byte, len(head)+1+n)
	copy(m, head)
	m[len(head)] = '\n'
	return m, nil
}

// decode splits a message into its envelope and the size of its body.
func decode(m []byte) (e envelope, body int, err error) {
	head, rest, found := bytes.Cut(m, []byte{'\n'})
	if !found {
		return e, 0, fmt.Errorf("transport: message of %d bytes without an envelope", len(m))
	}
	if err := json.Unmarshal(head, &e); err != nil {
		return e, 0, fmt.Errorf("transport: envelope: %w", err)
	}
	return e, len(rest), nil
}
