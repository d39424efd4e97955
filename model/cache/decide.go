package cache

import (
	"net/http"
	"time"
)

// verdict is what becomes of a request for which something is stored.
type verdict int

const (
	fetch    verdict = iota // nothing of use is stored
	fresh                   // it will do
	stale                   // it will do, although it is stale
	renew                   // it will do, and is revalidated in the background
	validate                // upstream is asked whether it will still do
)

// lookUp finds the response that is stored for a request, and decides whether
// it will do (RFC 9111 section 4). The cache's mutex is held.
func (c *Cache) lookUp(uri string, h http.Header, want *directives, now time.Duration) (o *object, v verdict, others bool) {
	o, others = c.store.get(uri, h)
	if o == nil {
		return nil, fetch, others
	}
	return o, o.judge(want, now), false
}

// judge decides whether a response will do for a request with these directives.
func (o *object) judge(want *directives, now time.Duration) verdict {
	d, age, lifetime := &o.directives, o.timing.age(now), o.timing.lifetime
	switch {
	case want.noCache, d.noCache: // sections 5.2.1.4 and 5.2.2.4
		return validate
	case want.maxAge >= 0 && age > want.maxAge && want.maxStale < 0: // section 5.2.1.1
		return validate
	case lifetime > age && (want.minFresh < 0 || lifetime-age >= want.minFresh): // section 5.2.1.3
		return fresh
	case lifetime > age:
		return validate
	case d.strict(): // section 4.2.4
		return validate
	case want.maxStale >= 0 && age-lifetime <= want.maxStale && !d.seenSMaxAge && want.minFresh < 0: // section 5.2.1.2
		return stale
	case d.whileRevalidate >= 0 && age-lifetime < d.whileRevalidate && want.maxAge < 0 && want.minFresh < 0: // RFC 5861 section 3
		return renew
	}
	return validate
}

// strict reports whether a response must not be used when it is stale (RFC
// 9111 section 4.2.4). s-maxage alone forbids it too, but where the same
// response says stale-while-revalidate or stale-if-error, that is what its
// author wants, and what networks do.
func (d *directives) strict() bool {
	return d.mustRevalidate || d.proxyRevalidate || d.noCache
}

// afterError reports whether a stale response will do because upstream fails
// (RFC 5861 section 4). want are the request's directives: a client cannot have
// what s-maxage forbids, which implies proxy-revalidate (RFC 9111 section
// 5.2.2.10).
func (o *object) afterError(want *directives, now time.Duration) bool {
	if o.directives.strict() || want.noCache {
		return false
	}
	window := o.directives.ifError
	if !o.directives.seenSMaxAge {
		window = max(window, want.ifError)
	}
	return window >= 0 && o.timing.age(now)-o.timing.lifetime < window
}
