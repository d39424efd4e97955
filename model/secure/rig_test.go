package secure_test

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"protosim/model/network"
	"protosim/model/secure"
	"protosim/model/vtime"
)

const ms = time.Millisecond

// rig is a client and a server, 50 ms apart each way.
type rig struct {
	testing.TB
	clock          *vtime.Clock
	client, server *network.Host
	listener       secure.Listener
	config         *tls.Config // the client's
	tally          secure.Tally
	started        uint64
}

// play runs main with a rig in virtual time.
func play(t testing.TB, chain int, resume bool, main func(r *rig)) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	r := &rig{TB: t}
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		r.clock = c
		n := network.New(c, network.TCP{}, 1)
		r.client, r.server = n.NewHost("client"), n.NewHost("server")
		r.client.Down.Set(network.LinkConfig{Delay: 50 * ms})
		r.server.Down.Set(network.LinkConfig{Delay: 50 * ms})
		authority, err := secure.NewAuthority(chain)
		if err != nil {
			return err
		}
		r.config = authority.ClientConfig(resume, "h2")
		config, err := authority.ServerConfig("server")
		if err != nil {
			return err
		}
		l, err := r.server.Listen(":443")
		if err != nil {
			return err
		}
		r.listener = secure.Listener{Listener: l, Clock: c, Config: config}
		main(r)
		r.listener.Close()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}

// start runs f on a goroutine, and returns a function that waits for its end.
func (r *rig) start(f func()) (wait func()) {
	done := make(chan struct{})
	r.started++
	r.clock.Go(vtime.Key{A: 1 << 48, B: r.started}, func() {
		defer close(done)
		f()
	})
	return func() { <-done }
}

func (r *rig) sleep(d time.Duration) {
	r.clock.Sleep(context.Background(), vtime.Key{A: 1 << 50}, d)
}

// accept returns the next connection of the server.
func (r *rig) accept() net.Conn {
	c, err := r.listener.Accept()
	if err != nil {
		r.Error(err)
	}
	return c
}

// dial returns a connection of the client, TLS handshake included.
func (r *rig) dial() (*secure.Conn, error) {
	c, err := r.client.Dial(context.Background(), "tcp", "server:443")
	if err != nil {
		r.Fatal(err)
	}
	return secure.Client{Clock: r.clock, Config: r.config, Tally: &r.tally}.Handshake(context.Background(), c.(secure.Below), "server")
}
