package cache

// flight is a response that is being fetched.
type flight struct {
	uri    string
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
	f := &flight{uri: x.r.uri, landed: make(chan struct{})}
	if c.flights[f.uri] == nil {
		c.flights[f.uri] = f
	}
	return f
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
	if c.flights[f.uri] == f {
		delete(c.flights, f.uri)
	}
	c.mu.Unlock()
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
