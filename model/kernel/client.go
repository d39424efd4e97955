//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/coder/websocket"
)

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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, c.page.Objects)
	began := time.Now()
	for range c.page.Objects {
		go func() { results <- c.loadObject(ctx, client) }()
	}
	var first error
	for range c.page.Objects {
		if err := <-results; err != nil && first == nil {
			first = err
			cancel() // the others
		}
	}
	return time.Since(began), first
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
