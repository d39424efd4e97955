package site

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ServeHTTP sends a file in the smallest form that the client understands.
// Clients keep it, and ask each time whether it is still the same: the next
// protosim serves others under these names.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	f := s.files[name]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Type", f.mediaType())
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	body, coding := f.plain, ""
	accepted := codings(r.Header.Get("Accept-Encoding"))
	switch {
	case f.brotli != nil && accepted["br"]:
		body, coding = f.brotli, "br"
	case f.gzip != nil && accepted["gzip"]:
		body, coding = f.gzip(), "gzip"
	}
	tag := f.tag
	if coding != "" {
		h.Set("Content-Encoding", coding)
		tag += "-" + coding // each form is a representation of its own (RFC 9110 section 8.8.3.3)
	}
	h.Set("ETag", `"`+tag+`"`)
	if coding != "" && r.Header.Get("Range") == "" {
		// net/http leaves the length out where a coding is set.
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

// codings are the content codings that an Accept-Encoding header allows (RFC
// 9110 section 12.5.3). A weight of 0 forbids one.
func codings(header string) map[string]bool {
	accepted := map[string]bool{}
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		_, value, has := strings.Cut(weight, "=")
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		accepted[name] = !has || err == nil && q > 0
	}
	return accepted
}
