package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// mountServerFlags are the flags of protosim mount server.
type mountServerFlags struct {
	listen  string
	tls     mountTLS
	size    scenarios.Size
	service scenarios.Duration
	headers scenarios.Size
}

func (p *process) mountServerCommand() *cobra.Command {
	f := &mountServerFlags{size: 20_000, headers: 300}
	c := &cobra.Command{
		Use:   "server",
		Short: "Run a server that answers every request alike",
		Long: `Runs the simulator's server: HTTP/1.1, HTTP/2 and WebSocket on one port,
without TLS (HTTP/2 by prior knowledge) or with --tls. It answers every request
alike, after a service time.`,
		Example: `  protosim mount server --listen 127.0.0.1:8081
  protosim mount server --size 100kB --service-time 50ms --headers 800B
  protosim mount server --tls --certificate server.pem   # curl --cacert server.pem --http2`,
		Args: wants(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			s := &mountedServer{fixed{vtime.NewReal(), *f}, make(chan *transport.Server, 1), make(chan struct{})}
			return p.mountWith(f.tls, f.listen, "server", s)
		},
	}
	flags := c.Flags()
	listenFlag(flags, &f.listen)
	f.tls.flags(flags)
	flags.Var(quantity{&f.size, aSize}, "size", "`size` of a response's body")
	flags.Var(quantity{&f.service, aDuration}, "service-time", "`time` that a response takes")
	flags.Var(quantity{&f.headers, aSize}, "headers", "`size` of a response's headers over HTTP/1.1")
	return c
}

// fixed is an application that answers every request alike.
type fixed struct {
	time vtime.Time
	mountServerFlags
}

func (f fixed) Serve(ctx context.Context, r transport.Request) transport.Reply {
	if f.service > 0 {
		f.time.Sleep(ctx, r.ID.ServerKey(), time.Duration(f.service))
	}
	return transport.Reply{Status: http.StatusOK, Body: int(f.size)}
}

// mountedServer is a transport.Server that is started late.
type mountedServer struct {
	app    fixed
	server chan *transport.Server
	ended  chan struct{}
}

func (m *mountedServer) Serve(l net.Listener) error {
	m.server <- transport.Serve(m.app.time, l, m.app, int(m.app.headers), 1)
	<-m.ended
	return nil
}

func (m *mountedServer) Shutdown(ctx context.Context) {
	s := <-m.server
	s.Drain(ctx, vtime.Key{})
	s.Close()
	close(m.ended)
}
