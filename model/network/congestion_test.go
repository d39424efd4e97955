package network_test

import (
	"io"
	"math"
	"testing"

	"protosim/model/network"
)

// growth has the server send without end over a round trip of 100 ms, loses
// one segment when the window has reached reduceAt, and returns the window
// after each round trip from the end of recovery on.
func growth(t *testing.T, tcp network.TCP, reduceAt, rounds int) (before int, windows []int) {
	tcp.ReceiveBuffer, tcp.ReceiveWindow, tcp.SendBuffer = 1e9, 1e9, 4e6
	play(t, tcp, func(r *rig) {
		c, s := r.connect()
		drop := false
		r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			if p.From == "server" && p.Payload > 0 && drop {
				drop = false
				return network.Verdict{Drop: true}
			}
			return network.Pass
		}))
		wait := r.goDo(2, func() { io.Copy(io.Discard, onlyReader{c}) })
		r.goDo(3, func() {
			for err := error(nil); err == nil; {
				_, err = s.Write(make([]byte, 100*mss))
			}
		})
		for {
			if before, _ = s.Cwnd(); before >= reduceAt {
				break
			}
			r.sleep(ms)
		}
		drop = true
		for {
			if _, ssthresh := s.Cwnd(); ssthresh != network.Unlimited && !s.Recovering() {
				break
			}
			before, _ = s.Cwnd()
			r.sleep(ms)
		}
		for range rounds {
			cwnd, _ := s.Cwnd()
			windows = append(windows, cwnd)
			r.sleep(100 * ms)
		}
		s.Abort()
		c.Close()
		wait()
	})
	return before, windows
}

// In congestion avoidance Reno's window grows by one segment each round trip
// (RFC 5681 section 3.1).
func TestRenoGrowth(t *testing.T) {
	_, windows := growth(t, network.TCP{Reno: true}, 40, 30)
	for i, w := range windows {
		if want := windows[0] + i; w < want-1 || w > want+1 {
			t.Fatalf("windows %v: after %d round trips %d, want %d", windows, i, w, want)
		}
	}
}

// CUBIC's follows W(t) = 0.4 (t-K)³ + Wmax with K = ∛(Wmax (1-0.7) / 0.4) (RFC
// 9438 section 4.2), one round trip ahead.
func TestCubicGrowth(t *testing.T) {
	_, windows := growth(t, network.TCP{NoHyStart: true}, 300, 130)
	least := float64(windows[0])
	most := least / 0.7
	k := math.Cbrt((most - least) / 0.4)
	for i, w := range windows {
		at := float64(i) / 10
		want := 0.4*math.Pow(at+0.1-k, 3) + most
		if limit := max(3, 0.03*want); i > 5 && math.Abs(float64(w)-want) > limit {
			t.Errorf("after %.1f s the window is %d, want %.0f ± %.0f", at, w, want, limit)
		}
	}
}

// CUBIC is never slower than Reno would be (section 4.3): with a small window
// and a short round trip, Reno's growth is what counts.
func TestCubicIsReno(t *testing.T) {
	_, windows := growth(t, network.TCP{NoHyStart: true}, 20, 60)
	// Reno with a reduction to 0.7 grows by 3*(1-0.7)/(1+0.7) = 0.53 a round trip.
	if got, least := windows[59]-windows[0], 0.53*59*0.9; float64(got) < least {
		t.Errorf("grew by %d segments in 59 round trips, want at least %.0f", got, least)
	}
}

// HyStart leaves slow start when a queue builds up: the round trip has grown
// by an eighth (Ha and Rhee 2011), long before the queue overflows.
func TestHyStart(t *testing.T) {
	lost := map[bool]int64{}
	for _, off := range []bool{false, true} {
		r := play(t, network.TCP{NoHyStart: off, ReceiveWindow: 5e6, SendBuffer: -1}, func(r *rig) {
			r.client.Down.Set(network.LinkConfig{Delay: 50 * ms, Bandwidth: 50_000_000, Queue: 1_000_000})
			c, s := r.send(4_000_000)
			c.Close()
			s.Close()
		})
		lost[off] = r.client.Down.Stats().Dropped
	}
	if lost[false] > 0 || lost[true] == 0 {
		t.Errorf("%d packets were dropped with HyStart, %d without; want none and some", lost[false], lost[true])
	}
}
