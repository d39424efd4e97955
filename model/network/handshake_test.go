package network_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"protosim/model/network"
)

func TestHandshake(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		l := r.listen()
		wait := r.goDo(1, func() {
			c, err := l.Accept()
			if err != nil || r.clock.Now() != 150*ms {
				t.Errorf("accepted at %v: %v", r.clock.Now(), err)
			}
			c.Close()
		})
		c, err := r.client.Dial(context.Background(), "tcp", "server:80")
		if err != nil || r.clock.Now() != 100*ms {
			t.Errorf("dialled until %v: %v", r.clock.Now(), err)
		}
		wait()
		r.drain(c)
		c.Close()
		l.Close()
	})
	r.expect(r.timeline(func(s network.Segment) bool { return s.At <= 100*ms }), `
		0s client SYN
		50ms server SYN-ACK
		100ms client ACK 1`)
}

// SYNs that nobody answers are sent as Linux 6.18 sends them, whose times a
// packet capture of it has shown.
func TestSYNRetransmission(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		r.server.Vanish()
		_, err := r.client.Dial(context.Background(), "tcp", "server:80")
		if !errors.Is(err, syscall.ETIMEDOUT) || r.clock.Now() != 131*time.Second {
			t.Errorf("dialling ended at %v with %v, want ETIMEDOUT at 2m11s", r.clock.Now(), err)
		}
	})
	var seconds []int
	for _, s := range r.sent {
		seconds = append(seconds, int(s.At/time.Second))
	}
	want := []int{0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67}
	for i := range max(len(want), len(seconds)) {
		if len(seconds) != len(want) || seconds[i] != want[i] || r.sent[i].At%time.Second != 0 {
			t.Fatalf("SYNs after %v s, want %v", seconds, want)
		}
	}
	if r.client.Endpoints() != 0 {
		t.Error("the connection is still there")
	}
}

// A lost SYN-ACK is sent again by the server's timer, and for the client's
// next SYN. The handshake then gives no round trip to go by.
func TestSYNACKLoss(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		remove := r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			return network.Verdict{Drop: p.From == "server"}
		}))
		r.at(500*ms, remove)
		c, s := r.connect()
		if got := c.RTO(); got != 3*time.Second {
			t.Errorf("the client's timeout is %v after a SYN sent twice, want 3s", got)
		}
		c.Close()
		r.drain(s)
		s.Close()
	})
	r.expect(r.timeline(func(s network.Segment) bool { return s.At < 1150*ms && (s.SYN || s.From == "client") }), `
		0s client SYN
		50ms server SYN-ACK
		1s client SYN again
		1.05s server SYN-ACK again
		1.05s server SYN-ACK again
		1.1s client ACK 1
		1.1s client ACK 1`)
}

// A SYN lost twice leaves the connection with a window of one segment.
func TestWindowAfterLostSYNs(t *testing.T) {
	for lost, want := range []int{10, 10, 1} {
		play(t, network.TCP{}, func(r *rig) {
			n := 0
			r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
				if p.SYN {
					n++
				}
				return network.Verdict{Drop: p.SYN && n <= lost}
			}))
			c, s := r.connect()
			if cwnd, _ := c.Cwnd(); cwnd != want {
				t.Errorf("after %d lost SYNs the window is %d segments, want %d", lost, cwnd, want)
			}
			c.Close()
			r.drain(s)
			s.Close()
		})
	}
}

// A server whose SYN-ACKs are never answered forgets the connection.
func TestSYNACKGiveUp(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		l := r.listen()
		ctx, cancel := r.clock.WithTimeout(context.Background(), r.client.Key(99), 500*ms)
		defer cancel()
		r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			return network.Verdict{Drop: p.From == "server"}
		}))
		if _, err := r.client.Dial(ctx, "tcp", "server:80"); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("dialling ended with %v", err)
		}
		r.sleep(time.Hour)
		l.Close()
	})
	r.expect(r.timeline(fromServer), `
		50ms server SYN-ACK
		1.05s server SYN-ACK again
		3.05s server SYN-ACK again
		7.05s server SYN-ACK again
		15.05s server SYN-ACK again
		31.05s server SYN-ACK again`)
	if r.server.Endpoints() != 0 {
		t.Error("the connection is still there")
	}
}

// A port that nobody listens on answers with a reset.
func TestRefused(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		_, err := r.client.Dial(context.Background(), "tcp", "server:80")
		if !errors.Is(err, syscall.ECONNREFUSED) || r.clock.Now() != 100*ms {
			t.Errorf("dialling ended at %v with %v", r.clock.Now(), err)
		}
	})
	r.expect(r.timeline(all), `
		0s client SYN
		50ms server RST`)
	if n := r.client.Stats().Refused; n != 1 {
		t.Errorf("%d dials counted as refused, want 1", n)
	}
}

// A dial that is given up while its SYN-ACK is on the way leaves nothing on
// either side.
func TestDialGivenUp(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		l := r.listen()
		ctx, cancel := r.clock.WithTimeout(context.Background(), r.client.Key(99), 70*ms)
		defer cancel()
		if _, err := r.client.Dial(ctx, "tcp", "server:80"); err == nil || r.clock.Now() != 70*ms {
			t.Errorf("dialling ended at %v with %v", r.clock.Now(), err)
		}
		r.sleep(time.Second)
		l.Close()
	})
	r.expect(r.timeline(all), `
		0s client SYN
		50ms server SYN-ACK
		100ms client RST`)
	if n := r.client.Endpoints() + r.server.Endpoints(); n != 0 {
		t.Errorf("%d ends are still there", n)
	}
}

// A listener that closes during a handshake resets the connection that
// nobody will accept.
func TestListenerClosesDuringHandshake(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		l := r.listen()
		r.goDo(1, func() {
			r.sleep(75 * ms)
			l.Close()
		})
		c, err := r.client.Dial(context.Background(), "tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) || r.clock.Now() != 200*ms {
			t.Errorf("read ended at %v with %v, want ECONNRESET at 200ms", r.clock.Now(), err)
		}
		c.Close()
	})
	if n := r.client.Endpoints() + r.server.Endpoints(); n != 0 {
		t.Errorf("%d ends are still there", n)
	}
}
