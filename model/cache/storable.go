package cache

import (
	"net/http"
	"slices"
)

// understood are the statuses whose rules for caches are known (RFC 9111
// section 5.2.2.3, must-understand).
var understood = []int{200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501}

// faulty are the statuses that tell of a fault in the request's form, which
// may be in something that the stored response is not known by: one client
// must not be able to have others get them.
var faulty = []int{400, 408, 411, 412, 413, 416, 417, 421, 425, 426, 431}

// storable reports whether a response to a GET may be stored (RFC 9111 section
// 3), and where it may not, why.
func storable(r *request, res *http.Response, d directives, t timing) (bool, string) {
	h := res.Header
	switch {
	case res.StatusCode < 200 || res.StatusCode == http.StatusPartialContent || res.StatusCode == http.StatusNotModified:
		return false, "status"
	case h.Get("Content-Range") != "":
		return false, "partial" // never as if it were complete
	case slices.Contains(faulty, res.StatusCode):
		return false, "status"
	case d.mustUnderstand && !slices.Contains(understood, res.StatusCode):
		return false, "must-understand"
	case res.ContentLength < 0 && len(res.TransferEncoding) == 0 && res.Body != http.NoBody:
		return false, "unbounded" // nobody can tell whether it is complete
	}
	if why := unshareable(h, d); why != "" {
		return false, why
	}
	if why := personal(r, h, d); why != "" {
		return false, why
	}
	switch {
	case !t.explicit && !isHeuristic(res.StatusCode) && !d.public:
		return false, "status"
	case validator(h):
		return true, ""
	case t.lifetime <= 0 || d.noCache:
		return false, "expired" // of no use: it could only be fetched again
	}
	return true, ""
}

// unshareable returns why a response may be stored for nobody by what it says
// itself, or nothing.
func unshareable(h http.Header, d directives) string {
	switch {
	case d.noStore && !d.mustUnderstand:
		return "no-store"
	case d.private:
		return "private"
	case varyAll(h):
		return "vary" // it would fit no request, RFC 9111 section 4.1
	}
	return ""
}

// personal returns why a response is for the one that has asked, although
// responses to others may be for all, or nothing.
func personal(r *request, h http.Header, d directives) string {
	switch {
	case r.directives.noStore:
		return "no-store" // RFC 9111 section 5.2.1.5
	case len(h["Set-Cookie"]) > 0:
		return "set-cookie"
	case r.header.Get("Authorization") != "" && !d.public && !d.mustRevalidate && !d.seenSMaxAge: // RFC 9111 section 3.5
		return "authorization"
	}
	return ""
}

// validator reports whether a stored response can be revalidated.
func validator(h http.Header) bool { return h.Get("Etag") != "" || h.Get("Last-Modified") != "" }
