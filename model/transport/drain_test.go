package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/net/http2"

	"protosim/model/network"
	"protosim/model/transport"
	"protosim/model/vtime"
)

// fine is an application that answers at once.
type fine struct{}

func (fine) Serve(context.Context, transport.Request) transport.Reply {
	return transport.Reply{Status: http.StatusOK}
}

// drained is a server that begins to drain after a second, and a client 20 ms away.
type drained struct {
	t      *testing.T
	clock  *vtime.Clock
	client *network.Host
}

// playDrain lets a client talk to a server that begins to drain after a second.
// It returns how long the drain took.
func playDrain(t *testing.T, limit time.Duration, client func(*drained)) (took time.Duration) {
	t.Helper()
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		n := network.New(c, network.TCP{}, 1)
		host, peer := n.NewHost("server"), n.NewHost("client")
		peer.Up.Set(network.LinkConfig{Delay: 20 * time.Millisecond})
		peer.Down.Set(network.LinkConfig{Delay: 20 * time.Millisecond})
		l, err := host.Listen(":80")
		if err != nil {
			return err
		}
		s := transport.Serve(c, l, fine{}, 300, 1)
		over := make(chan struct{})
		c.Go(vtime.Key{A: 1}, func() {
			defer close(over)
			client(&drained{t, c, peer})
		})
		c.Sleep(context.Background(), vtime.Key{}, time.Second)
		ctx, cancel := c.WithTimeout(context.Background(), vtime.Key{B: 1}, limit)
		s.Drain(ctx, vtime.Key{B: 2})
		took = c.Now() - time.Second
		cancel()
		s.Close()
		<-over
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return took
}

func (d *drained) dial() net.Conn {
	c, err := d.client.Dial(context.Background(), "tcp", "server:80")
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// An HTTP/2 connection without a request hears at once that it must go away, and
// is closed a second later, which is what net/http gives it to answer.
func TestDrainSendsGoAwayToIdleConnections(t *testing.T) {
	took := playDrain(t, 5*time.Second, func(d *drained) {
		c := d.dial()
		defer c.Close()
		io.WriteString(c, http2.ClientPreface)
		f := http2.NewFramer(c, c)
		f.WriteSettings()
		for {
			frame, err := f.ReadFrame()
			if err != nil {
				d.t.Errorf("the connection ended without a GOAWAY: %v", err)
				return
			}
			if g, ok := frame.(*http2.GoAwayFrame); ok {
				if g.ErrCode != http2.ErrCodeNo || d.clock.Now() != 1020*time.Millisecond {
					d.t.Errorf("at %v: GOAWAY with %v", d.clock.Now(), g.ErrCode)
				}
				if _, err := f.ReadFrame(); err != io.EOF {
					d.t.Errorf("after GOAWAY: %v, want an end in order", err)
				}
				return
			}
		}
	})
	if took < time.Second || took > 1100*time.Millisecond {
		t.Errorf("the drain took %v, want a second and a round trip", took)
	}
}

// A socket is closed with status 1001 and a reason (RFC 6455 section 7.4.1).
func TestDrainClosesSocketsWithAReason(t *testing.T) {
	took := playDrain(t, 5*time.Second, func(d *drained) {
		h := http.Header{}
		transport.ID{Client: 1}.Mark(h)
		tr := &http.Transport{DialContext: d.client.Dial}
		c, _, err := websocket.Dial(context.Background(), "ws://server:80/socket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: tr}, HTTPHeader: h})
		if err != nil {
			d.t.Error(err)
			return
		}
		defer c.CloseNow()
		_, _, err = c.Read(context.Background())
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != websocket.StatusGoingAway || closed.Reason == "" {
			d.t.Errorf("the socket ended with %v, want status 1001 and a reason", err)
		}
	})
	if took > 100*time.Millisecond {
		t.Errorf("the drain took %v, want a round trip", took)
	}
}

// An HTTP/1.1 connection without a request has no way to hear of anything: it
// stays for the next one, and ends with its response.
func TestDrainLetsAnIdleConnectionAskOnceMore(t *testing.T) {
	took := playDrain(t, 5*time.Second, func(d *drained) {
		c := d.dial()
		defer c.Close()
		r := bufio.NewReader(c)
		ask := func() *http.Response {
			req, _ := http.NewRequest("POST", "http://server/", nil)
			transport.ID{Client: 1}.Mark(req.Header)
			req.Write(c)
			res, err := http.ReadResponse(r, req)
			if err != nil {
				d.t.Fatal(err)
			}
			return res
		}
		if ask().Close {
			d.t.Error("the connection is closed before the drain")
		}
		d.clock.Sleep(context.Background(), vtime.Key{A: 1}, 3*time.Second)
		if !ask().Close {
			d.t.Error("the connection is kept although the server is going away")
		}
		if _, err := r.ReadByte(); err != io.EOF {
			d.t.Errorf("after the last response: %v, want an end in order", err)
		}
	})
	if took < 2*time.Second || took > 2200*time.Millisecond {
		t.Errorf("the drain took %v, want until the request 2 s later", took)
	}
}

// What would come anew is turned away.
func TestDrainTakesNoMoreSockets(t *testing.T) {
	playDrain(t, time.Second, func(d *drained) {
		defer d.dial().Close() // keeps the server from ending
		d.clock.Sleep(context.Background(), vtime.Key{A: 1}, 1100*time.Millisecond)
		h := http.Header{}
		transport.ID{Client: 1}.Mark(h)
		tr := &http.Transport{DialContext: d.client.Dial}
		_, res, err := websocket.Dial(context.Background(), "ws://server:80/socket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: tr}, HTTPHeader: h})
		if err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable {
			d.t.Errorf("an Upgrade while draining got %v, %v", res, err)
		}
		tr.CloseIdleConnections()
	})
}

// On real sockets nobody waits for an idle connection.
func TestDrainClosesIdleConnectionsOfRealSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err) // WebAssembly has no sockets
	}
	s := transport.Serve(vtime.NewReal(), l, fine{}, 300, 1)
	defer s.Close()
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	res, err := (&http.Client{Transport: tr}).Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if s.Drain(ctx, vtime.Key{}); ctx.Err() != nil {
		t.Error("the drain waited for the idle connection")
	}
}
