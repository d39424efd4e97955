package firewall_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"protosim/model/firewall"
	"protosim/model/network"
	"protosim/model/vtime"
)

// ground is where a test takes place: the simulated network, or this machine's own.
type ground interface {
	time() vtime.Time
	listen(host string) (l net.Listener, address string)
	dialFrom(host string) firewall.Dial
}

type simulated struct {
	clock *vtime.Clock
	net   *network.Network
}

func (s *simulated) time() vtime.Time { return s.clock }
func (s *simulated) host(name string) *network.Host {
	h := s.net.Host(name)
	if h == nil {
		h = s.net.NewHost(name)
		h.Up.Set(network.LinkConfig{Delay: 2 * ms})
		h.Down.Set(network.LinkConfig{Delay: 2 * ms, Bandwidth: 100_000_000, Queue: 1_000_000})
	}
	return h
}
func (s *simulated) dialFrom(host string) firewall.Dial { return s.host(host).Dial }
func (s *simulated) listen(host string) (net.Listener, string) {
	l, err := s.host(host).Listen(":80")
	must(err)
	return l, host + ":80"
}

type loopback struct{ real *vtime.Real }

func (l loopback) time() vtime.Time              { return l.real }
func (l loopback) dialFrom(string) firewall.Dial { return new(net.Dialer).DialContext }
func (l loopback) listen(string) (net.Listener, string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener, listener.Addr().String()
}

// stage is a firewall before a server that is a plain function of connections.
type stage struct {
	ground
	testing.TB
	firewall *firewall.Firewall
	address  string
	serving  sync.WaitGroup
	open     []net.Conn
}

// on runs main with a stage on a ground.
func on(t testing.TB, g ground, cfg firewall.Config, serve func(net.Conn), main func(*stage)) {
	s := &stage{ground: g, TB: t}
	server, target := g.listen("www")
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			s.serving.Add(1)
			go func() {
				defer s.serving.Done()
				defer c.Close()
				serve(c)
			}()
		}
	}()
	cfg.Target = target
	if len(cfg.Ports) == 0 {
		_, port, _ := net.SplitHostPort(target)
		n, err := net.LookupPort("tcp", port)
		must(err)
		cfg.Ports = []int{n}
	}
	s.firewall = firewall.New(g.time(), cfg, g.dialFrom("gateway"))
	l, address := g.listen("gateway")
	s.address = address
	go s.firewall.Serve(l)
	main(s)
	for _, c := range s.open {
		c.Close()
	}
	s.firewall.Close()
	server.Close()
	s.serving.Wait()
}

// dial connects to the firewall.
func (s *stage) dial() net.Conn {
	c, err := s.dialFrom("client")(context.Background(), "tcp", s.address)
	must(err)
	s.open = append(s.open, c)
	c.SetReadDeadline(time.Now().Add(time.Minute))
	return c
}

// ask sends bytes on a connection of their own, ends the stream if told so, and
// returns what comes back.
func (s *stage) ask(text string, ends bool) string {
	c := s.dial()
	io.WriteString(c, text)
	if ends {
		c.(interface{ CloseWrite() error }).CloseWrite()
	}
	data, _ := io.ReadAll(c)
	return string(data)
}

func (s *stage) sleep(d time.Duration) {
	s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, d)
}

// simulation runs f on the simulated network.
func simulation(t testing.TB, f func(g *simulated)) {
	t.Helper()
	err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
		f(&simulated{clock, network.New(clock, network.TCP{}, 1)})
		clock.Sleep(context.Background(), vtime.Key{}, 5*time.Minute)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// everywhere runs f on both grounds.
func everywhere(t *testing.T, f func(t *testing.T, g ground)) {
	t.Run("simulated", func(t *testing.T) { simulation(t, func(g *simulated) { f(t, g) }) })
	if canListen {
		t.Run("loopback", func(t *testing.T) { f(t, loopback{vtime.NewReal()}) })
	}
}
