package store

import (
	"context"
	"sync"
	"time"

	"protosim/model/vtime"
)

// Memory keeps sessions in the memory of one server's process, and is lost
// with it: a server that starts again starts with a new Memory.
type Memory struct {
	time vtime.Time
	ttl  time.Duration

	mu       sync.Mutex
	sessions map[string]*kept
	expiry   expiryQueue[*kept]
	bytes    int
}

// kept is a session in memory.
type kept struct {
	Session
	expiring
}

// NewMemory returns an empty Memory whose sessions expire when they have not
// been used for ttl, or never if that is 0.
func NewMemory(t vtime.Time, ttl time.Duration) *Memory {
	return &Memory{time: t, ttl: ttl, sessions: map[string]*kept{}}
}

// Create begins a session.
func (m *Memory) Create(ctx context.Context, key vtime.Key, id string, size int) error {
	return m.Save(ctx, key, Session{ID: id, Size: size})
}

// Load returns a session.
func (m *Memory) Load(ctx context.Context, key vtime.Key, id string) (Session, error) {
	if err := m.begin(ctx, key); err != nil {
		return Session{}, err
	}
	defer m.mu.Unlock()
	k := m.sessions[id]
	if k == nil {
		return Session{}, ErrNotFound
	}
	m.touch(k)
	return k.Session, nil
}

// Save writes a session back.
func (m *Memory) Save(ctx context.Context, key vtime.Key, s Session) error {
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	defer m.mu.Unlock()
	k := m.sessions[s.ID]
	if k == nil {
		k = &kept{expiring: never}
		m.sessions[s.ID] = k
	}
	m.bytes += s.Size - k.Size
	k.Session = s
	m.touch(k)
	return nil
}

// Delete forgets a session.
func (m *Memory) Delete(ctx context.Context, key vtime.Key, id string) error {
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if k := m.sessions[id]; k != nil {
		m.expiry.set(k, 0)
		m.drop(k)
	}
	return nil
}

// Len returns how many sessions are known.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	return len(m.sessions)
}

// Bytes returns how large the sessions are together.
func (m *Memory) Bytes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	return m.bytes
}

// begin takes the mutex, with what has expired gone, unless ctx has ended.
func (m *Memory) begin(ctx context.Context, key vtime.Key) error {
	m.time.Yield(key)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	m.expire()
	return nil
}

func (m *Memory) expire() {
	for k := range m.expiry.due(m.time.Now()) {
		m.drop(k)
	}
}

func (m *Memory) touch(k *kept) {
	if m.ttl > 0 {
		m.expiry.set(k, m.time.Now()+m.ttl)
	}
}

func (m *Memory) drop(k *kept) {
	delete(m.sessions, k.ID)
	m.bytes -= k.Size
}
