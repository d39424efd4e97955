package transport

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"protosim/scenarios"
)

// readSize is how much of a body a client reads at a time. Large, so that what
// a Read returns depends on what has arrived and on nothing else.
const readSize = 16 << 10

// buffers holds arrays to read bodies into. Nobody looks at what is in them.
var buffers = sync.Pool{New: func() any { return new([readSize]byte) }}

// httpClient carries exchanges as HTTP requests by net/http's Transport.
type httpClient struct {
	Options
	transport   *http.Transport
	multiplexed bool
	jar         http.CookieJar

	mu      sync.Mutex
	headers map[string]http.Header // by host
	crumbs  map[string]string      // by host, where requests are multiplexed
}

func newHTTP(s scenarios.Strategy, o Options) *httpClient {
	c := &httpClient{Options: o, jar: newJar(), multiplexed: s == scenarios.HTTP2, headers: map[string]http.Header{}, crumbs: map[string]string{}}
	t := &http.Transport{
		DialContext:         c.dial,
		DisableCompression:  true,
		MaxConnsPerHost:     o.Connections,
		MaxIdleConnsPerHost: o.Connections,
		DisableKeepAlives:   s == scenarios.HTTP1Close,
		Protocols:           new(http.Protocols),
	}
	if c.multiplexed {
		t.MaxConnsPerHost, t.MaxIdleConnsPerHost = 1, 1
		t.Protocols.SetUnencryptedHTTP2(true) // over TLS too: package secure is below
		t.HTTP2 = &http.HTTP2Config{StrictMaxConcurrentRequests: true}
	} else {
		t.Protocols.SetHTTP1(true)
	}
	c.transport = t
	return c
}

func (c *httpClient) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.Options.dial(ctx, network, address)
	if err != nil || !c.multiplexed {
		return conn, err
	}
	return clientFrames(conn, c.Clock), nil
}

func (c *httpClient) Do(ctx context.Context, r Request) (out Response, err error) {
	attempts := 0
	var sent, firstByte atomic.Int64
	defer func() { out.Sent, out.FirstByte = time.Duration(sent.Load()), time.Duration(firstByte.Load()) }()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			if c.multiplexed { // all that waited for the connection are here at once
				c.Clock.Yield(r.ID.ClientKey())
			}
		},
		WroteHeaders: func() {
			attempts++
			sent.Store(int64(c.Clock.Now()))
		},
		GotFirstResponseByte: func() { firstByte.Store(int64(c.Clock.Now())) },
	})
	req, err := http.NewRequestWithContext(ctx, r.Method, url("http", r.Host, c.port(), r.Path), newBody(r.Body))
	if err != nil {
		return out, err
	}
	req.ContentLength = int64(r.Body)
	req.Host = r.Host
	c.setHeaders(req.Header, r)
	c.addCookies(req)
	res, err := c.transport.RoundTrip(req)
	out.Retries = max(attempts-1, 0)
	if err != nil {
		return out, cause(ctx, err)
	}
	defer res.Body.Close()
	if cookies := res.Cookies(); len(cookies) > 0 {
		c.jar.SetCookies(req.URL, cookies)
	}
	out.Status = res.StatusCode
	body := io.Reader(res.Body)
	var kept bytes.Buffer
	if r.Keep {
		body = io.TeeReader(body, &kept)
	}
	out.Body, err = c.drain(body, r.ID)
	out.Content = kept.Bytes()
	return out, cause(ctx, err)
}

// drain reads a body to its end.
func (c *httpClient) drain(body io.Reader, id ID) (int, error) {
	buf := buffers.Get().(*[readSize]byte)
	defer buffers.Put(buf)
	total := 0
	for {
		if c.multiplexed { // otherwise the body is all that arrives
			c.Clock.Yield(id.readerKey())
		}
		n, err := body.Read(buf[:])
		total += n
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// setHeaders fills in the headers of a request, which but for the identity are
// always the same.
func (c *httpClient) setHeaders(h http.Header, r Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.multiplexed {
		rest, ok := c.crumbs[r.Host]
		if !ok {
			rest = crumbs(c.Options, r.Host)
			c.crumbs[r.Host] = rest
		}
		h.Set("Cookie", idCrumb+r.ID.String()+rest)
		return
	}
	headers := c.headers[r.Host]
	if headers == nil {
		headers = requestHeaders(c.Options, r.Host)
		c.headers[r.Host] = headers
	}
	maps.Copy(h, headers)
	h.Set(idHeader, r.ID.String())
}

// addCookies adds what servers and balancers have set, as a browser does.
func (c *httpClient) addCookies(req *http.Request) {
	for _, cookie := range c.jar.Cookies(req.URL) {
		value := req.Header.Get("Cookie")
		if value != "" {
			value += "; "
		}
		req.Header.Set("Cookie", value+cookie.String())
	}
}

func (c *httpClient) EndPage() {}

func (c *httpClient) Drop() { c.Close() }

// Close ends idle connections, once requests that were given up in this instant
// have let go of theirs.
func (c *httpClient) Close() {
	c.Clock.Yield(ID{Client: c.Client, Serial: ^uint32(0)}.readerKey())
	c.transport.CloseIdleConnections()
}

// cause prefers the reason for which a context ended to what it led to.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// zeros is what bodies are made of.
var zeros [1 << 20]byte

// newBody returns a body of n zero bytes, or nil.
func newBody(n int) io.Reader {
	if n == 0 {
		return nil
	}
	return io.LimitReader(zeroReader{}, int64(n))
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
