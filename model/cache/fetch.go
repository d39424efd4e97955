package cache

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"protosim/model/vtime"
)

var (
	errSilent    = errors.New("cache: upstream sent nothing for too long")
	errTruncated = errors.New("cache: upstream's response ended early")
)

// past is a deadline that is over.
var past = time.Unix(1, 0)

// stream is a response that comes from upstream.
type stream struct {
	*http.Response
	c       *Cache
	key     vtime.Key
	idle    *vtime.Idle
	stop    context.CancelCauseFunc
	sent    time.Duration
	arrived time.Duration
}

// send sends a request upstream and waits for the headers of its response.
// They end with ctx, and with the cache.
func (c *Cache) send(ctx context.Context, r *http.Request, key vtime.Key, trace *httptrace.ClientTrace) (*stream, error) {
	outer := ctx
	ctx, stop := context.WithCancelCause(ctx)
	if trace != nil {
		ctx = httptrace.WithClientTrace(ctx, trace)
	}
	s := &stream{c: c, key: with(key, replyKeys), stop: stop, sent: c.time.Now()}
	s.idle = &vtime.Idle{Time: c.time, Key: with(key, watchKeys|1<<36), Limit: c.cfg.IdleTimeout, Expire: func() { stop(errSilent) }}
	s.idle.Expect()
	count(c, &c.stats.UpstreamRequests, 1)
	res, err := c.transport.RoundTrip(r.WithContext(ctx))
	s.idle.Met()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		s.close()
		c.time.Yield(key)
		c.failed(outer, err)
		return nil, err
	}
	s.Response, s.arrived = res, c.time.Now()
	removeHopByHop(res.Header)
	if len(res.Header["Date"]) == 0 { // RFC 9110 section 6.6.1
		res.Header.Set("Date", c.wall(s.arrived).UTC().Format(http.TimeFormat))
	}
	res.Header.Add("Via", via(res.ProtoMajor, res.ProtoMinor, c.cfg.Name))
	return s, nil
}

