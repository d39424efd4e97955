package memory

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// half is one direction of a pipe. What is not read yet is all that it holds,
// so that a silent connection costs next to nothing.
type half struct {
	mu      sync.Mutex
	arrived sync.Cond
	data    []byte
	closed  bool
	ignored bool // nobody reads it any more
	expired bool // its reader's deadline has passed
}

func newHalf() *half {
	h := &half{}
	h.arrived.L = &h.mu
	return h
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.data) == 0 && !h.closed && !h.expired {
		h.arrived.Wait()
	}
	if h.expired {
		return 0, os.ErrDeadlineExceeded
	}
	if len(h.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, h.data)
	if h.data = h.data[n:]; len(h.data) == 0 {
		h.data = nil
	}
	return n, nil
}

func (h *half) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, os.ErrClosed
	}
	if !h.ignored {
		h.data = append(h.data, p...)
		h.arrived.Broadcast()
	}
	return len(p), nil
}

func (h *half) close() {
	h.mu.Lock()
	h.closed = true
	h.arrived.Broadcast()
	h.mu.Unlock()
}

// ignore drops what was written and what is yet to be.
func (h *half) ignore() {
	h.mu.Lock()
	h.ignored, h.data = true, nil
	h.mu.Unlock()
}

// end is one end of a pipe. It has the addresses that a socket's has, which
// are part of what a connection takes.
type end struct {
	in, out       *half
	local, remote *net.TCPAddr
}

// newPipe returns the two ends of a connection in memory.
func newPipe(number int) (client, server *end) {
	up, down := newHalf(), newHalf()
	a := func() *net.TCPAddr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1).To4(), Port: 80} }
	b := func() *net.TCPAddr {
		return &net.TCPAddr{IP: net.IPv4(10, 1, byte(number>>8), byte(number)).To4(), Port: 40000}
	}
	return &end{down, up, b(), a()}, &end{up, down, a(), b()}
}

func (e *end) Read(p []byte) (int, error)       { return e.in.read(p) }
func (e *end) Write(p []byte) (int, error)      { return e.out.write(p) }
func (e *end) LocalAddr() net.Addr              { return e.local }
func (e *end) RemoteAddr() net.Addr             { return e.remote }
func (e *end) SetDeadline(t time.Time) error    { return e.SetReadDeadline(t) }
func (e *end) SetWriteDeadline(time.Time) error { return nil } // writes do not wait

// SetReadDeadline knows deadlines that have passed, by which net/http stops a
// Read, and takes all others to be far away.
func (e *end) SetReadDeadline(t time.Time) error {
	e.in.mu.Lock()
	e.in.expired = !t.IsZero() && time.Until(t) <= 0
	e.in.arrived.Broadcast()
	e.in.mu.Unlock()
	return nil
}

func (e *end) Close() error {
	e.in.close()
	e.out.close()
	return nil
}

// pipeListener accepts the server's ends of pipes.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80} }
