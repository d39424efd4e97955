package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"protosim/model/vtime"
)

// Session is what an application remembers of a client from one request to the
// next.
type Session struct {
	ID       string
	Sequence uint64 // how far the client has got, from which a resumed stream goes on
	Size     int    // bytes of it all
}

// Sessions is a place where sessions are kept. The key orders operations among
// all that happens in one instant; it is that of the request they are made for.
//
// All operations may be repeated: a second Create of a session begins it anew.
// When ctx ends first, they return its cause.
type Sessions interface {
	// Create begins a session of size bytes.
	Create(ctx context.Context, key vtime.Key, id string, size int) error
	// Load returns a session and lets it live for another TTL.
	Load(ctx context.Context, key vtime.Key, id string) (Session, error)
	// Save writes a session back, and lets it live for another TTL. It does not
	// ask whether the session has expired meanwhile.
	Save(ctx context.Context, key vtime.Key, s Session) error
	// Delete forgets a session. That it is unknown is no error.
	Delete(ctx context.Context, key vtime.Key, id string) error
}

var (
	_ Sessions = (*Memory)(nil)
	_ Sessions = (*Redis)(nil)
)

var (
	// ErrNotFound says that the place is there and does not know the session:
	// it has expired, was evicted, or was lost in a crash.
	ErrNotFound = errors.New("store: session not found")
	// ErrUnavailable says that the place could not be asked, or had no room:
	// nothing is known of the session.
	ErrUnavailable = errors.New("store: unavailable")
)

// encode returns a session as the bytes that are stored: its sequence number,
// a line feed, and as much as its size needs. The shortest is a sequence number.
func (s Session) encode() []byte {
	b := strconv.AppendUint(make([]byte, 0, max(s.Size, 24)), s.Sequence, 10)
	if len(b) < s.Size {
		b = append(b, '\n')
	}
	return append(b, make([]byte, max(s.Size-len(b), 0))...)
}

// decode reads what encode has written.
func decode(id string, b []byte) (Session, error) {
	digits := 0
	for digits < len(b) && b[digits] >= '0' && b[digits] <= '9' {
		digits++
	}
	n, err := strconv.ParseUint(string(b[:digits]), 10, 64)
	if err != nil || digits < len(b) && b[digits] != '\n' {
		return Session{}, fmt.Errorf("store: session %q: %d bytes that are none", id, len(b))
	}
	return Session{ID: id, Sequence: n, Size: len(b)}, nil
}
