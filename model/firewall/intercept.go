package firewall

import (
	"context"
	"crypto/tls"
	"io"
	"net"
)

// intercept ends the client's TLS with a certificate of the firewall's own
// authority, and begins another towards the server. Inside it knows only
// HTTP/1.1: a client that offers HTTP/2 besides falls back, one that offers
// nothing else is refused (RFC 7301 section 3.2).
func (p *passage) intercept(sent io.Reader) {
	host, _, _ := net.SplitHostPort(p.target)
	client := tls.Server(&replayed{p.client, sent}, &tls.Config{
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
		KeyLogWriter: p.f.cfg.Keys,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != "" {
				host = hello.ServerName
			}
			return p.f.cfg.Authority.certificate(host)
		},
	})
	if err := client.HandshakeContext(context.Background()); err != nil {
		p.refused(Handshake)
		p.part(p.client)
		io.Copy(io.Discard, p.client)
		return
	}
	in, limit := newReader(client)
	x := &proxy{p: p, client: client, in: in, limit: limit}
	x.dial = func(target string) (net.Conn, error) { return p.connectTLS(target, host) }
	x.serve()
}

// connectTLS dials a server and secures the connection.
func (p *passage) connectTLS(target, host string) (net.Conn, error) {
	conn, err := p.connect(target)
	if err != nil {
		return nil, err
	}
	server := tls.Client(conn, &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: host,
		RootCAs:    p.f.cfg.Roots,
		NextProtos: []string{"http/1.1"},
	})
	ctx, cancel := p.f.time.WithTimeout(p.f.ctx, p.key, p.f.cfg.ConnectTimeout)
	defer cancel()
	if err := server.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return server, nil
}

// replayed is a connection whose first bytes have been read already.
type replayed struct {
	*metered
	sent io.Reader
}

func (r *replayed) Read(b []byte) (int, error) { return r.sent.Read(b) }
