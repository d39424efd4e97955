package network_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"protosim/model/network"
)

// One segment of the first flight of ten is lost. Nine segments arrive behind
// it and are acknowledged one by one; the third of these, which all arrive in
// the same instant, has it sent again a round trip after it was lost.
func TestFastRetransmit(t *testing.T) {
	for _, reno := range []bool{true, false} {
		r := play(t, network.TCP{Reno: reno}, func(r *rig) {
			r.lose("server", 3)
			c, s := r.send(30 * mss)
			cwnd, ssthresh := s.Cwnd()
			// Ten segments, and two acknowledged before the loss showed.
			want := map[bool]int{true: 6, false: 8}[reno] // 12/2, 12*717/1024
			if ssthresh != want {
				t.Errorf("Reno: %v: the threshold is %d, want %d", reno, ssthresh, want)
			}
			if cwnd < ssthresh || cwnd > ssthresh+4 {
				t.Errorf("Reno: %v: the window is %d at the end, the threshold %d", reno, cwnd, ssthresh)
			}
			c.Close()
			s.Close()
		})
		r.expect(r.timeline(retransmitted), "250ms server data 3 again")
		if !strings.Contains(r.timeline(fromClient), "200ms client ACK 3 SACK 4-10") {
			t.Errorf("no acknowledgement tells of segments 4 to 10:\n%s", r.timeline(fromClient))
		}
	}
}

// Several losses of one flight are all repaired in the next round trip, as
// SACK tells of each of them (RFC 6675).
func TestSeveralLosses(t *testing.T) {
	r := play(t, network.TCP{InitialWindow: 20}, func(r *rig) {
		r.lose("server", 2, 5, 6, 11)
		c, s := r.send(20 * mss)
		c.Close()
		s.Close()
		if r.clock.Now() != 300*ms {
			t.Errorf("all had arrived at %v, want 300ms", r.clock.Now())
		}
	})
	r.expect(r.timeline(retransmitted), `
		250ms server data 2 again
		250ms server data 5 again
		250ms server data 6 again
		250ms server data 11 again`)
}

// A retransmission that is lost as well is found by its time of sending
// (RACK, RFC 8985), without a timeout, if segments sent later arrive.
func TestLostRetransmission(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		r.lose("server", 3, 17) // the 17th segment sent is the third again
		c, s := r.send(60 * mss)
		c.Close()
		s.Close()
	})
	r.expect(r.timeline(retransmitted), `
		250ms server data 3 again
		350ms server data 3 again`)
}

// The last segment of a flight is lost: no acknowledgement can tell. A probe
// after two round trips (and 2 ms) repeats it (RFC 8985 section 7).
func TestTailLossProbe(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		r.lose("server", 5)
		c, s := r.connect()
		wait := r.goDo(2, func() { r.drain(c) })
		s.Write(make([]byte, 5*mss)) // at 150 ms
		r.sleep(time.Second)
		s.Close()
		wait()
		c.Close()
	})
	// Acknowledgements of 1 to 4 arrive at 250 ms; then one segment is out, and
	// as the receiver may hold back its acknowledgement the probe would wait for
	// 2*100 + 200 ms, were the timeout not due after 300.
	r.expect(r.timeline(retransmitted), "550ms server data 5 again")
}

// A whole flight is lost: the probe repeats its last segment, and the
// acknowledgement of that tells of the rest.
func TestTailLossOfAFlight(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		r.lose("server", 1, 2, 3)
		c, s := r.connect()
		wait := r.goDo(2, func() { r.drain(c) })
		s.Write(make([]byte, 3*mss)) // at 150 ms
		r.sleep(2 * time.Second)
		s.Close()
		wait()
		c.Close()
	})
	// After 2*100+2 ms. Segment 3 arrives, so 1 and 2 were overtaken. Nothing is
	// under way then, and PRR lets out as much as has arrived, one segment.
	r.expect(r.timeline(retransmitted), `
		352ms server data 3 again
		452ms server data 1 again
		552ms server data 2 again`)
}

// Without an answer the timeout doubles each time, up to two minutes, and
// after 15 of them the connection is given up (RFC 6298 section 5, RFC 1122).
func TestTimeouts(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		c, s := r.connect()
		s.Write(make([]byte, mss))
		r.client.Vanish()
		_, err := s.Read(make([]byte, 1))
		if err == nil || !strings.Contains(err.Error(), "timed out") {
			t.Errorf("read ended with %v", err)
		}
		cwnd, ssthresh := s.Cwnd()
		if cwnd != 1 || ssthresh != 7 {
			t.Errorf("the window is %d and the threshold %d, want 1 and 10*717/1024", cwnd, ssthresh)
		}
		r.client.Return()
		s.Close()
		c.Close()
	})
	var gaps []time.Duration
	last := time.Duration(0)
	for _, s := range r.sent {
		if serverData(s) {
			gaps = append(gaps, s.At-last)
			last = s.At
		}
	}
	// The first comes from the handshake: 100 ms and 200 ms at least. The probe
	// takes the place of the first timeout.
	want := []time.Duration{150 * ms, 300 * ms, 300 * ms, 600 * ms, 1200 * ms, 2400 * ms, 4800 * ms, 9600 * ms, 19200 * ms, 38400 * ms, 76800 * ms}
	for range 6 {
		want = append(want, 2*time.Minute)
	}
	if fmt.Sprint(gaps) != fmt.Sprint(want) {
		t.Errorf("distances %v\nwant      %v", gaps, want)
	}
}

// After a timeout all that was sent is sent again, in slow start from one segment.
func TestSlowStartAfterTimeout(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		remove := r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			return network.Verdict{Drop: p.From == "server" && !p.SYN}
		}))
		r.at(700*ms, remove)
		c, s := r.send(10 * mss)
		c.Close()
		s.Close()
	})
	// All ten leave at 150 ms, the probe at 352 ms, the timeout 300 ms later.
	// The next is 600 ms later and gets through.
	r.expect(r.timeline(func(s network.Segment) bool { return s.Again && !s.FIN }), `
		652ms server data 1 again
		1.252s server data 1 again
		1.352s server data 2 again
		1.352s server data 3 again
		1.452s server data 4 again
		1.452s server data 5 again
		1.452s server data 6 again
		1.452s server data 7 again
		1.552s server data 8 again
		1.552s server data 9 again
		1.552s server data 10 again`)
}
