//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// port is where the server listens.
const port = 8080

// protocols are the ways to load a page.
var protocols = []string{"http1", "http1-close", "http2", "websocket"}

// pageServer answers requests for objects with plain net/http and, under /ws,
// with one message for each message.
type pageServer struct {
	http     *http.Server
	listener net.Listener
	body     []byte
	tls      *tls.Config
}

func newPageServer(p Page, config *tls.Config) *pageServer {
	s := &pageServer{body: make([]byte, p.ObjectBytes), tls: config}
	mux := http.NewServeMux()
	mux.HandleFunc("/object", s.object)
	mux.HandleFunc("/ws", s.messages)
	s.http = &http.Server{Handler: mux, TLSConfig: config, Protocols: new(http.Protocols)}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetHTTP2(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	return s
}

// listen opens the listener; it must run in the server's namespace.
func (s *pageServer) listen() (err error) {
	config := net.ListenConfig{Control: useCubic}
	s.listener, err = config.Listen(context.Background(), "tcp4", netip.AddrPortFrom(serverAddr.Addr(), port).String())
	return err
}

func (s *pageServer) serve() {
	if s.tls != nil {
		_ = s.http.ServeTLS(s.listener, "", "")
		return
	}
	_ = s.http.Serve(s.listener)
}

func (s *pageServer) object(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(s.body)))
	_, _ = w.Write(s.body)
}

func (s *pageServer) messages(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	for {
		if _, _, err := c.Read(r.Context()); err != nil {
			return
		}
		if err := c.Write(r.Context(), websocket.MessageBinary, s.body); err != nil {
			return
		}
	}
}

// pageClient loads a page once.
type pageClient struct {
	page      Page
	transport *http.Transport
	mu        sync.Mutex
	conns     []net.Conn // in the order of their dials' completion
}

func newPageClient(p Page, config *tls.Config) *pageClient {
	c := &pageClient{page: p}
	protocols := new(http.Protocols)
	switch {
	case p.Protocol != "http2":
		protocols.SetHTTP1(true)
	case p.TLS:
		protocols.SetHTTP2(true)
	default:
		protocols.SetUnencryptedHTTP2(true)
	}
	c.transport = &http.Transport{Protocols: protocols, TLSClientConfig: config, DialContext: c.dial}
	switch p.Protocol {
	case "http1", "http1-close":
		c.transport.MaxConnsPerHost = 6
		c.transport.MaxIdleConnsPerHost = 6
		c.transport.DisableKeepAlives = p.Protocol == "http1-close"
	case "http2":
		// Without a limit the transport dials once for each request that comes
		// before the first connection is there.
		c.transport.MaxConnsPerHost = 1
	}
	return c
}

func (c *pageClient) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{Control: useCubic}).DialContext(ctx, "tcp4", addr)
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn)
		c.mu.Unlock()
	}
	return conn, err
}

func (c *pageClient) url(scheme, path string) string {
	if c.page.TLS {
		scheme += "s"
	}
	return scheme + "://" + netip.AddrPortFrom(serverAddr.Addr(), port).String() + path
}

// load fetches all objects and returns the time from the first dial to the
// last byte.
func (c *pageClient) load(ctx context.Context) (time.Duration, error) {
	if c.page.Protocol == "websocket" {
		return c.loadMessages(ctx)
	}
	client := &http.Client{Transport: c.transport}
	results := make(chan error, c.page.Objects)
	began := time.Now()
	for range c.page.Objects {
		go func() { results <- c.loadObject(ctx, client) }()
	}
	var errs []error
	for range c.page.Objects {
		errs = append(errs, <-results)
	}
	return time.Since(began), errors.Join(errs...)
}

func (c *pageClient) loadObject(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, "GET", c.url("http", "/object"), nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && int(n) != c.page.ObjectBytes {
		err = fmt.Errorf("an object of %d bytes instead of %d", n, c.page.ObjectBytes)
	}
	return err
}

func (c *pageClient) loadMessages(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	ws, _, err := websocket.Dial(ctx, c.url("ws", "/ws"), &websocket.DialOptions{HTTPClient: &http.Client{Transport: c.transport}})
	if err != nil {
		return 0, err
	}
	ws.SetReadLimit(-1)
	sent := make(chan error, 1)
	go func() {
		for range c.page.Objects {
			if err := ws.Write(ctx, websocket.MessageBinary, []byte("/object")); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for range c.page.Objects {
		_, message, err := ws.Read(ctx)
		if err == nil && len(message) != c.page.ObjectBytes {
			err = fmt.Errorf("a message of %d bytes instead of %d", len(message), c.page.ObjectBytes)
		}
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began), <-sent
}

// close resets all connections, so that nothing of them is left in the client's
// namespace to send into the next run.
func (c *pageClient) close() {
	for _, conn := range c.conns {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	c.transport.CloseIdleConnections()
}

func knownProtocol(name string) error {
	if !slices.Contains(protocols, name) {
		return fmt.Errorf("unknown protocol %q: one of %q", name, protocols)
	}
	return nil
}
