package firewall_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"protosim/model/firewall"
)

// echoing returns what it gets.
func echoing(c net.Conn) { io.Copy(c, c) }

// What is silent for the idle timeout is cut off then and not before; what
// speaks in time lives on.
func TestIdleTimeout(t *testing.T) {
	simulation(t, func(g *simulated) {
		on(t, g, firewall.Config{IdleTimeout: time.Minute}, echoing, func(s *stage) {
			for _, c := range []struct {
				every time.Duration
				lives bool
			}{{59 * time.Second, true}, {61 * time.Second, false}} {
				conn := s.dial()
				conn.SetReadDeadline(time.Time{})
				alive := true
				for range 5 {
					one := []byte{'x'}
					conn.Write(one)
					if _, err := io.ReadFull(conn, one); err != nil {
						alive = false
						break
					}
					s.sleep(c.every)
				}
				if alive != c.lives {
					t.Errorf("a byte every %v: alive %v, expected %v", c.every, alive, c.lives)
				}
			}
			// Equal timers: the timeout comes first, for the byte is under way
			// (FIGURES 14).
			start := s.time().Now()
			conn := s.dial()
			conn.SetReadDeadline(time.Time{})
			_, err := conn.Read(make([]byte, 1))
			took := s.time().Now() - start
			if !errors.Is(err, syscall.ECONNRESET) || took < time.Minute || took > time.Minute+20*ms {
				t.Errorf("%v after %v, expected a reset after a minute", err, took)
			}
			if n := s.firewall.Stats().Refused[firewall.Idle]; n != 3 { // the first too, once it had finished
				t.Errorf("%d were idle, expected 3", n)
			}
		})
	})
}

// A firewall that forgets a connection silently leaves its client waiting.
func TestSilentIdleTimeout(t *testing.T) {
	simulation(t, func(g *simulated) {
		on(t, g, firewall.Config{IdleTimeout: time.Minute, Silent: true}, echoing, func(s *stage) {
			conn := s.dial()
			s.sleep(2 * time.Minute)
			if _, err := conn.Write([]byte("x")); err != nil {
				t.Error(err)
			}
			conn.SetReadDeadline(time.Now().Add(time.Hour))
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%v, expected silence", err)
			}
			conn.Close()
			s.sleep(time.Second)
			if open := s.firewall.Stats().Open; open != 0 {
				t.Errorf("%d are open", open)
			}
		})
	})
}

// Limits of bytes and of time cut a connection off in the middle.
func TestLimits(t *testing.T) {
	simulation(t, func(g *simulated) {
		on(t, g, firewall.Config{MaxBytes: 100_000, MaxDuration: time.Hour, IdleTimeout: 2 * time.Hour}, echoing, func(s *stage) {
			conn := s.dial()
			go io.Copy(conn, io.LimitReader(endless{}, 1_000_000))
			n, err := io.Copy(io.Discard, conn)
			if err == nil || n > 100_000 {
				t.Errorf("%d bytes came back, %v", n, err)
			}
			start := s.time().Now()
			conn = s.dial()
			conn.SetReadDeadline(time.Time{})
			conn.Read(make([]byte, 1))
			if took := s.time().Now() - start; took < time.Hour || took > time.Hour+50*ms {
				t.Errorf("cut off after %v, expected an hour", took)
			}
			stats := s.firewall.Stats()
			if stats.Refused[firewall.TooMuch] != 1 || stats.Refused[firewall.TooLong] != 1 {
				t.Errorf("%v", stats.Refused)
			}
		})
	})
}
