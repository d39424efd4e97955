package secure_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"protosim/model/network"
)

// exchange is what one request and response on a new connection took.
type exchange struct {
	took           time.Duration // from the first SYN to the response
	client, server int64         // bytes that each sent, of TCP payload
}

// exchanges makes n exchanges, each on a connection of its own.
func exchanges(t *testing.T, n, chain int, resume bool) (list []exchange, full, resumed int64) {
	play(t, chain, resume, func(r *rig) {
		wait := r.start(func() {
			for range n {
				d := r.accept()
				p := make([]byte, 7)
				if _, err := io.ReadFull(d, p); err != nil || string(p) != "request" {
					t.Errorf("the server read %q, %v", p, err)
				}
				io.WriteString(d, "response")
				io.Copy(io.Discard, d)
				d.Close()
			}
		})
		for range n {
			began := r.clock.Now()
			up, down := r.client.Up.Stats().DataBytes, r.server.Up.Stats().DataBytes
			c, err := r.dial()
			if err != nil {
				t.Error(err)
				break
			}
			io.WriteString(c, "request")
			p := make([]byte, 8)
			if _, err := io.ReadFull(c, p); err != nil || string(p) != "response" {
				t.Errorf("the client read %q, %v", p, err)
			}
			list = append(list, exchange{
				r.clock.Now() - began,
				r.client.Up.Stats().DataBytes - up, r.server.Up.Stats().DataBytes - down,
			})
			c.Close()
			r.sleep(time.Second)
		}
		wait()
		full, resumed = r.tally.Full.Load(), r.tally.Resumed.Load()
	})
	return list, full, resumed
}

// TLS 1.3 adds exactly one round trip, with resumption or without, as Go sends
// no early data: 100 ms for TCP, 100 ms for TLS, 100 ms for the exchange.
func TestOneRoundTripMore(t *testing.T) {
	for _, resume := range []bool{false, true} {
		list, full, resumed := exchanges(t, 3, 3000, resume)
		for i, e := range list {
			if e.took != 300*ms {
				t.Errorf("resuming: %v, connection %d: %v, want 300ms", resume, i, e.took)
			}
		}
		if resume && (full != 1 || resumed != 2) || !resume && (full != 3 || resumed != 0) {
			t.Errorf("resuming: %v, %d full handshakes and %d resumed", resume, full, resumed)
		}
	}
}

// A resumed handshake leaves out the certificates.
func TestResumptionSavesBytes(t *testing.T) {
	list, _, _ := exchanges(t, 3, 3000, true)
	if saved := list[0].server - list[1].server; saved < 3000 || saved > 3300 {
		t.Errorf("a full handshake took %d bytes from the server and a resumed one %d: %d less, want the chain of 3000 and a signature", list[0].server, list[1].server, saved)
	}
	if list[1] != list[2] {
		t.Errorf("two resumed connections differ: %+v, %+v", list[1], list[2])
	}
}

// A longer chain adds its bytes, and no round trip as long as it fits into the
// initial window of ten segments.
func TestChainOnTheWire(t *testing.T) {
	short, _, _ := exchanges(t, 1, 2000, false)
	long, _, _ := exchanges(t, 1, 12_000, false)
	if more := long[0].server - short[0].server; more < 9995 || more > 10_005 {
		t.Errorf("10,000 bytes more of certificates were %d more on the wire", more)
	}
	if long[0].took != short[0].took {
		t.Errorf("%v with the longer chain, %v with the shorter", long[0].took, short[0].took)
	}
	beyond, _, _ := exchanges(t, 1, 20_000, false)
	if beyond[0].took != 400*ms {
		t.Errorf("%v with a chain beyond the initial window, want 400ms", beyond[0].took)
	}
}

// Random keys and nonces do not change any size.
func TestSizesAreTheSameInEveryRun(t *testing.T) {
	first, _, _ := exchanges(t, 2, 3000, true)
	for range 5 {
		again, _, _ := exchanges(t, 2, 3000, true)
		for i := range first {
			if again[i] != first[i] {
				t.Errorf("connection %d: %+v, and then %+v", i, first[i], again[i])
			}
		}
	}
}

// A client does not trust another authority, nor another name.
func TestUntrusted(t *testing.T) {
	play(t, 3000, false, func(r *rig) {
		wait := r.start(func() {
			d := r.accept()
			if _, err := d.Read(make([]byte, 1)); err == nil {
				t.Error("the server's handshake succeeded")
			}
			d.Close()
		})
		r.config.RootCAs = nil
		if _, err := r.dial(); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("the client's handshake ended with %v", err)
		}
		wait()
	})
}

// A server that closes during the handshake of a client that is silent must
// not stop the clock: the handshake holds a mutex.
func TestCloseDuringHandshake(t *testing.T) {
	play(t, 3000, false, func(r *rig) {
		d := make(chan io.Closer, 1)
		wait := r.start(func() {
			conn := r.accept()
			d <- conn
			if _, err := conn.Read(make([]byte, 1)); err == nil {
				t.Error("the handshake succeeded")
			}
		})
		c, err := r.client.Dial(context.Background(), "tcp", "server:443")
		if err != nil {
			t.Fatal(err)
		}
		r.sleep(time.Second)
		(<-d).Close()
		wait()
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("the client read %d bytes, %v", n, err)
		}
		c.(*network.Conn).Close()
	})
}
