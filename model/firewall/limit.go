package firewall

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// lingering is how long a client may take to close a connection that is over
// (nginx lingering_timeout).
const lingering = 5 * time.Second

// metered is one side of a passage, whose bytes are counted and timed.
type metered struct {
	net.Conn
	p      *passage
	client bool
}

// Read reads what has come, and tells of it. Where the firewall has fallen
// silent it reads and forgets, until the client gives up.
func (m *metered) Read(b []byte) (int, error) {
	for {
		n, err := m.Conn.Read(b)
		switch {
		case !m.p.isMuted():
			m.p.moved(n, m.client)
			return n, err
		case err != nil && m.client:
			m.p.abort()
			return 0, err
		case err != nil:
			return 0, io.EOF
		}
	}
}

// Write sends, unless the firewall has fallen silent.
func (m *metered) Write(b []byte) (int, error) {
	if m.p.isMuted() {
		return len(b), nil
	}
	n, err := m.Conn.Write(b)
	if m.client {
		m.p.f.count(func(s *Stats) { s.ToClients += int64(n) })
	}
	m.p.watch.touch(0)
	return n, err
}

// CloseWrite ends the stream.
func (m *metered) CloseWrite() error {
	if !m.p.isMuted() {
		closeWrite(m.Conn)
	}
	return nil
}

// Close closes, unless it is a client that is not to know.
func (m *metered) Close() error {
	if m.client && m.p.isMuted() {
		return nil
	}
	return m.Conn.Close()
}

// moved tells that n bytes have come from one side.
func (p *passage) moved(n int, client bool) {
	if n == 0 {
		return
	}
	if client {
		p.f.count(func(s *Stats) { s.FromClients += int64(n) })
	}
	if total := p.watch.touch(n); p.f.cfg.MaxBytes > 0 && total > p.f.cfg.MaxBytes {
		p.stop(TooMuch)
	}
}

// watch cuts a passage off that is idle, or lasts, too long. Instead of moving
// a timer with each byte, it looks when the time is over whether anything has
// moved, and waits for the rest.
type watch struct {
	p *passage

	mu      sync.Mutex
	started time.Duration
	last    time.Duration // something moved
	bytes   int64
	ended   bool
	stop    func()
}

func newWatch(p *passage) *watch {
	now := p.f.time.Now()
	w := &watch{p: p, started: now, last: now}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wait()
	return w
}

// touch tells that n bytes have come, or others have gone, and returns how many
// have come in all.
func (w *watch) touch(n int) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = w.p.f.time.Now()
	w.bytes += int64(n)
	return w.bytes
}

// end ends the watch.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.stop != nil {
		w.stop()
	}
}

// due returns when which limit is reached, as things are. The mutex is held.
func (w *watch) due() (at time.Duration, why Reason) {
	cfg := &w.p.f.cfg
	if cfg.IdleTimeout > 0 {
		at, why = w.last+cfg.IdleTimeout, Idle
	}
	if end := w.started + cfg.MaxDuration; cfg.MaxDuration > 0 && (why == "" || end < at) {
		at, why = end, TooLong
	}
	return at, why
}

// wait looks again when a limit may be reached. The mutex is held.
func (w *watch) wait() {
	at, why := w.due()
	if why == "" {
		return
	}
	t := w.p.f.time
	ctx, cancel := t.WithTimeout(context.Background(), w.p.key, at-t.Now())
	stop := context.AfterFunc(ctx, func() {
		cancel()
		w.look()
	})
	w.stop = func() { stop(); cancel() }
}

func (w *watch) look() {
	w.mu.Lock()
	if w.ended {
		w.mu.Unlock()
		return
	}
	at, why := w.due()
	if at > w.p.f.time.Now() {
		w.wait()
		w.mu.Unlock()
		return
	}
	w.ended = true
	w.mu.Unlock()
	w.p.stop(why)
}

// moved returns when something has moved last.
func (w *watch) moved() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}
