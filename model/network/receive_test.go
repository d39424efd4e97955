package network_test

import (
	"io"
	"testing"
	"time"

	"protosim/model/network"
)

// A lone segment is acknowledged after 40 ms, two at once; and what the
// program sends within that time carries the acknowledgement (RFC 1122 section
// 4.2.3.2, with Linux's delay).
func TestDelayedAcknowledgement(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		c, s := r.connect()
		c.Write([]byte("request")) // so that acknowledgements wait for answers
		mustRead(t, s, "request")  // at 200 ms
		s.Write(make([]byte, mss)) // arrives at 250 ms, acknowledged at 290 ms
		r.sleep(800 * ms)
		s.Write(make([]byte, 2*mss)) // at 1 s, acknowledged at 1.05 s
		r.sleep(time.Second)
		s.Write(make([]byte, mss)) // at 2 s, at 2.05 s
		io.ReadFull(c, make([]byte, 4*mss))
		r.sleep(10 * ms)
		c.Write([]byte("answer")) // carries it at 2.06 s
		mustRead(t, s, "answer")
		c.Close()
		s.Close()
	})
	r.expect(r.timeline(func(s network.Segment) bool {
		return fromClient(s) && s.At > 150*ms && s.At < 2100*ms
	}), `
		290ms client ACK 2
		1.05s client ACK 4
		2.06s client data byte 8`)
}

// The sender stops at the receive window; a zero window is probed at the
// timeout's distances, doubling, and opens when the program has read.
func TestZeroWindow(t *testing.T) {
	r := play(t, network.TCP{ReceiveBuffer: 4 * mss, SendBuffer: -1}, func(r *rig) {
		c, s := r.connect()
		s.Write(make([]byte, 10*mss)) // at 150 ms
		r.sleep(5 * time.Second)
		if n := s.InFlight(); n != 0 {
			t.Errorf("%d bytes are under way to a closed window", n)
		}
		if n, err := c.Read(make([]byte, 100_000)); n != 4*mss || err != nil {
			t.Errorf("read %d bytes, %v; want what the window took, %d", n, err, 4*mss)
		}
		if _, err := io.ReadFull(c, make([]byte, 6*mss)); err != nil {
			t.Error(err)
		}
		if got := r.clock.Now(); got > 5600*ms {
			t.Errorf("the rest arrived at %v, not soon after the window had opened", got)
		}
		c.Close()
		s.Close()
	})
	var probes []time.Duration
	for _, s := range r.sent {
		if fromServer(s) && s.Payload == 0 && s.At > 200*ms && s.At < 5*time.Second {
			probes = append(probes, s.At)
		}
	}
	if len(probes) != 4 {
		t.Fatalf("probes at %v, want four in 5 s", probes)
	}
	for i := 2; i < len(probes); i++ {
		if probes[i]-probes[i-1] != 2*(probes[i-1]-probes[i-2]) {
			t.Errorf("probes at %v, want distances that double", probes)
		}
	}
	for _, s := range r.sent {
		if fromClient(s) && s.Window > 4*mss {
			t.Errorf("a window of %d bytes was announced, want at most %d", s.Window, 4*mss)
		}
	}
}

// A zero window behind which nobody is left is given up after 15 probes.
func TestZeroWindowGiveUp(t *testing.T) {
	play(t, network.TCP{ReceiveBuffer: 4 * mss, SendBuffer: -1}, func(r *rig) {
		c, s := r.connect()
		s.Write(make([]byte, 10*mss))
		r.sleep(time.Second)
		r.client.Vanish()
		if _, err := s.Read(make([]byte, 1)); err == nil || r.clock.Now() > time.Hour {
			t.Errorf("read ended at %v with %v", r.clock.Now(), err)
		}
		r.client.Return()
		c.Abort()
		s.Close()
	})
}

// The window is never taken back: its right edge only moves forward (RFC 9293
// section 3.8.6).
func TestWindowIsNotTakenBack(t *testing.T) {
	r := play(t, network.TCP{SendBuffer: -1}, func(r *rig) {
		c, s := r.connect()
		r.goDo(1, func() { s.Write(make([]byte, 3<<20)); s.Close() })
		for n := 1; ; n++ {
			if _, err := c.Read(make([]byte, 10_000)); err != nil {
				break
			}
			if n%20 == 0 {
				r.sleep(30 * ms)
			}
		}
		c.Close()
	})
	edge := int64(0)
	for _, s := range r.sent {
		if fromClient(s) && s.ACK && !s.RST {
			if s.Ack+s.Window < edge {
				t.Fatalf("at %v the window ends at %d, before at %d", s.At, s.Ack+s.Window, edge)
			}
			edge = s.Ack + s.Window
		}
	}
}

