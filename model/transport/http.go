package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"protosim/model/random"
	"protosim/model/secure"
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
	plain       *http.Transport // HTTP/1.1, where HTTP/2 is not to be had

	mu      sync.Mutex
	spare   map[string][]net.Conn  // by address: dialled for HTTP/2 and good for HTTP/1.1
	lesser  bool                   // HTTP/2 is not to be had
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
		if o.TLS != nil {
			c.spare = map[string][]net.Conn{}
			c.plain = &http.Transport{
				DialContext:         c.dialPlain,
				DisableCompression:  true,
				MaxConnsPerHost:     o.Connections,
				MaxIdleConnsPerHost: o.Connections,
				Protocols:           new(http.Protocols),
			}
			c.plain.Protocols.SetHTTP1(true)
		}
	} else {
		t.Protocols.SetHTTP1(true)
		if o.TLS == nil && o.Proxy != nil {
			t.Proxy = http.ProxyURL(o.Proxy)
		}
	}
	c.transport = t
	return c
}

// errLesser says that the other end of a TLS connection does not speak HTTP/2.
var errLesser = errors.New("transport: HTTP/1.1 instead of HTTP/2")

func (c *httpClient) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if c.isLesser() {
		return nil, errLesser
	}
	conn, err := c.Options.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if !c.multiplexed {
		return c.meter(conn, false), nil
	}
	if s, ok := conn.(*secure.Conn); ok && s.Protocol() != "h2" {
		c.mu.Lock()
		c.lesser = true
		c.spare[address] = append(c.spare[address], conn)
		c.mu.Unlock()
		return nil, errLesser
	}
	return c.meter(clientFrames(conn, c.Clock), true), nil
}

// dialPlain takes a connection that was dialled for HTTP/2, or dials one more.
func (c *httpClient) dialPlain(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	if list := c.spare[address]; len(list) > 0 {
		conn := list[0]
		c.spare[address] = list[1:]
		c.mu.Unlock()
		return c.meter(conn, false), nil
	}
	c.mu.Unlock()
	return c.dialHTTP1(ctx, network, address)
}

func (c *httpClient) isLesser() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lesser
}

// roundTrip sends a request by HTTP/2 where that is the strategy and to be had,
// and otherwise by HTTP/1.1.
func (c *httpClient) roundTrip(r *http.Request, id ID) (*http.Response, error) {
	if !c.isLesser() {
		res, err := c.transport.RoundTrip(r)
		if !errors.Is(err, errLesser) {
			return res, err
		}
		c.Clock.Yield(id.ClientKey()) // all that waited for the connection are here at once
	}
	return c.plain.RoundTrip(r)
}

func (c *httpClient) Do(ctx context.Context, r Request) (out Response, err error) {
	attempts := 0
	var sent, firstByte, port atomic.Int64
	defer func() {
		out.Sent, out.FirstByte = time.Duration(sent.Load()), time.Duration(firstByte.Load())
		out.Port = int(port.Load())
	}()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			port.Store(int64(localPort(got.Conn)))
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
	res, err := c.roundTrip(req, r.ID)
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

// setHeaders fills in the headers of a request, which but for the identity and
// what it has are always the same.
func (c *httpClient) setHeaders(h http.Header, r Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.multiplexed {
		rest, ok := c.crumbs[r.Host]
		if !ok {
			rest = crumbs(c.Options, r.Host)
			c.crumbs[r.Host] = rest
		}
		id := idCrumb + r.ID.String()
		if r.LastEvent > 0 {
			id += "; " + lastEventCrumb + strconv.FormatUint(r.LastEvent, 10)
		}
		h.Set("Cookie", id+rest)
		return
	}
	headers := c.headers[r.Host]
	if headers == nil {
		headers = requestHeaders(c.Options, r.Host)
		c.headers[r.Host] = headers
	}
	maps.Copy(h, headers)
	h.Set(idHeader, r.ID.String())
	if r.LastEvent > 0 {
		h.Set(lastEventHeader, strconv.FormatUint(r.LastEvent, 10))
	}
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
	if c.plain != nil {
		c.plain.CloseIdleConnections()
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, address := range slices.Sorted(maps.Keys(c.spare)) {
			for _, conn := range c.spare[address] {
				conn.Close()
			}
		}
		clear(c.spare)
	}
}

// cause prefers the reason for which a context ended to what it led to.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// filling is what bodies are made of: noise, which does not compress, as images
// and what is compressed already do not.
var filling = sync.OnceValue(func() []byte {
	const size = 1 << 20
	b := make([]byte, 0, size)
	r := random.New(1, "filling")
	for len(b) < size {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b
})

// newBody returns a body of n bytes, or nil.
func newBody(n int) io.Reader {
	if n == 0 {
		return nil
	}
	return io.LimitReader(&fillingReader{}, int64(n))
}

// fillingReader reads filling without end.
type fillingReader struct{ at int }

func (r *fillingReader) Read(p []byte) (int, error) {
	n := copy(p, filling()[r.at:])
	r.at = (r.at + n) % len(filling())
	return n, nil
}
