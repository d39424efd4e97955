package balancer

import (
	"errors"
	"io"
	"net"
	"sync"

	"protosim/model/vtime"
)

// serveConnections splices the connections that l accepts to backends.
func (b *Balancer) serveConnections(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			if b.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return net.ErrClosed
			}
			return err
		}
		b.mu.Lock()
		b.stats.Requests++
		full := b.cfg.MaxConnections > 0 && b.clients >= b.cfg.MaxConnections
		if full {
			b.stats.Rejected++
		} else {
			b.clients++
		}
		b.mu.Unlock()
		if full {
			abort(conn)
			continue
		}
		var key vtime.Key
		if k, ok := conn.(interface{ Key() vtime.Key }); ok {
			key = k.Key()
		}
		key.B |= 1 << 60
		b.time.Go(key, func() {
			b.splice(conn, key)
			b.mu.Lock()
			b.clients--
			b.mu.Unlock()
		})
	}
}

// splice carries one connection.
func (b *Balancer) splice(front net.Conn, key vtime.Key) {
	s := &spliced{b: b, front: front}
	back := s.connect(key)
	if back == nil {
		abort(front)
		return
	}
	defer b.finish(s.member, s.carried)
	s.idle = &vtime.Idle{Time: b.time, Key: key, Limit: b.cfg.IdleTimeout, Expire: func() {
		b.count(&b.stats.IdleClosed)
		s.reset(errSilent)
	}}
	defer s.idle.End()
	s.mu.Lock()
	s.back = back
	cause := s.cause
	s.mu.Unlock()
	if cause != nil { // while dialling
		s.reset(cause)
		return
	}
	s.idle.Expect() // until it ends
	var up sync.WaitGroup
	up.Add(1)
	go func() {
		defer up.Done()
		s.copy(back, front)
	}()
	s.copy(front, back)
	up.Wait()
	front.Close()
	back.Close()
}

// spliced is a connection under way.
type spliced struct {
	b       *Balancer
	front   net.Conn
	member  *member
	carried *carried
	idle    *vtime.Idle

	mu    sync.Mutex
	back  net.Conn
	cause error // of a reset
}

// connect dials backends until one accepts. Nothing has been sent, so any may do.
func (s *spliced) connect(key vtime.Key) net.Conn {
	b := s.b
	w := wish{source: source(s.front.RemoteAddr().String())}
	for {
		b.mu.Lock()
		m := b.choose(w)
		if m == nil || b.cfg.Retries < 0 && len(w.tried) > 0 || b.cfg.Retries > 0 && len(w.tried) > b.cfg.Retries {
			b.stats.Unavailable++
			b.mu.Unlock()
			return nil
		}
		if len(w.tried) > 0 {
			b.stats.Retries++
			m.stats.Retries++
		}
		s.member, s.carried = m, &carried{cut: s.reset}
		b.start(m, s.carried)
		removed := m.ctx
		b.mu.Unlock()
		conn, err := b.connect(removed, m)
		if err == nil {
			b.mu.Lock()
			b.succeeded(m)
			b.mu.Unlock()
			return conn
		}
		b.time.Yield(key)
		b.finish(m, s.carried)
		b.mu.Lock()
		b.failed(m)
		b.mu.Unlock()
		w.tried = append(w.tried, m)
	}
}

// copy carries one direction to its end, and the end with it.
func (s *spliced) copy(to, from net.Conn) {
	buffer := s.b.buffers.Get()
	defer s.b.buffers.Put(buffer)
	for {
		n, err := from.Read(buffer)
		s.idle.Touch()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				s.reset(err)
				return
			}
			s.idle.Touch()
		}
		if err == io.EOF {
			closeWrite(to)
			return
		}
		if err != nil {
			s.reset(err)
			return
		}
	}
}

// reset ends both sides abruptly.
func (s *spliced) reset(cause error) {
	s.mu.Lock()
	back := s.back
	if s.cause == nil {
		s.cause = cause
	}
	s.mu.Unlock()
	abort(s.front)
	if back != nil {
		abort(back)
	}
}
