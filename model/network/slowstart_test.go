package network_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"protosim/model/network"
)

// send has the server write n bytes and end its stream, while the client reads.
func (r *rig) send(n int) (client, server *network.Conn) {
	r.Helper()
	c, s := r.connect()
	wait := r.goDo(2, func() {
		s.Write(make([]byte, n))
		s.CloseWrite()
	})
	if got := r.drain(c); got != n {
		r.Errorf("%d bytes arrived of %d", got, n)
	}
	wait()
	return c, s
}

// flights counts the data segments that the server sends at each time.
func (r *rig) flights() string {
	list, last := "", time.Duration(-1)
	n := 0
	flush := func() {
		if n > 0 {
			list += fmt.Sprintf("%v:%d ", last, n)
		}
		n = 0
	}
	for _, s := range r.sent {
		if !serverData(s) {
			continue
		}
		if s.At != last {
			flush()
			last = s.At
		}
		n++
	}
	flush()
	return list
}

// The window doubles each round trip from the initial one on (RFC 6928, RFC 5681).
func TestSlowStart(t *testing.T) {
	for initial, want := range map[int]string{
		0:  "150ms:10 250ms:20 350ms:40 450ms:30 ", // the default, 10
		4:  "150ms:4 250ms:8 350ms:16 450ms:32 550ms:40 ",
		1:  "150ms:1 250ms:2 350ms:4 450ms:8 550ms:16 650ms:30 690ms:2 750ms:37 ", // an odd one waits 40 ms for its acknowledgement
		32: "150ms:32 250ms:64 350ms:4 ",
	} {
		r := play(t, network.TCP{InitialWindow: initial, ReceiveWindow: 1e6, SendBuffer: -1}, func(r *rig) {
			c, s := r.send(100 * mss)
			c.Close()
			s.Close()
		})
		if got := r.flights(); got != want {
			t.Errorf("initial window %d: flights %s, want %s", initial, got, want)
		}
	}
}

// FIGURES.md 1, from High Performance Browser Networking: round trip 56 ms,
// 40 ms of server time, four segments at first, a response of 20 KB.
func TestPublishedFetch(t *testing.T) {
	play(t, network.TCP{InitialWindow: 4}, func(r *rig) {
		r.delay(28 * ms)
		l := r.listen()
		wait := r.goDo(1, func() {
			s, err := l.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			for {
				if _, err := s.Read(make([]byte, 1000)); err != nil {
					break
				}
				r.sleep(40 * ms)
				s.Write(make([]byte, 20_480))
			}
			s.Close()
		})
		c, err := r.client.Dial(context.Background(), "tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		fetch := func() {
			c.Write(make([]byte, 300))
			if _, err := io.ReadFull(c, make([]byte, 20_480)); err != nil {
				t.Error(err)
			}
		}
		fetch()
		if got := r.clock.Now(); got != 264*ms {
			t.Errorf("on a new connection %v, want 264ms", got)
		}
		before := r.clock.Now()
		fetch()
		if got := r.clock.Now() - before; got != 96*ms {
			t.Errorf("on a warm connection %v, want 96ms", got)
		}
		c.Close()
		wait()
		l.Close()
	})
}

// The time until the window reaches 45 segments: 224 ms from 4, 168 ms from 10.
func TestPublishedGrowth(t *testing.T) {
	for initial, want := range map[int]time.Duration{4: 224 * ms, 10: 168 * ms} {
		play(t, network.TCP{InitialWindow: initial}, func(r *rig) {
			r.delay(28 * ms)
			c, s := r.connect()
			began := r.clock.Now()
			s.Write(make([]byte, 64<<10))
			r.goDo(2, func() { s.Write(make([]byte, 1<<20)); s.Close() })
			r.goDo(3, func() { r.drain(c); c.Close() })
			for {
				if cwnd, _ := s.Cwnd(); cwnd >= 45 {
					break
				}
				r.sleep(ms)
			}
			if got := r.clock.Now() - began; got != want {
				t.Errorf("from %d segments it took %v, want %v", initial, got, want)
			}
		})
	}
}

// A window of 16 KB carries at most 1.31 Mbps over a round trip of 100 ms:
// eleven whole segments a round trip, less what the program has not read when
// the acknowledgement leaves.
func TestPublishedWindowLimit(t *testing.T) {
	r := play(t, network.TCP{ReceiveBuffer: 16 << 10, SendBuffer: -1}, func(r *rig) {
		c, s := r.send(1_000_000)
		c.Close()
		s.Close()
	})
	var sent []network.Segment
	for _, s := range r.sent {
		if serverData(s) {
			sent = append(sent, s)
		}
	}
	var bytes int
	first, last := sent[20], sent[len(sent)-20] // slow start and the end aside
	for _, s := range sent[20 : len(sent)-20] {
		bytes += s.Payload
	}
	rate := float64(bytes) * 8 / (last.At - first.At).Seconds() / 1e6
	if rate > 1.31072 || rate < 1 {
		t.Errorf("%.3f Mbps, want at most 1.31 and at least 1", rate)
	}
}

// A window that the application does not use does not grow (RFC 7661).
func TestUnusedWindowDoesNotGrow(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		c, s := r.connect()
		wait := r.goDo(2, func() { r.drain(c) })
		for range 50 {
			s.Write(make([]byte, 3*mss))
			r.sleep(110 * ms)
		}
		if cwnd, _ := s.Cwnd(); cwnd != 10 {
			t.Errorf("the window is %d segments after 50 flights of 3, want 10", cwnd)
		}
		s.Close()
		wait()
		c.Close()
	})
}

// After an idle time the window halves for each timeout that has passed, down
// to the initial one (RFC 5681 section 4.1, RFC 2861), unless told to keep it.
func TestIdleRestart(t *testing.T) {
	for _, test := range []struct {
		idle time.Duration // the timeout is 300 ms
		keep bool
		want string
	}{
		{290 * ms, false, "160"},
		{310 * ms, false, "80"},
		{610 * ms, false, "40"},
		{910 * ms, false, "20"},
		{1210 * ms, false, "10"},
		{10 * time.Second, false, "10"},
		{10 * time.Second, true, "160"},
	} {
		var again time.Duration
		r := play(t, network.TCP{ReceiveWindow: 1e6, SendBuffer: -1, KeepIdleWindow: test.keep}, func(r *rig) {
			c, s := r.connect()
			wait := r.goDo(2, func() { r.drain(c) })
			s.Write(make([]byte, 150*mss)) // 10, 20, 40, 80: the window is 160 at 550 ms
			r.sleep(300 * ms)
			r.sleep(test.idle) // since the last segment, which left at 450 ms
			if cwnd, _ := s.Cwnd(); cwnd != 160 || s.RTO() != 300*ms {
				t.Fatalf("before, the window is %d, want 160, and the timeout %v", cwnd, s.RTO())
			}
			again = r.clock.Now()
			s.Write(make([]byte, 200*mss))
			s.Close()
			wait()
			c.Close()
		})
		n := 0
		for _, s := range r.sent {
			if serverData(s) && s.At == again {
				n++
			}
		}
		if fmt.Sprint(n) != test.want {
			t.Errorf("after %v (kept: %v) a flight of %d segments, want %s", test.idle, test.keep, n, test.want)
		}
	}
}
