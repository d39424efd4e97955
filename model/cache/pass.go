package cache

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"

	"protosim/model/vtime"
)

// pass hands a request to upstream and its response back, without the cache
// having a part in it, except that an unsafe method invalidates.
func (x *exchange) pass(why string) {
	c, r := x.c, x.r
	if why == "uri-miss" || why == "vary-miss" || why == "stale" || why == "request" {
		x.note(Miss)
	} else {
		x.note(Bypass)
	}
	var body io.ReadCloser
	if r.ContentLength != 0 {
		body = &requestBody{x: x, below: r.Body}
		defer body.Close()
		if r.ProtoMajor == 1 { // or net/http throws away what follows once a response has begun
			x.control.EnableFullDuplex()
		}
	}
	i := x.interim()
	out := c.outgoing(r, maps.Clone(r.header), body)
	s, err := c.send(r.Context(), out, with(x.key, replyKeys|1<<36), i.trace())
	i.over()
	if err != nil {
		if body != nil && body.(*requestBody).failed() {
			x.fail(http.StatusBadRequest)
			return
		}
		x.answerError(err, why)
		return
	}
	c.time.Yield(x.key)
	switch {
	case r.Method == http.MethodHead:
		c.compare(r, s)
	case !safe(r.Method) && s.StatusCode < 400: // RFC 9111 section 4.4
		c.invalidate(r, s.Header)
	}
	x.forward(s, source{why: why, status: s.StatusCode})
}

// forward passes a response on that is not stored.
func (x *exchange) forward(s *stream, from source) {
	defer s.close()
	h := x.w.Header()
	maps.Copy(h, s.Header)
	announced := slices.Sorted(maps.Keys(s.Trailer))
	for _, name := range announced {
		h.Add("Trailer", name)
	}
	h["Cache-Status"] = append(slices.Clone(h["Cache-Status"]), cacheStatus(x.c.cfg.Name, from, 0))
	x.w.WriteHeader(s.StatusCode)
	if x.r.Method == http.MethodHead {
		return
	}
	x.copy(s, s.ContentLength < 0)
	x.trailers(announced, s.Trailer)
}

// copy copies a body to the client. If it cannot be copied to its end, neither
// does the client's end as if it could.
func (x *exchange) copy(s *stream, flush bool) {
	buffer := x.c.buffers.Get()
	defer x.c.buffers.Put(buffer)
	for {
		n, err := s.Read(buffer)
		if n > 0 {
			x.write(buffer[:n])
			if flush && err == nil {
				x.flush()
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			x.c.failed(x.r.Context(), err)
			panic(http.ErrAbortHandler)
		}
	}
}

// trailers sends what came behind the body.
func (x *exchange) trailers(announced []string, trailer http.Header) {
	h := x.w.Header()
	for _, name := range slices.Sorted(maps.Keys(trailer)) {
		if slices.Contains(announced, name) {
			h[name] = trailer[name]
		} else {
			h[http.TrailerPrefix+name] = trailer[name]
		}
	}
}

// requestBody is a request's body on its way upstream.
type requestBody struct {
	x     *exchange
	below io.ReadCloser

	mu  sync.Mutex
	err error
}

// Read reads what the client has sent.
func (b *requestBody) Read(p []byte) (int, error) {
	b.x.idle.Expect()
	b.x.c.time.Yield(vtime.Key{A: b.x.key.A, B: b.x.key.B | bodyKeys})
	n, err := b.below.Read(p)
	b.x.idle.Met()
	if err != nil && err != io.EOF {
		b.mu.Lock()
		b.err = err
		b.mu.Unlock()
	}
	return n, err
}

// Close ends the body.
func (b *requestBody) Close() error { return nil }

// failed reports whether the client did not send all of it.
func (b *requestBody) failed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err != nil
}

// safe reports whether a method changes nothing (RFC 9110 section 9.2.1).
func safe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// compare updates or drops what is stored by the response to a HEAD (RFC 9111
// section 4.3.5).
func (c *Cache) compare(r *request, s *stream) {
	if s.StatusCode != http.StatusOK {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o, _ := c.store.get(r.uri, r.header)
	if o == nil {
		return
	}
	if s.Header.Get("Etag") != o.etag || s.Header.Get("Last-Modified") != o.modified ||
		s.ContentLength >= 0 && o.body.length >= 0 && s.ContentLength != o.body.length {
		c.store.drop(r.uri, o)
	}
}