// failed counts an exchange with upstream that failed.
func (c *Cache) failed(ctx context.Context, err error) {
	if ctx.Err() != nil && !errors.Is(err, errSilent) {
		return // nobody wants it any more
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.UpstreamErrors++
	var netErr net.Error
	switch {
	case isTimeout(err):
		c.stats.TimedOut++
	case !errors.As(err, &netErr) || errors.Is(err, io.ErrUnexpectedEOF):
		c.stats.Malformed++
	}
}

// isTimeout reports whether an error means that upstream was too slow.
func isTimeout(err error) bool {
	if errors.Is(err, errSilent) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// Read reads what upstream has sent of the body.
func (s *stream) Read(p []byte) (int, error) {
	s.idle.Expect()
	s.c.time.Yield(s.key)
	n, err := s.Body.Read(p)
	s.idle.Met()
	count(s.c, &s.c.stats.BytesFromUpstream, int64(n))
	return n, err
}

// close ends the stream.
func (s *stream) close() {
	s.idle.End()
	if s.Response != nil {
		s.Body.Close()
	}
	s.stop(nil)
}

// outgoing makes the request that goes upstream.
func (c *Cache) outgoing(r *request, header http.Header, body io.ReadCloser) *http.Request {
	out := &http.Request{
		Method: r.Method, Host: r.host, Header: header,
		URL:   &url.URL{Scheme: "http", Host: c.upstream, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery, Opaque: r.URL.Opaque},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if r.target == "*" {
		out.URL.Path, out.URL.Opaque = "", "*"
	}
	if r.ContentLength != 0 {
		out.Body, out.ContentLength, out.Trailer = body, r.ContentLength, r.Trailer
	}
	return out
}

// fetch has a request answered by upstream, for others too where it may be.
// old is what is stored and has to be revalidated, if not nil.
func (x *exchange) fetch(f *flight, old *object, why string) {
	c := x.c
	filled := false // the flight goes on without us
	defer func() {
		if !filled {
			c.end(f)
		}
	}()
	interim := x.interim()
	s, old, err := x.ask(c.ctx, old, with(x.key, replyKeys|1<<36), interim.trace())
	interim.over()
	now := c.time.Now()
	if old != nil && (err != nil || s.StatusCode >= 500) && old.afterError(&x.r.directives, now) {
		if err == nil {
			s.close()
		}
		x.note(Rescued)
		from := source{why: why}
		if err == nil {
			from.status = s.StatusCode
		}
		x.respond(old, from)
		return
	}
	if err != nil {
		x.note(Miss)
		if old != nil && old.directives.mustRevalidate { // RFC 9111 section 5.2.2.2
			err = errSilent
		}
		x.answerError(err, why)
		return
	}
	from := source{why: why, status: s.StatusCode}
	if old != nil && s.StatusCode == http.StatusNotModified {
		var o *object
		o, from.stored = c.refresh(x.r, old, s, f)
		s.close()
		x.note(Revalidated)
		x.respond(o, from)
		return
	}
	x.note(Miss)
	o := c.keep(x.r, s, f)
	if o == nil {
		if old != nil && s.StatusCode < 500 {
			c.mu.Lock()
			c.store.drop(x.r.uri, old)
			c.mu.Unlock()
		}
		c.end(f)
		x.forward(s, from)
		return
	}
	filled = true
	if o.body.length >= 0 {
		f.land(o)
	}
	c.time.Go(with(x.key, fillKeys), func() { c.fill(x.r, o, s, f) })
	from.stored = true
	defer func() {
		if rest := o.body.abandon(); rest != nil {
			rest.close()
		}
	}()
	x.respond(o, from)
}

// ask asks upstream, with conditions if there is something to revalidate. It
// returns what was revalidated, or nil: a 304 that is about something else
// (RFC 9111 section 4.3.4) is followed by a request without conditions.
func (x *exchange) ask(ctx context.Context, old *object, key vtime.Key, trace *httptrace.ClientTrace) (*stream, *object, error) {
	c, r := x.c, x.r
	for {
		h := maps.Clone(r.header)
		for _, name := range conditions {
			delete(h, name)
		}
		if old != nil && old.etag != "" {
			h.Set("If-None-Match", old.etag)
		}
		if old != nil && old.modified != "" {
			h.Set("If-Modified-Since", old.modified)
		}
		out := c.outgoing(r, h, nil)
		out.Method = http.MethodGet
		s, err := c.send(ctx, out, key, trace)
		if err != nil {
			return nil, old, err
		}
		c.time.Yield(key)
		if s.StatusCode != http.StatusNotModified {
			return s, old, nil
		}
		if old != nil && old.selectedBy(s.Header) {
			return s, old, nil
		}
		s.close()
		if old == nil { // it was not asked for
			count(c, &c.stats.UpstreamErrors, 1)
			count(c, &c.stats.Malformed, 1)
			return nil, nil, errTruncated
		}
		old = nil
	}
}

// renew revalidates a response in the background (RFC 5861 section 3).
func (x *exchange) renew(old *object) {
	c := x.c
	c.mu.Lock()
	f := c.takeOff(x)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		old.revalidating = false
		c.mu.Unlock()
	}()
	s, still, err := x.ask(c.ctx, old, with(x.key, renewKeys|1<<36), nil)
	if err != nil {
		c.end(f)
		return
	}
	if still != nil && s.StatusCode == http.StatusNotModified {
		c.refresh(x.r, old, s, f)
		s.close()
		c.end(f)
		return
	}
	o := c.keep(x.r, s, f)
	if o == nil {
		if s.StatusCode < 500 {
			c.mu.Lock()
			c.store.drop(x.r.uri, old)
			c.mu.Unlock()
		}
		s.close()
		c.end(f)
		return
	}
	o.body.abandon()
	c.fill(x.r, o, s, f)
}

// read takes from an object's header what is often needed of it.
func (o *object) read(c *Cache, r *request, sent, arrived time.Duration) {
	o.directives = parseDirectives(o.header["Cache-Control"])
	o.timing = c.timing(o.status, o.header, o.directives, r.header.Get("Cookie") != "", sent, arrived)
	o.vary = varying(o.header, r.header)
	o.etag, o.modified = o.header.Get("Etag"), o.header.Get("Last-Modified")
	o.cost = costOf(r.uri, o.header, max(o.body.length, 0))
}

// keep returns an object for a response if it may be stored and there is room,
// or nil.
func (c *Cache) keep(r *request, s *stream, f *flight) *object {
	o := &object{status: s.StatusCode, header: s.Header, body: newBody(-1)}
	length := s.ContentLength
	if s.Body == http.NoBody {
		length = 0
	}
	o.announced = slices.Sorted(maps.Keys(s.Trailer))
	if length >= 0 {
		o.body.length = length
	}
	o.read(c, r, s.sent, s.arrived)
	ok, _ := storable(r, s.Response, o.directives, o.timing)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !ok || length > c.cfg.MaxObject || c.filling+max(length, 0) > c.cfg.Memory {
		c.stats.Uncacheable++
		return nil
	}
	if length > 0 {
		c.filling += length
		o.body.data = make([]byte, 0, length)
	}
	return o
}

// fill reads a response's body and stores it once it is complete.
func (c *Cache) fill(r *request, o *object, s *stream, f *flight) {
	defer c.end(f)
	reserved := max(o.body.length, 0)
	defer func() { count(c, &c.filling, -reserved) }()
	s.key = with(s.key, fillKeys)
	buffer := c.buffers.Get()
	defer c.buffers.Put(buffer)
	size := int64(0)
	var last []byte
	for {
		n, err := s.Read(buffer)
		size += int64(n)
		if size == o.body.length && (err == nil || err == io.EOF) {
			last = buffer[:n] // only once it is stored: who has read it may ask again
			break
		}
		if n > 0 {
			o.body.add(buffer[:n])
		}
		if o.body.length < 0 {
			count(c, &c.filling, int64(n))
			reserved += int64(n)
			c.mu.Lock()
			full := size > c.cfg.MaxObject || c.filling > c.cfg.Memory
			c.mu.Unlock()
			if full && err == nil {
				count(c, &c.stats.Uncacheable, 1)
				if !o.body.handOver(s) {
					s.close()
				}
				return
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			c.failed(c.ctx, err)
			c.end(f) // before who has read it is told: they may ask again
			o.body.end(nil, errTruncated)
			s.close()
			return
		}
	}
	trailer := s.Trailer
	s.close()
	o.cost = costOf(r.uri, o.header, size)
	c.mu.Lock()
	if !f.doomed {
		c.store.put(r.uri, o, r.header)
		c.stats.Stored++
	}
	c.mu.Unlock()
	if len(last) > 0 {
		o.body.add(last)
	}
	o.body.end(trailer, nil)
	f.land(o)
}

// interim passes 1xx responses on to a client (RFC 9110 section 15.2).
type interim struct {
	mu    sync.Mutex
	x     *exchange
	ended bool
}

func (x *exchange) interim() *interim { return &interim{x: x} }

func (i *interim) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.ended || code == http.StatusContinue {
			return nil
		}
		h := i.x.w.ResponseWriter.Header()
		maps.Copy(h, http.Header(header))
		i.x.w.ResponseWriter.WriteHeader(code)
		clear(h)
		return nil
	}}
}

// over says that the final response is there.
func (i *interim) over() {
	i.mu.Lock()
	i.ended = true
	i.mu.Unlock()
}
