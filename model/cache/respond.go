package cache

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// source says where a response comes from, for Cache-Status.
type source struct {
	hit       bool
	why       string // it was forwarded
	status    int    // of upstream
	stored    bool
	collapsed bool
}

// cacheStatus formats a member of Cache-Status (RFC 9211 section 2).
func cacheStatus(name string, s source, ttl time.Duration) string {
	var b strings.Builder
	b.WriteString(name)
	if s.hit {
		fmt.Fprintf(&b, "; hit; ttl=%d", int64(ttl/time.Second))
		return b.String()
	}
	b.WriteString("; fwd=" + s.why)
	if s.status != 0 {
		fmt.Fprintf(&b, "; fwd-status=%d", s.status)
	}
	if s.stored {
		b.WriteString("; stored")
	}
	if s.collapsed {
		b.WriteString("; collapsed")
	}
	return b.String()
}

// respond answers from an object, of which the body may still be arriving.
func (x *exchange) respond(o *object, from source) {
	h := x.w.Header()
	maps.Copy(h, o.header)
	now := x.c.time.Now()
	age := o.timing.age(now)
	if age >= time.Second || from.hit {
		h["Age"] = []string{strconv.FormatInt(min(int64(age/time.Second), maxSeconds), 10)}
	}
	h["Cache-Status"] = append(slices.Clone(h["Cache-Status"]), cacheStatus(x.c.cfg.Name, from, o.timing.lifetime-age))
	if o.status == http.StatusOK && x.notModified(o) {
		for _, name := range []string{"Content-Length", "Content-Type", "Content-Encoding", "Content-Range"} {
			delete(h, name)
		}
		x.w.WriteHeader(http.StatusNotModified)
		return
	}
	status, start, end := o.status, int64(0), int64(-1)
	if o.status == http.StatusOK && x.r.Method == http.MethodGet && x.rangeApplies(o) {
		if size, ok := o.size(); ok {
			switch first, last, ok := parseRange(x.r.header["Range"], size); {
			case !ok:
			case first > last: // not satisfiable
				x.unsatisfiable(size)
				return
			default:
				status, start, end = http.StatusPartialContent, first, last+1
				h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, size))
				h.Set("Content-Length", strconv.FormatInt(end-start, 10))
			}
		}
	}
	for _, name := range o.announced {
		h.Add("Trailer", name)
	}
	if size, ok := o.size(); ok && len(h["Content-Length"]) == 0 && len(o.announced) == 0 && status != http.StatusNoContent && o.status == status {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodHead {
		return
	}
	x.play(o, start, end)
}

// unsatisfiable answers that there is nothing in the range that was asked for
// (RFC 9110 section 15.5.17). The answer's own text is not the object, so that
// nothing of what the object's header says of it holds.
func (x *exchange) unsatisfiable(size int64) {
	h := x.w.Header()
	for name := range h {
		if strings.HasPrefix(name, "Content-") || strings.HasSuffix(name, "-Digest") || slices.Contains(ofObject, name) {
			delete(h, name)
		}
	}
	h.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
	x.fail(http.StatusRequestedRangeNotSatisfiable)
}

// ofObject are fields that tell of an object and not of an exchange.
var ofObject = []string{"Etag", "Last-Modified", "Expires", "Age", "Digest", "Set-Cookie"}

// size returns the length of an object's body if it is known.
func (o *object) size() (int64, bool) {
	if o.body.length >= 0 {
		return o.body.length, true
	}
	if o.body.complete() && len(o.body.trailer) == 0 {
		return int64(len(o.body.data)), true
	}
	return 0, false
}

