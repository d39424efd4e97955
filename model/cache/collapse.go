package cache

import "slices"

// flight is a response that is being fetched.
type flight struct {
	uri    string
	shared bool          // others may wait for it
	landed chan struct{} // closed when it is known what becomes of it
	object *object       // to be shared; nil where there is nothing to share
	doomed bool          // what comes may be out of date: the cache's mutex guards it
}

// mayShare reports whether a request may wait for another's response, or be
// waited for.
func (x *exchange) mayShare() bool {
	return x.c.cfg.Collapse && x.r.header.Get("Authorization") == "" && !x.r.directives.noCache && !x.r.directives.noStore && x.r.header.Get("Range") == ""
}

// takeOff begins a flight. The mutex is held.
func (c *Cache) takeOff(x *exchange) *flight {
	f := &flight{uri: x.r.uri, shared: x.mayShare(), landed: make(chan struct{})}
	c.flights[f.uri] = append(c.flights[f.uri], f)
	return f
}

// toWaitFor returns the first flight that others may wait for, or nil. The mutex
// is held.
func (c *Cache) toWaitFor(uri string) *flight {
	for _, f := range c.flights[uri] {
		if f.shared {
			return f
		}
	}
	return nil
}

// doom makes what is being fetched for a URI be stored for nobody, and nobody
// wait for it. The mutex is held.
func (c *Cache) doom(uri string) {
	for _, f := range c.flights[uri] {
		f.doomed = true
	}
	delete(c.flights, uri)
}

// land tells those that wait what has come.
func (f *flight) land(o *object) {
	select {
	case <-f.landed:
	default:
		f.object = o
		close(f.landed)
	}
}

// end ends the flight.
func (c *Cache) end(f *flight) {
	f.land(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	under := c.flights[f.uri]
	if i := slices.Index(under, f); i >= 0 {
		if under = slices.Delete(under, i, i+1); len(under) == 0 {
			delete(c.flights, f.uri)
		} else {
			c.flights[f.uri] = under
		}
	}
}

// wait waits for another's response, and answers with it if it may.
func (x *exchange) wait(f *flight) {
	c := x.c
	ctx, cancel := c.time.WithTimeout(x.r.Context(), x.key, c.cfg.CollapseWait)
	select {
	case <-f.landed:
	case <-ctx.Done():
	}
	cancel()
	c.time.Yield(x.key) // one event has woken all of them
	x.waited = true
	var o *object
	select {
	case <-f.landed:
		o = f.object
	default:
	}
	c.mu.Lock()
	usable := o != nil && !f.doomed && fits(o.vary, x.r.header) && o.judge(&x.r.directives, c.time.Now()) == fresh
	if usable {
		x.answers(Collapsed)
	}
	c.mu.Unlock()
	if usable {
		x.respond(o, source{why: "uri-miss", collapsed: true})
		return
	}
	x.answer()
}
