package network_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"
	"time"

	"protosim/model/network"
	"protosim/model/vtime"
)

// trial is a random network and what happened on it.
type trial struct {
	seed      uint64
	tcp       network.TCP
	links     [4]network.LinkConfig // client up and down, server up and down
	conns     int
	up, down  int // bytes each way and connection
	ideal     time.Duration
	took      time.Duration
	digest    string
	anomalies []string
}

func (t *trial) String() string {
	return fmt.Sprintf("seed %d: %+v, %d connections, %d bytes up, %d down, links %+v", t.seed, t.tcp, t.conns, t.up, t.down, t.links)
}

func (t *trial) anomaly(format string, args ...any) {
	t.anomalies = append(t.anomalies, fmt.Sprintf(format, args...))
}

// newTrial draws everything from the seed.
func newTrial(seed uint64) *trial {
	r := rand.New(rand.NewPCG(seed, 77))
	pick := func(list ...int) int { return list[r.IntN(len(list))] }
	t := &trial{
		seed: seed,
		tcp: network.TCP{
			InitialWindow: pick(1, 2, 4, 10, 10, 32), MSS: pick(0, 0, 536, 1, 9000),
			Reno: r.IntN(2) == 0, NoHyStart: r.IntN(2) == 0, KeepIdleWindow: r.IntN(2) == 0,
			ReceiveBuffer: pick(0, 0, 4096, 20_000, 100_000), ReceiveWindow: pick(0, 0, 3000, 65_536),
			SendBuffer: pick(0, 0, -1, 1000, 50_000),
		},
		conns: pick(1, 1, 2, 5),
		up:    r.IntN(1 + pick(1, 100, 10_000, 200_000)),
		down:  r.IntN(1 + pick(1, 100, 10_000, 500_000)),
	}
	if t.tcp.MSS == 1 {
		t.up, t.down = t.up/500, t.down/500
	}
	loss := []float64{0, 0, 0.001, 0.01, 0.05, 0.1, 0.2}[r.IntN(7)]
	for i := range t.links {
		l := &t.links[i]
		l.Delay = time.Duration(r.IntN(pick(1, 1000, 40_000, 150_000)+1)) * time.Microsecond
		if r.IntN(2) == 0 {
			l.Jitter = time.Duration(r.IntN(20_000)) * time.Microsecond
		}
		if r.IntN(2) == 0 {
			l.Bandwidth = int64(pick(300_000, 2_000_000, 10_000_000, 100_000_000))
			l.Queue = pick(0, 0, 20_000, 60_000, 150_000)
		}
		if i < 2 && r.IntN(3) > 0 { // at most 20 % each way
			l.Loss = loss
		}
	}
	// What it would take if nothing were lost and nothing waited.
	for i, l := range t.links {
		t.ideal = max(t.ideal, 0) + 4*(l.Delay+l.Jitter)
		if bytes := int64(t.conns * []int{t.up, t.down, t.down, t.up}[i]); l.Bandwidth > 0 {
			t.ideal += time.Duration(bytes * 8 * 2 * int64(time.Second) / l.Bandwidth)
		}
	}
	return t
}

// content is the payload of one direction of a connection.
func content(id, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(id), byte(id >> 8), byte(n)})
	r.Read(b)
	return b
}

func (t *trial) run() {
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		n := network.New(c, t.tcp, t.seed)
		client, server := n.NewHost("client"), n.NewHost("server")
		links := []*network.Link{client.Up, client.Down, server.Up, server.Down}
		for i, l := range links {
			l.Set(t.links[i])
		}
		l, err := server.Listen(":80")
		if err != nil {
			return err
		}
		done := make(chan struct{})
		c.Go(server.Key(1<<40), func() {
			for range t.conns {
				conn, err := l.Accept()
				if err != nil {
					t.anomaly("accept: %v", err)
					return
				}
				c.Go(conn.(*network.Conn).Key(), func() {
					id := conn.RemoteAddr().(*net.TCPAddr).Port - 32768
					t.talk(c, conn, 2*id+1, content(2*id+1, t.down), content(2*id, t.up))
					done <- struct{}{}
				})
			}
		})
		for i := range t.conns {
			c.Go(vtime.Key{A: uint64(i)}, func() {
				conn, err := dialPatiently(c, client)
				if err != nil {
					t.anomaly("dial: %v", err)
					return
				}
				id := conn.LocalAddr().(*net.TCPAddr).Port - 32768
				t.talk(c, conn, 2*id, content(2*id, t.up), content(2*id+1, t.down))
				done <- struct{}{}
			})
		}
		for range 2 * t.conns {
			<-done
		}
		t.took = c.Now()
		l.Close()
		c.Sleep(context.Background(), vtime.Key{}, time.Hour) // retransmissions of the last FIN
		t.digest = n.Digest()
		if k := client.Endpoints() + server.Endpoints(); k > 0 {
			t.anomaly("%d ends are still there", k)
		}
		if k := client.Stats().Open + server.Stats().Open; k > 0 {
			t.anomaly("%d connections are counted as open", k)
		}
		if k := client.Stats().Resets + server.Stats().Resets; k > 0 {
			t.anomaly("%d resets", k)
		}
		t.checkLinks(links)
		return nil
	})
	if err != nil {
		t.anomaly("run: %v", err)
	}
}

// dialPatiently dials until it succeeds.
func dialPatiently(c *vtime.Clock, from *network.Host) (net.Conn, error) {
	for {
		conn, err := from.Dial(context.Background(), "tcp", "server:80")
		if err == nil {
			return conn, nil
		}
		var op *net.OpError
		if !errors.As(err, &op) || c.Now() > time.Hour {
			return nil, err
		}
	}
}

