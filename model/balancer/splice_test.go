package balancer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"protosim/model/balancer"
)

// spliced puts an L4 balancer before one program.
func spliced(t *testing.T, g ground, cfg balancer.Config, program func(net.Conn)) *stage {
	cfg.Kind = balancer.L4
	s := on(t, g, cfg)
	l, address := g.listen("program")
	s.ends = append(s.ends, func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				program(c)
			}()
		}
	}()
	s.balancer.Add(balancer.Backend{Name: "program", Address: address})
	return s
}

// refused returns how a connection ends that the balancer does not want: while
// it is being set up, or after.
func (s *stage) refused() error {
	c, err := s.dialFrom("client")(context.Background(), "tcp", s.address)
	if err == nil {
		_, err = c.Read(make([]byte, 1))
		c.Close()
	}
	return err
}

type halfCloser interface{ CloseWrite() error }

// Bytes pass in both directions, and so does the end of each by itself.
func TestSpliceHalfClose(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := spliced(t, g, balancer.Config{}, func(c net.Conn) {
			data, _ := io.ReadAll(c) // to the client's end
			c.Write(bytes.ToUpper(data))
		})
		defer s.close()
		c := s.raw()
		text := strings.Repeat("0123456789abcdef", 1<<16)
		go func() {
			io.WriteString(c, text)
			c.(halfCloser).CloseWrite()
		}()
		if got, err := io.ReadAll(c); string(got) != strings.ToUpper(text) || err != nil {
			t.Errorf("%d of %d bytes, %v", len(got), len(text), err)
		}
		s.until("it is over", func() bool {
			stats := s.balancer.Stats()
			return stats.Connections == 0 && stats.Backends[0].Active == 0 && stats.Backends[0].Connections == 0
		})
	})
}

// A reset passes too.
func TestSpliceReset(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		ended := make(chan error, 1)
		s := spliced(t, g, balancer.Config{}, func(c net.Conn) {
			c.Write([]byte("x"))
			_, err := io.ReadAll(c)
			ended <- err
		})
		defer s.close()
		c := s.raw()
		c.Read(make([]byte, 1))
		if tcp, ok := c.(*net.TCPConn); ok {
			tcp.SetLinger(0)
			tcp.Close()
		} else {
			c.(interface{ Abort() error }).Abort()
		}
		if err := <-ended; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the program sees %v", err)
		}
	})
}

func TestSpliceIdle(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := spliced(t, g, balancer.Config{IdleTimeout: g.brief()}, func(c net.Conn) { io.Copy(c, c) })
		defer s.close()
		c := s.raw()
		for range 5 {
			io.WriteString(c, "x")
			if _, err := c.Read(make([]byte, 1)); err != nil {
				t.Errorf("closed although something moved: %v", err)
			}
			s.sleep(g.brief() / 2)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("then %v", err)
		}
		if stats := s.balancer.Stats(); stats.IdleClosed != 1 {
			t.Errorf("stats %+v", stats)
		}
	})
}

func TestSpliceDrain(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := spliced(t, g, balancer.Config{}, func(c net.Conn) { io.Copy(c, c) })
		defer s.close()
		c := s.raw()
		io.WriteString(c, "x")
		c.Read(make([]byte, 1))
		done := s.balancer.Drain("program", g.brief())
		if err := s.refused(); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a new connection: %v", err)
		}
		io.WriteString(c, "y") // the old one goes on
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Errorf("within the grace: %v", err)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("at the deadline: %v", err)
		}
		<-done
	})
}

// A backend that refuses does not matter if there is another; nothing was sent.
func TestSpliceRetries(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := spliced(t, g, balancer.Config{}, func(c net.Conn) { c.Write([]byte("here")) })
		defer s.close()
		l, address := g.listen("closed")
		l.Close()
		s.balancer.Add(balancer.Backend{Name: "closed", Address: address})
		for range 4 {
			if got, err := io.ReadAll(s.raw()); string(got) != "here" {
				t.Errorf("%q, %v", got, err)
			}
		}
		if stats := s.balancer.Stats(); stats.Retries != 1 || stats.Backends[1].Failures != 1 {
			t.Errorf("stats %+v", stats)
		}
	})
}

func TestSpliceLimit(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		s := spliced(t, g, balancer.Config{MaxConnections: 1}, func(c net.Conn) { io.Copy(c, c) })
		defer s.close()
		first := s.raw()
		io.WriteString(first, "x")
		first.Read(make([]byte, 1))
		if err := s.refused(); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a second: %v", err)
		}
		if stats := s.balancer.Stats(); stats.Rejected != 1 {
			t.Errorf("stats %+v", stats)
		}
	})
}
