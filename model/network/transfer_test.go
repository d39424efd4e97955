package network_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"protosim/model/network"
	"protosim/model/vtime"
)

// transfer returns how long a client took, from its dial on, to get size bytes
// over links that set decides, and how many packets were lost on the way to it.
func transfer(t testing.TB, seed uint64, size int, set func(n *network.Network, client *network.Host)) (took time.Duration, lost int64) {
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		n := network.New(c, network.TCP{SendBuffer: -1}, seed)
		client, server := n.NewHost("client"), n.NewHost("server")
		set(n, client)
		l, err := server.Listen(":80")
		if err != nil {
			return err
		}
		c.Go(server.Key(1<<40), func() {
			s, err := l.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			s.Read(make([]byte, 1))
			s.Write(make([]byte, size))
			s.Read(make([]byte, 1))
			s.Close()
			l.Close()
		})
		var conn net.Conn
		for conn == nil {
			conn, _ = client.Dial(context.Background(), "tcp", "server:80")
		}
		conn.Write([]byte{0})
		if _, err := io.ReadFull(conn, make([]byte, size)); err != nil {
			t.Error(err)
		}
		took, lost = c.Now(), client.Down.Stats().Lost
		return conn.Close()
	})
	if err != nil {
		t.Error(err)
	}
	return took, lost
}
