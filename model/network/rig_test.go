package network_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"protosim/model/network"
	"protosim/model/vtime"
)

const (
	ms  = time.Millisecond
	mss = 1460
)

// rig is a client and a server, and a record of what their TCPs send. Unless a
// test changes it, each downlink takes 50 ms and the uplinks nothing, so that
// the record has the times at which segments were sent.
type rig struct {
	testing.TB
	*network.Network
	clock          *vtime.Clock
	client, server *network.Host
	sent           []network.Segment
}

// play runs main with a rig in virtual time, and fails the test if goroutines
// stay behind.
func play(t testing.TB, tcp network.TCP, main func(r *rig)) *rig {
	t.Helper()
	return playUnrecorded(t, tcp, func(r *rig) {
		r.Tap(func(s network.Segment) { r.sent = append(r.sent, s) })
		main(r)
	})
}

// playUnrecorded is play without the record, for benchmarks.
func playUnrecorded(t testing.TB, tcp network.TCP, main func(r *rig)) *rig {
	t.Helper()
	before := goleak.IgnoreCurrent()
	r := &rig{TB: t}
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		r.clock = c
		r.Network = network.New(c, tcp, 1)
		r.client, r.server = r.NewHost("client"), r.NewHost("server")
		r.delay(50 * ms)
		main(r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
	return r
}

// delay sets the delay of one way.
func (r *rig) delay(d time.Duration) {
	r.client.Down.Set(network.LinkConfig{Delay: d})
	r.server.Down.Set(network.LinkConfig{Delay: d})
}

// connect returns the two ends of a connection.
func (r *rig) connect() (client, server *network.Conn) {
	r.Helper()
	l := r.listen()
	defer l.Close()
	accepted := make(chan net.Conn)
	r.clock.Go(r.server.Key(1<<40), func() {
		c, err := l.Accept()
		if err != nil {
			r.Error(err)
		}
		accepted <- c
	})
	c, err := r.client.Dial(context.Background(), "tcp", "server:80")
	if err != nil {
		r.Fatal(err) // ends this goroutine, and with it the run
	}
	s := <-accepted
	return c.(*network.Conn), s.(*network.Conn)
}

func (r *rig) listen() *network.Listener {
	r.Helper()
	l, err := r.server.Listen(":80")
	if err != nil {
		r.Fatal(err)
	}
	return l
}

// sleep lets virtual time pass.
func (r *rig) sleep(d time.Duration) {
	r.clock.Sleep(context.Background(), vtime.Key{A: 1 << 50}, d)
}

// at calls f on the conductor at the time t.
func (r *rig) at(t time.Duration, f func()) {
	r.clock.Post(vtime.Key{}, vtime.Func(func() { r.clock.Wake(t, vtime.Func(f)) }))
}

// goDo calls f on a goroutine, and returns a function that waits for its end.
func (r *rig) goDo(n uint64, f func()) (wait func()) {
	done := make(chan struct{})
	r.clock.Go(vtime.Key{A: 1 << 49, B: n}, func() {
		defer close(done)
		f()
	})
	return func() { <-done }
}

// drain reads a connection to its end and returns how many bytes came.
func (r *rig) drain(c net.Conn) int {
	r.Helper()
	n, err := io.Copy(io.Discard, onlyReader{c})
	if err != nil {
		r.Errorf("read: %v", err)
	}
	return int(n)
}

type onlyReader struct{ io.Reader }

// lose drops the data segments of a host whose numbers, counted from 1 and
// retransmissions included, are listed.
func (r *rig) lose(from string, numbers ...int) {
	n := 0
	r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
		if p.From != from || p.Payload == 0 {
			return network.Pass
		}
		n++
		for _, k := range numbers {
			if n == k {
				return network.Verdict{Drop: true}
			}
		}
		return network.Pass
	}))
}

// timeline describes the segments that keep passes, one a line: the time, the
// sender, the flags, and what is in them. Data is numbered in segments of 1460
// bytes, from 1: "data 3" or, sent again, "data 3 again".
func (r *rig) timeline(keep func(network.Segment) bool) string {
	var b strings.Builder
	for _, s := range r.sent {
		if !keep(s) {
			continue
		}
		fmt.Fprintf(&b, "%v %s", s.At, s.From)
		switch {
		case s.RST:
			b.WriteString(" RST")
		case s.SYN && s.ACK:
			b.WriteString(" SYN-ACK")
		case s.SYN:
			b.WriteString(" SYN")
		case s.Payload > 0:
			fmt.Fprintf(&b, " data %s", number(s.Seq))
		case !s.FIN:
			fmt.Fprintf(&b, " ACK %s", number(s.Ack))
			for _, k := range s.SACK {
				fmt.Fprintf(&b, " SACK %s-%s", number(k[0]), number(k[1]-1))
			}
		}
		if s.FIN {
			b.WriteString(" FIN")
		}
		if s.Again {
			b.WriteString(" again")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// number names the byte seq by its segment, or by itself where it does not
// begin one.
func number(seq int64) string {
	if n := (seq - 1) / mss; seq == n*mss+1 || seq == n*mss+mss {
		return fmt.Sprint(n + 1)
	}
	return fmt.Sprintf("byte %d", seq)
}

func all(network.Segment) bool             { return true }
func fromServer(s network.Segment) bool    { return s.From == "server" }
func fromClient(s network.Segment) bool    { return s.From == "client" }
func serverData(s network.Segment) bool    { return fromServer(s) && s.Payload > 0 }
func retransmitted(s network.Segment) bool { return s.Again }

// expect compares a timeline, and shows it whole when it differs.
func (r *rig) expect(got, want string) {
	r.Helper()
	var lines []string
	for l := range strings.Lines(want) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	if want = strings.Join(lines, "\n"); strings.TrimSpace(got) != want {
		r.Errorf("timeline\n%swant\n%s", got, want)
	}
}