// play sends a part of an object's body as it arrives. A negative end is that
// of the body.
func (x *exchange) play(o *object, start, end int64) {
	at := start
	for {
		data, done, more, err := o.body.look()
		limit := int64(len(data))
		if end >= 0 {
			limit = min(limit, end)
		}
		for at < limit {
			part := data[at:min(limit, at+bufferSize)]
			x.write(part)
			at += int64(len(part))
		}
		if end >= 0 && at >= end {
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if done {
			break
		}
		if o.body.length < 0 && len(data) > 0 {
			x.flush() // it may be events, some time apart
		}
		select {
		case <-more:
		case <-x.r.Context().Done():
			panic(http.ErrAbortHandler)
		}
		x.c.time.Yield(x.key)
	}
	o.body.mu.Lock()
	rest, trailer := o.body.rest, o.body.trailer
	o.body.mu.Unlock()
	if rest != nil {
		x.copy(rest, true)
		trailer = rest.Trailer
	}
	x.trailers(o.announced, trailer)
}

// write sends a part of a body to the client.
func (x *exchange) write(p []byte) {
	x.idle.Expect()
	n, err := x.w.Write(p)
	x.idle.Met()
	count(x.c, &x.c.stats.BytesServed, int64(n))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (x *exchange) flush() {
	x.idle.Expect()
	x.w.flush()
	x.idle.Met()
}

// notModified reports whether the client has it already (RFC 9111 section 4.3.2).
func (x *exchange) notModified(o *object) bool {
	h := x.r.header
	if lines := h["If-None-Match"]; len(lines) > 0 { // takes precedence, RFC 9110 section 13.1.3
		for tag := range tags(strings.Join(lines, ", ")) {
			if tag == "*" || o.etag != "" && sameTag(tag, o.etag) {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(h.Get("If-Modified-Since"))
	if err != nil || len(h["If-Modified-Since"]) != 1 {
		return false
	}
	modified, err := http.ParseTime(o.modified)
	if err != nil {
		if modified, err = http.ParseTime(o.header.Get("Date")); err != nil {
			return false
		}
	}
	return !modified.After(since)
}

// tags iterates over a list of entity tags, in which commas may be quoted.
func tags(list string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for list = strings.TrimLeft(list, " \t,"); list != ""; list = strings.TrimLeft(list, " \t,") {
			i := strings.IndexByte(list, '"')
			end := len(list)
			if comma := strings.IndexByte(list, ','); comma >= 0 && (i < 0 || comma < i) {
				end = comma
			} else if i >= 0 {
				if j := strings.IndexByte(list[i+1:], '"'); j >= 0 {
					end = i + 1 + j + 1
				}
			}
			if !yield(strings.TrimSpace(list[:end])) {
				return
			}
			list = list[end:]
		}
	}
}

// rangeApplies reports whether If-Range lets a range be answered (RFC 9110
// section 13.1.5).
func (x *exchange) rangeApplies(o *object) bool {
	h := x.r.header
	if len(h["Range"]) == 0 {
		return false
	}
	cond := h.Get("If-Range")
	switch {
	case cond == "":
		return true
	case strings.HasPrefix(cond, "W/"), strings.HasPrefix(o.etag, "W/") && strings.HasPrefix(cond, `"`):
		return false // the comparison is strong
	case strings.HasPrefix(cond, `"`):
		return cond == o.etag
	}
	return cond == o.modified && o.modifiedIsStrong()
}

// modifiedIsStrong reports whether Last-Modified tells two states of an object
// apart for certain: it may have changed twice within the second that it was
// sent in (RFC 9110 section 8.8.2.2).
func (o *object) modifiedIsStrong() bool {
	modified, err := http.ParseTime(o.modified)
	if err != nil {
		return false
	}
	date, err := http.ParseTime(o.header.Get("Date"))
	return err == nil && !modified.After(date.Add(-time.Second))
}

// parseRange reads a single range of bytes (RFC 9110 section 14.1.2). Several,
// and what is no range, are not ok: the answer is the whole. What cannot be
// satisfied has first beyond last.
func parseRange(lines []string, size int64) (first, last int64, ok bool) {
	if len(lines) != 1 {
		return 0, 0, false
	}
	unit, spec, found := strings.Cut(lines[0], "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return 0, 0, false
	}
	from, to, found := strings.Cut(strings.TrimSpace(spec), "-")
	if !found || strings.Contains(to, ",") {
		return 0, 0, false
	}
	if from == "" {
		n, ok := digits(to)
		if !ok {
			return 0, 0, false
		}
		if n == 0 {
			return 1, 0, true
		}
		return max(size-n, 0), size - 1, true
	}
	first, ok = digits(from)
	if !ok {
		return 0, 0, false
	}
	last = size - 1
	if to != "" {
		n, ok := digits(to)
		if !ok || n < first {
			return 0, 0, false
		}
		last = min(n, last)
	}
	if first >= size {
		return 1, 0, true
	}
	return first, last, true
}

func digits(s string) (int64, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