// SACK blocks tell of what is beyond the acknowledged; only the first may lie
// below, to report what was received twice (RFC 2018, RFC 2883).
func TestSACKBlocks(t *testing.T) {
	r := play(t, network.TCP{SendBuffer: -1, ReceiveWindow: 1e6}, func(r *rig) {
		r.client.Down.Set(network.LinkConfig{Delay: 50 * ms, Loss: 0.1})
		c, s := r.send(500 * mss)
		c.Close()
		s.Close()
	})
	blocks, doubles := 0, 0
	for _, s := range r.sent {
		for i, b := range s.SACK {
			blocks++
			if b[0] >= b[1] {
				t.Errorf("at %v an empty block %v", s.At, b)
			}
			if b[1] <= s.Ack {
				doubles++
				if i > 0 {
					t.Errorf("at %v block %d is %v, and all up to %d is acknowledged", s.At, i, b, s.Ack)
				}
			}
			for _, other := range s.SACK[:i] {
				if other == b {
					t.Errorf("at %v block %v is there twice", s.At, b)
				}
			}
		}
	}
	if blocks < 50 {
		t.Errorf("%d SACK blocks in all", blocks)
	}
	if again := r.server.Up.Stats().Retransmits; int64(doubles) > again {
		t.Errorf("%d segments reported as received twice, and only %d sent again", doubles, again)
	}
}

// FINs end the two directions one by one (RFC 9293 section 3.6).
func TestFINExchange(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		c, s := r.connect() // until 150 ms
		c.CloseWrite()
		mustEnd(t, s) // at 200 ms
		s.Write(make([]byte, 2*mss))
		s.Close()
		r.drain(c) // until 250 ms
		c.Close()
	})
	r.expect(r.timeline(func(s network.Segment) bool { return s.At >= 150*ms }), `
		150ms client FIN
		200ms server ACK byte 2
		200ms server data 1
		200ms server data 2
		200ms server FIN
		250ms client ACK 3
		250ms client ACK byte 2922`)
	if n := r.client.Endpoints() + r.server.Endpoints(); n != 0 {
		t.Errorf("%d ends are still there", n)
	}
}

// A block that is no longer out of order is not reported again.
func TestSACKForgetsWhatIsInOrder(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		n := 0
		r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			if p.From == "server" && p.Payload > 0 {
				switch n++; n {
				case 1, 5:
					return network.Verdict{Drop: true}
				case 2:
					return network.Verdict{Delay: 5 * ms} // so that 2 to 4 change last
				}
			}
			return network.Pass
		}))
		c, s := r.send(8 * mss)
		c.Close()
		s.Close()
	})
	r.expect(r.timeline(func(s network.Segment) bool { return fromClient(s) && len(s.SACK) > 0 && s.At > 200*ms }), `
		205ms client ACK 1 SACK 2-4 SACK 6-9
		300ms client ACK 5 SACK 6-9
		300ms client ACK 5 SACK 2-2 SACK 6-9`) // 9 is the FIN; 2 had been taken for lost
}

// A segment that comes again after the program has read it and closed is
// acknowledged; only new data is answered by a reset.
func TestRepeatedAfterClose(t *testing.T) {
	for _, more := range []bool{false, true} {
		play(t, network.TCP{}, func(r *rig) {
			c, s := r.connect()
			remove := r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
				return network.Verdict{Drop: p.From == "client"}
			}))
			r.at(r.clock.Now()+800*ms, remove) // until the server has sent twice
			s.Write([]byte("x"))
			mustRead(t, c, "x")
			c.Close()
			if more {
				s.Write([]byte("y"))
			}
			_, err := s.Read(make([]byte, 1))
			if reset := err != io.EOF; reset != more {
				t.Errorf("with new data: %v; read ended with %v", more, err)
			}
			s.Close()
		})
	}
}
