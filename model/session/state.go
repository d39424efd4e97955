package session

import (
	"context"
	"errors"
	"sync"

	"protosim/model/vtime"
)

// The errors of a State.
var (
	// ErrUnknown says that there is no such session.
	ErrUnknown = errors.New("session: unknown")
	// ErrUnavailable says that the place that would know does not answer.
	ErrUnavailable = errors.New("session: state unavailable")
)

// State is where servers keep what they know of sessions.
type State interface {
	// Create begins a session with size bytes of state.
	Create(ctx context.Context, key vtime.Key, id string, size int) error
	// Use reads a session's state and writes it back.
	Use(ctx context.Context, key vtime.Key, id string) error
	// End forgets a session.
	End(ctx context.Context, key vtime.Key, id string) error
}

// Memory is the memory of one server's process: it ends with it.
type Memory struct {
	mu   sync.Mutex
	size map[string]int
}

// NewMemory returns an empty memory.
func NewMemory() *Memory { return &Memory{size: map[string]int{}} }

// Create begins a session.
func (m *Memory) Create(_ context.Context, _ vtime.Key, id string, size int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.size[id] = size
	return nil
}

// Use checks that the session is known.
func (m *Memory) Use(_ context.Context, _ vtime.Key, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.size[id]; !ok {
		return ErrUnknown
	}
	return nil
}

// End forgets a session.
func (m *Memory) End(_ context.Context, _ vtime.Key, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.size, id)
	return nil
}

// Carried is the state that clients carry in signed tokens: every server knows
// every session.
type Carried struct{}

// Create does nothing: the token is in the answer.
func (Carried) Create(context.Context, vtime.Key, string, int) error { return nil }

// Use accepts the token.
func (Carried) Use(context.Context, vtime.Key, string) error { return nil }

// End does nothing.
func (Carried) End(context.Context, vtime.Key, string) error { return nil }
