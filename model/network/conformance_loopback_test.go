//go:build !wasip1

package network_test

import (
	"context"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/nettest"
)

// kernel is the operating system's stack, on the loopback interface.
type kernel struct{}

func (kernel) listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (kernel) dial(ctx context.Context, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

func (kernel) reset(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

func (k kernel) nobody(t testing.TB) string {
	l := k.listen(t)
	defer l.Close()
	return l.Addr().String()
}

func (kernel) sleep(d time.Duration) { time.Sleep(d) }
func (kernel) start(f func())        { go f() }

func TestConformanceLoopback(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(conformance)) {
		t.Run(name, func(t *testing.T) { conformance[name](t, kernel{}) })
	}
}

func TestNettestLoopback(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		c1, c2 = pair(t, kernel{})
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
}
