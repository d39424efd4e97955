package network_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"protosim/model/network"
	"protosim/model/vtime"
)

// simulated is the stack of this package.
type simulated struct {
	*rig
	ports   int
	started uint64
}

func (s *simulated) listen(t testing.TB) net.Listener {
	t.Helper()
	s.ports++
	l, err := s.server.Listen(fmt.Sprintf(":%d", s.ports))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (s *simulated) dial(ctx context.Context, address string) (net.Conn, error) {
	return s.client.Dial(ctx, "tcp", address)
}

func (s *simulated) reset(c net.Conn)         { c.(*network.Conn).Abort() }
func (s *simulated) nobody(testing.TB) string { return "server:9" }
func (s *simulated) start(f func()) {
	s.started++
	s.clock.Go(vtime.Key{A: 1 << 48, B: s.started}, f)
}

// paths are the networks that the suite runs on.
var paths = map[string]network.LinkConfig{
	"instant": {},
	"near":    {Delay: ms},
	"slow":    {Delay: 5 * ms, Bandwidth: 200_000_000, Queue: 500_000},
}

func TestConformanceSimulated(t *testing.T) {
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, name := range slices.Sorted(maps.Keys(conformance)) {
			t.Run(path+"/"+name, func(t *testing.T) {
				play(t, network.TCP{}, func(r *rig) {
					r.client.Down.Set(paths[path])
					r.server.Down.Set(paths[path])
					conformance[name](t, &simulated{rig: r, ports: 1000})
				})
			})
		}
	}
}

// The suite of golang.org/x/net, in virtual time. Both ends need a Write that
// blocks.
func TestNettestSimulated(t *testing.T) {
	for _, dialled := range []bool{false, true} {
		t.Run(map[bool]string{true: "dialled", false: "accepted"}[dialled], func(t *testing.T) {
			play(t, network.TCP{}, func(r *rig) {
				link := network.LinkConfig{Delay: 100 * time.Microsecond, Bandwidth: 200_000_000, Queue: 100_000}
				r.client.Down.Set(link)
				r.server.Down.Set(link)
				s := &simulated{rig: r, ports: 1000}
				nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
					c2, c1 = pair(t, s)
					network.BoundWrites(c2)
					if dialled {
						c1, c2 = c2, c1
					}
					return c1, c2, func() { c1.Close(); c2.Close() }, nil
				})
			})
		})
	}
}
