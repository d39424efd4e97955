package cache

import (
	"net/http"
	"strings"
)

// selectedBy reports whether a 304 is about a response that is stored (RFC 9111
// section 4.3.4): it has the same validator, or none, and one was sent.
func (o *object) selectedBy(h http.Header) bool {
	tag, modified := h.Get("Etag"), h.Get("Last-Modified")
	switch {
	case o.etag == "" && o.modified == "":
		return false // it was not asked for
	case tag != "":
		return sameTag(tag, o.etag)
	case modified != "":
		return modified == o.modified
	}
	return true
}

// refresh updates what is stored by a 304 (RFC 9111 sections 3.2 and 4.3.4) and
// tells those that wait, if others may have what comes of it. If not, it is for
// the one that has asked. Where the 304 says itself that nobody may share the
// response any longer, what is stored goes too; where it is by the request that
// its answer is personal, that stays as it was.
func (c *Cache) refresh(r *request, old *object, s *stream, f *flight) (o *object, shared bool) {
	c.mu.Lock()
	o = old.updated(s.Header)
	c.mu.Unlock()
	o.read(c, r, s.sent, s.arrived)
	gone, mine := unshareable(o.header, o.directives) != "", personal(r, s.Header, o.directives) != ""
	if mine {
		if cookies := s.Header["Set-Cookie"]; len(cookies) > 0 {
			o.header["Set-Cookie"] = cookies
		}
	}
	c.mu.Lock()
	switch {
	case gone:
		c.store.drop(r.uri, old)
	case mine, f.doomed:
	default:
		shared = true
		c.store.replace(r.uri, old, o)
	}
	c.mu.Unlock()
	if shared {
		f.land(o)
	} else {
		f.land(nil)
	}
	return o, shared
}

// updated returns a response with the headers of a 304 in the place of its
// own. The cache's mutex is held.
func (o *object) updated(h http.Header) *object {
	u := *o
	u.revalidating = false
	u.header = o.header.Clone()
	for name, values := range h {
		switch name {
		case "Content-Length", "Content-Encoding", "Content-Type", "Content-Range", "Set-Cookie", "Via", "Cache-Status":
		default:
			u.header[name] = values
		}
	}
	if len(h["Age"]) == 0 {
		delete(u.header, "Age") // it told of the earlier response
	}
	return &u
}

// sameTag compares entity tags weakly (RFC 9110 section 8.8.3.2).
func sameTag(a, b string) bool { return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/") }
