package secure_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"protosim/model/network"
	"protosim/model/secure"
)

// connect returns the two ends of a connection whose handshake is over.
func (r *rig) connect() (client, server *secure.Conn) {
	r.Helper()
	accepted := make(chan net.Conn, 1)
	r.start(func() {
		d := r.accept()
		if _, err := d.Read(make([]byte, 1)); err != nil {
			r.Error(err)
		}
		accepted <- d
	})
	c, err := r.dial()
	if err != nil {
		r.Fatal(err)
	}
	c.Write([]byte{0})
	return c, (<-accepted).(*secure.Conn)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

// A server that writes 5 MB to a slow reader is held back by the send buffer,
// and all of it arrives, while the other direction goes on.
func TestBackpressure(t *testing.T) {
	play(t, 3000, false, func(r *rig) {
		c, d := r.connect()
		down, up := random(5<<20), random(1<<20)
		var finished time.Duration
		written := 0
		waitDown := r.start(func() {
			for p := down; len(p) > 0; {
				n, err := d.Write(p[:min(len(p), 30_000)])
				if err != nil {
					t.Error(err)
					return
				}
				p, written = p[n:], written+n
			}
			finished = r.clock.Now()
		})
		waitUp := r.start(func() { c.Write(up) })
		waitRead := r.start(func() {
			got := make([]byte, len(up))
			if _, err := io.ReadFull(d, got); err != nil || !bytes.Equal(got, up) {
				t.Errorf("what the client sent arrived altered: %v", err)
			}
		})
		r.sleep(10 * time.Second)
		if written > 1<<20 {
			t.Errorf("the server could write %d bytes that nobody reads", written)
		}
		got := make([]byte, len(down))
		for n := 0; n < len(got); {
			k, err := c.Read(got[n:min(n+20_000, len(got))])
			if err != nil {
				t.Fatal(err)
			}
			n += k
			r.sleep(ms)
		}
		if !bytes.Equal(got, down) {
			t.Error("what the server sent arrived altered")
		}
		waitDown()
		waitUp()
		waitRead()
		if finished < 10*time.Second {
			t.Errorf("the server had written all at %v", finished)
		}
		if sent, received := r.tally.Sent.Load(), r.tally.Received.Load(); sent != int64(len(up))+1 || received != int64(len(down)) {
			t.Errorf("the client counts %d bytes sent and %d received, want %d and %d", sent, received, len(up)+1, len(down))
		}
		c.Close()
		d.Close()
	})
}

// What is written in one instant shares records, so that scheduling does not
// show on the wire: 22 bytes for each record.
func TestWritesOfAnInstantShareARecord(t *testing.T) {
	play(t, 3000, false, func(r *rig) {
		c, d := r.connect()
		before := r.client.Up.Stats().DataBytes
		for range 100 {
			c.Write([]byte("0123456789"))
		}
		p := make([]byte, 1000)
		if _, err := io.ReadFull(d, p); err != nil {
			t.Error(err)
		}
		if n := r.client.Up.Stats().DataBytes - before; n != 1000+22 {
			t.Errorf("100 small writes took %d bytes, want 1022", n)
		}
		c.Close()
		d.Close()
	})
}

// Close delivers what was written, and the other side reads io.EOF behind it.
func TestCloseDelivers(t *testing.T) {
	play(t, 3000, false, func(r *rig) {
		c, d := r.connect()
		d.Write(random(50_000))
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the second Close returned %v", err)
		}
		if _, err := d.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write after Close returned %v", err)
		}
		got, err := io.ReadAll(c)
		if !bytes.Equal(got, random(50_000)) || err != nil {
			t.Errorf("read %d bytes, %v", len(got), err)
		}
		c.Close()
	})
}

// A Write that waits for room ends when the other side resets the connection,
// and when its own side closes it.
func TestBlockedWriteEnds(t *testing.T) {
	for _, closes := range []bool{false, true} {
		play(t, 3000, false, func(r *rig) {
			c, d := r.connect()
			r.start(func() {
				r.sleep(time.Second)
				if closes {
					d.Close()
				} else {
					r.clock.Post(r.client.Key(9), event(r.client.Crash))
				}
			})
			var err error
			for err == nil {
				_, err = d.Write(make([]byte, 30_000))
			}
			if want := map[bool]error{true: net.ErrClosed, false: syscall.ECONNRESET}[closes]; !errors.Is(err, want) {
				t.Errorf("the Write ended with %v, want %v", err, want)
			}
			d.Close()
			c.Close()
		})
	}
}

// An abrupt end reaches a blocked Read as ECONNRESET.
func TestReset(t *testing.T) {
	play(t, 3000, false, func(r *rig) {
		c, d := r.connect()
		r.start(func() {
			r.sleep(time.Second)
			r.clock.Post(r.server.Key(9), event(r.server.Crash))
		})
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read ended with %v", err)
		}
		c.Close()
		d.Close()
	})
}

type event func()

func (e event) Fire() { e() }

// net/http's server closes over connections in every state of a handshake.
func TestServerCloses(t *testing.T) {
	play(t, 3000, false, func(r *rig) {
		server := &http.Server{Handler: http.NotFoundHandler()}
		wait := r.start(func() { server.Serve(r.listener) })
		var silent []net.Conn
		for range 3 {
			c, err := r.client.Dial(r.clock.Context(), "tcp", "server:443")
			if err != nil {
				t.Fatal(err)
			}
			silent = append(silent, c.(*network.Conn))
		}
		c, err := r.dial()
		if err != nil {
			t.Fatal(err)
		}
		r.sleep(time.Second)
		server.Close()
		wait()
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("read from a server that has closed")
		}
		for _, c := range append(silent, c) {
			c.Close()
		}
	})
}
