package transport_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"protosim/model/network"
	"protosim/model/secure"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// conserved tells whether what was read is what was written, but for the closure
// alert of TLS (24 bytes, RFC 8446 section 6.1), which who has closed as well
// does not read any more.
func conserved(written, read []byte, encrypted bool) error {
	rest, ok := bytes.CutPrefix(written, read)
	alert := encrypted && len(rest) == 24 && bytes.HasPrefix(rest, []byte{23, 3, 3, 0, 19})
	switch {
	case len(written) == 0:
		return errors.New("nothing was written")
	case !ok || len(rest) > 0 && !alert:
		return fmt.Errorf("%d bytes written (%x), %d read (%x)", len(written), sha256.Sum256(written), len(read), sha256.Sum256(read))
	}
	return nil
}

// watchedEnd is one end of a connection that tells what a transport, or TLS
// below it, has written to it and read from it.
type watchedEnd struct {
	*network.Conn
	mu            sync.Mutex
	written, read []byte
}

func (c *watchedEnd) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written = append(c.written, p[:n]...)
	return n, err
}

func (c *watchedEnd) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = append(c.read, p[:n]...)
	return n, err
}

// watch keeps the ends of connections by the address of the client's end.
type watch struct {
	mu   sync.Mutex
	ends map[string]*watchedEnd
}

func (w *watch) end(c net.Conn, name net.Addr) net.Conn {
	e := &watchedEnd{Conn: c.(*network.Conn)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends[name.String()] = e
	return e
}

// watchedListener watches the ends that it accepts.
type watchedListener struct {
	net.Listener
	*watch
}

func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.end(c, c.RemoteAddr()), nil
}

// sized is an application that answers with as many bytes as the path says.
type sized struct{}

func (sized) Serve(_ context.Context, r transport.Request) transport.Reply {
	var n int
	fmt.Sscanf(r.Path, "/%d", &n)
	return transport.Reply{Status: http.StatusOK, Body: n}
}

// TestBytesAreConserved: over every connection, what one side's transport has
// written is what the other's has read, in number and content, with losses,
// with TLS and without.
func TestBytesAreConserved(t *testing.T) {
	for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP1Close, scenarios.HTTP2, scenarios.WebSocket} {
		for _, encrypted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s tls %v", strategy, encrypted), func(t *testing.T) {
				clients, servers := &watch{ends: map[string]*watchedEnd{}}, &watch{ends: map[string]*watchedEnd{}}
				if err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
					return load(t, c, strategy, encrypted, clients, servers)
				}); err != nil {
					t.Fatal(err)
				}
				if len(clients.ends) == 0 || len(clients.ends) != len(servers.ends) {
					t.Fatalf("%d connections dialled, %d accepted", len(clients.ends), len(servers.ends))
				}
				for name, a := range clients.ends {
					b := servers.ends[name]
					if b == nil {
						t.Fatalf("no connection from %s was accepted", name)
					}
					if err := conserved(a.written, b.read, encrypted); err != nil {
						t.Errorf("%s, from the client: %v", name, err)
					}
					if err := conserved(b.written, a.read, encrypted); err != nil {
						t.Errorf("%s, from the server: %v", name, err)
					}
				}
			})
		}
	}
}

// load lets a client carry out requests of all sizes, many at a time.
func load(t *testing.T, c *vtime.Clock, strategy scenarios.Strategy, encrypted bool, clients, servers *watch) error {
	n := network.New(c, network.TCP{}, 1)
	host, peer := n.NewHost("www"), n.NewHost("client")
	peer.Up.Set(network.LinkConfig{Delay: 20 * time.Millisecond, Loss: .02})
	peer.Down.Set(network.LinkConfig{Delay: 20 * time.Millisecond, Loss: .02})
	o := transport.Options{
		Clock: c, Host: peer, Client: 1, Connections: 6, Headers: 600, Seed: 1,
		Dial: func(ctx context.Context, netw, addr string) (net.Conn, error) {
			conn, err := peer.Dial(ctx, netw, addr)
			if err != nil {
				return nil, err
			}
			return clients.end(conn, conn.LocalAddr()), nil
		},
	}
	port := ":80"
	if encrypted {
		port = ":443"
	}
	l, err := host.Listen(port)
	if err != nil {
		return err
	}
	var accept net.Listener = watchedListener{l, servers}
	if encrypted {
		authority, err := secure.NewAuthority(3000)
		if err != nil {
			return err
		}
		config, err := authority.ServerConfig("www")
		if err != nil {
			return err
		}
		accept = secure.Listener{Listener: accept, Clock: c, Config: config}
		o.TLS = &secure.Client{Clock: c, Config: authority.ClientConfig(true, transport.Protocols(strategy)...), Tally: new(secure.Tally)}
	}
	s := transport.Serve(c, accept, sized{}, 300, 1)
	client := transport.New(strategy, o)
	var waits sync.WaitGroup
	for i, size := range slices.Repeat([]int{0, 100, 1000, 20_000, 70_000, 300_000}, 4) {
		id := transport.ID{Client: 1, Serial: uint32(i)}
		waits.Add(1)
		c.Go(id.ClientKey(), func() {
			defer waits.Done()
			r, err := client.Do(context.Background(), transport.Request{ID: id, Host: "www", Method: "POST", Path: fmt.Sprintf("/%d", size), Body: size / 2})
			if err != nil || r.Status != http.StatusOK || r.Body != size {
				t.Errorf("%d bytes: status %d, %d bytes, %v", size, r.Status, r.Body, err)
			}
		})
	}
	waits.Wait()
	client.EndPage()
	client.Close()
	c.Sleep(context.Background(), vtime.Key{}, 10*time.Second) // what is under way arrives
	s.Close()
	if errs := s.Errors(); len(errs) > 0 {
		t.Errorf("the server says %q", errs)
	}
	return nil
}
