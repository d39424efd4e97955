package network_test

import (
	"io"
	"testing"

	"protosim/model/network"
)

// bulk has the server send b.N segments over the link, to a client that reads
// a megabyte at a time.
func bulk(b *testing.B, tcp network.TCP, link network.LinkConfig) {
	b.ReportAllocs()
	b.SetBytes(mss)
	playUnrecorded(b, tcp, func(r *rig) {
		r.client.Down.Set(link)
		c, s := r.connect()
		r.goDo(1, func() {
			p := make([]byte, 64*mss)
			for n := b.N; n > 0; n -= 64 {
				if _, err := s.Write(p[:min(n, 64)*mss]); err != nil {
					b.Error(err)
				}
			}
			s.Close()
		})
		p := make([]byte, 1<<20)
		for {
			if _, err := c.Read(p); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		c.Close()
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "segments/s")
}

func BenchmarkBulk(b *testing.B) {
	bulk(b, network.TCP{}, network.LinkConfig{Delay: 10 * ms, Bandwidth: 1_000_000_000, Queue: 1_000_000})
}

// With loss most of the time goes into the lists of what is under way.
func BenchmarkBulkLossy(b *testing.B) {
	bulk(b, network.TCP{}, network.LinkConfig{Delay: 10 * ms, Bandwidth: 1_000_000_000, Queue: 1_000_000, Loss: 0.001})
}

// A window of thousands of segments must not make each acknowledgement dear.
func BenchmarkBulkLargeWindow(b *testing.B) {
	bulk(b, network.TCP{ReceiveBuffer: 30e6, ReceiveWindow: 30e6, InitialWindow: 5000}, network.LinkConfig{Delay: 100 * ms, Bandwidth: 1_000_000_000, Loss: 0.0001})
}

// BenchmarkConnections opens and closes one connection after the other.
func BenchmarkConnections(b *testing.B) {
	b.ReportAllocs()
	playUnrecorded(b, network.TCP{}, func(r *rig) {
		for range b.N {
			c, s := r.connect()
			c.Close()
			s.Close()
		}
	})
}