// talk writes out and reads until the end at the same time, both in pieces of
// random sizes and with pauses, and compares what came with in.
func (t *trial) talk(c *vtime.Clock, conn net.Conn, id int, out, in []byte) {
	wrote := make(chan error, 1)
	c.Go(vtime.Key{A: 1 << 60, B: uint64(id)}, func() {
		r := rand.New(rand.NewPCG(t.seed, uint64(id)))
		p := bytes.Clone(out)
		for len(p) > 0 {
			k := min(len(p), 1+r.IntN(1+r.IntN(100_000)))
			piece := bytes.Clone(p[:k])
			n, err := conn.Write(piece)
			clear(piece) // Write must not keep it
			if err != nil || n != k {
				wrote <- fmt.Errorf("wrote %d of %d: %w", n, k, err)
				return
			}
			p = p[k:]
			if r.IntN(4) == 0 {
				c.Sleep(context.Background(), vtime.Key{A: 1 << 60, B: uint64(id)}, time.Duration(r.IntN(5000))*time.Microsecond)
			}
		}
		wrote <- conn.(*network.Conn).CloseWrite()
	})
	r := rand.New(rand.NewPCG(t.seed, uint64(id)+1<<32))
	var got []byte
	for {
		p := make([]byte, 1+r.IntN(1+r.IntN(50_000)))
		n, err := conn.Read(p)
		got = append(got, p[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.anomaly("connection %d after %d of %d bytes: %v", id, len(got), len(in), err)
			break
		}
		if r.IntN(4) == 0 {
			c.Sleep(context.Background(), vtime.Key{A: 1 << 61, B: uint64(id)}, time.Duration(r.IntN(2000))*time.Microsecond)
		}
	}
	if !bytes.Equal(got, in) {
		t.anomaly("connection %d received %d bytes, want %d; equal: false", id, len(got), len(in))
	}
	if err := <-wrote; err != nil {
		t.anomaly("connection %d: %v", id, err)
	}
	if err := conn.Close(); err != nil {
		t.anomaly("connection %d: close: %v", id, err)
	}
}

// checkLinks compares the links' counters with one another and with what was sent.
func (t *trial) checkLinks(links []*network.Link) {
	for i, l := range links {
		s := l.Stats()
		if s.Packets != s.Delivered+s.Lost+s.Dropped {
			t.anomaly("link %d: of %d packets %d arrived, %d were lost, %d dropped", i, s.Packets, s.Delivered, s.Lost, s.Dropped)
		}
		if s.Bytes != s.DeliveredBytes+s.LostBytes+s.DroppedBytes || s.Bytes != s.DataBytes+s.HeaderBytes {
			t.anomaly("link %d: bytes do not add up: %+v", i, s)
		}
		if q := t.links[i].Queue; q > 0 && s.PeakQueue > q {
			t.anomaly("link %d: %d bytes waited in a queue of %d", i, s.PeakQueue, q)
		}
	}
	for i, want := range []int{t.up, t.down} {
		s := links[2*i].Stats() // the uplinks
		if unique := s.DataBytes - s.RetransmitBytes; unique != int64(want*t.conns) {
			t.anomaly("%d unique bytes were sent, want %d", unique, want*t.conns)
		}
	}
	for i, want := range []int{t.down, t.up} {
		s := links[2*i+1].Stats() // the downlinks
		if s.DeliveredData < int64(want*t.conns) {
			t.anomaly("%d bytes were delivered, want %d", s.DeliveredData, want*t.conns)
		}
	}
}

// Whatever the network does, all bytes arrive once, in order and unaltered,
// the counters add up, nothing stays behind, and it does not take for ever.
func TestDelivery(t *testing.T) {
	trials := 400
	if testing.Short() {
		trials = 40
	}
	for seed := range uint64(trials) {
		tr := newTrial(seed)
		tr.run()
		lossy := false
		for _, l := range tr.links {
			lossy = lossy || l.Loss > 0 || l.Queue > 0
		}
		bound := 60*tr.ideal + 20*time.Second
		if lossy {
			bound = 400*tr.ideal + 10*time.Minute
		}
		if tr.took > bound {
			tr.anomaly("took %v, where %v would be ideal", tr.took, tr.ideal)
		}
		for _, a := range tr.anomalies {
			t.Errorf("%s\n%v", a, tr)
		}
		if t.Failed() && testing.Short() {
			break
		}
	}
}

// The same seed gives the same packets at the same times, on any number of cores.
func TestReproducible(t *testing.T) {
	trials := 40
	if testing.Short() {
		trials = 8
	}
	for seed := range uint64(trials) {
		var first *trial
		for _, cores := range []int{1, 2, 8, 2} {
			before := runtime.GOMAXPROCS(cores)
			tr := newTrial(seed)
			tr.run()
			runtime.GOMAXPROCS(before)
			if first == nil {
				first = tr
			} else if tr.digest != first.digest || tr.took != first.took {
				t.Errorf("at GOMAXPROCS=%d the digest is %s after %v, not %s after %v\n%v", cores, tr.digest, tr.took, first.digest, first.took, tr)
			}
		}
	}
}

// Another seed gives other packets, where there is anything to draw.
func TestSeedMatters(t *testing.T) {
	a := newTrial(1)
	a.links[0].Loss, a.links[1].Jitter = 0.1, 10*ms
	b := *a
	b.seed = 2
	a.run()
	b.run()
	if a.digest == b.digest {
		t.Error("two seeds gave the same digest")
	}
}
