package firewall_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"protosim/model/firewall"
	"protosim/model/vtime"
)

// Whatever clients and servers say, no firewall panics or hangs.
func FuzzHandle(f *testing.F) {
	for _, seed := range []struct{ client, server string }{
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nabc", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc"},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n"},
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"},
		{"CONNECT a:443 HTTP/1.1\r\n\r\n\x16\x03\x01", "\x15\x03\x01"},
		{"GET http://a:99999/ HTTP/1.1\r\nHost: a\r\n\r\n", ""},
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", ""},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x00\x00\x00\x04"},
		{"GET", "HTTP/1.1 304"}, {"\x00", "\x00"}, {"", ""}, {"G T / HTTP/9.9\r\n\r\n", "HTTP/1.1 999 \r\n\r\n"},
	} {
		for kind := range firewall.Kinds {
			f.Add(uint8(kind), []byte(seed.client), []byte(seed.server))
		}
	}
	a, err := firewall.NewAuthority("fuzz")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind uint8, client, server []byte) {
		simulation(t, func(g *simulated) {
			cfg := firewall.Config{
				Kind:        firewall.Kinds[int(kind)%len(firewall.Kinds)],
				Upgrade:     firewall.UpgradePolicies[int(kind/8)%len(firewall.UpgradePolicies)],
				Silent:      kind&64 != 0,
				Authority:   a,
				Blocked:     []int{25},
				IdleTimeout: time.Minute,
			}
			l, target := g.listen("www")
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						c.Write(server)
						io.Copy(io.Discard, c)
						c.Close()
					}()
				}
			}()
			cfg.Target = target
			fw := firewall.New(g.clock, cfg, func(ctx context.Context, netw, _ string) (net.Conn, error) {
				return g.host("gateway").Dial(ctx, netw, target)
			})
			front, address := g.listen("gateway")
			go fw.Serve(front)
			c, err := g.host("client").Dial(context.Background(), "tcp", address)
			must(err)
			c.Write(client)
			g.clock.Sleep(context.Background(), vtime.Key{}, time.Second)
			c.(interface{ CloseWrite() error }).CloseWrite()
			c.SetReadDeadline(time.Now().Add(2 * time.Minute))
			io.Copy(io.Discard, c)
			c.Close()
			g.clock.Sleep(context.Background(), vtime.Key{}, 2*time.Minute)
			if open := fw.Stats().Open; open != 0 {
				t.Errorf("%d connections are left", open)
			}
			fw.Close()
			l.Close()
		})
	})
}
