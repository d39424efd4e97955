// Package rfc9111 is a conformance suite for shared caches: a table of
// requirements, each with the section that it is of. It asks over connections
// as clients do, so that it does not matter what or where the cache is.
package rfc9111

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Cache is a cache that is held against the suite. It is before an Origin, does
// as its clients' Cache-Control says, and calls itself protosim.
type Cache struct {
	Address string
	Client  *http.Client // follows no redirects, and does not compress
	Now     func() time.Time
	Wait    func()              // lets a little time pass
	Sleep   func(time.Duration) // moves the cache's clock; nil if nobody can: rows that need it are left out
}

// row is one requirement: what the origin answers, what is asked in turn, and
// what comes of it.
type row struct {
	section string
	name    string
	answers []answer // by the origin, in turn; the last one again and again
	asks    []ask
}

// answer is an origin's. A header value may be "@-10s": a date ten seconds before the row began,
// or "?Name": that field of the request.
type answer struct {
	status  int // default 200
	headers string
	body    string // default "1", "2", ...
}

// ask is a request and what is expected.
type ask struct {
	after   time.Duration // this pause
	method  string
	path    string // default /
	headers string
	want    string // "origin": it got there; "hit": it did not; "304+": upstream said 304; "renew": it will, in the background; "in vain": it will, and nothing comes of it; "pass": it got there, and nothing of it is stored
	status  int    // default 200
	body    string // where it matters
	has     string // headers of the response; "-Name" for one that is not there, "a|b" for one or the other, as Date has whole seconds
}

// dead is the status of an answer that does not come.
const dead = -1

// Origin is the server behind the cache. Each row of the suite has a host of
// its own on it.
type Origin struct {
	mu   sync.Mutex
	rows map[string]http.HandlerFunc
}

// ServeHTTP answers as the row whose host is asked says.
func (o *Origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if labels := strings.Split(host, "."); len(labels) > 2 {
		host = strings.Join(labels[len(labels)-2:], ".")
	}
	o.mu.Lock()
	h := o.rows[host]
	o.mu.Unlock()
	if h == nil {
		http.Error(w, "there is no row "+host, http.StatusTeapot)
		return
	}
	h(w, r)
}

func (o *Origin) put(host string, h http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rows == nil {
		o.rows = map[string]http.HandlerFunc{}
	}
	o.rows[host] = h
}

// runs counts runs, so that one cache can be held against the suite again.
var runs atomic.Uint32

// Run holds a cache against all rows. It returns how many were left out.
func Run(t testing.TB, c Cache, o *Origin) (leftOut int) {
	run := runs.Add(1)
	for i, r := range rows {
		if c.Sleep == nil && r.pauses() {
			leftOut++
			continue
		}
		check(t, c, o, fmt.Sprintf("row-%d.run-%d", i, run), r)
	}
	return leftOut
}

// Rows is how many requirements there are.
func Rows() int { return len(rows) }

func (r row) pauses() bool {
	for _, q := range r.asks {
		if q.after > 0 {
			return true
		}
	}
	return false
}

// trial is a row that is being checked.
type trial struct {
	t    testing.TB
	c    Cache
	host string
	row  row
	got  atomic.Int32 // requests that got to the origin
	not  atomic.Int32 // of these, answered with 304
	what string
	from time.Time // began
}

func check(t testing.TB, c Cache, o *Origin, host string, r row) {
	x := &trial{t: t, c: c, host: host, row: r, from: c.Now(), what: fmt.Sprintf("section %s, %s", r.section, r.name)}
	o.put(host, x.answer)
	for i, q := range r.asks {
		if q.after > 0 {
			c.Sleep(q.after)
		}
		x.ask(i+1, q)
	}
}

// answer is the origin's side.
func (x *trial) answer(w http.ResponseWriter, q *http.Request) {
	n := int(x.got.Add(1))
	a := x.row.answers[min(n, len(x.row.answers))-1]
	h := w.Header()
	for name, value := range x.fields(a.headers) {
		if asked, ok := strings.CutPrefix(value, "?"); ok {
			value = q.Header.Get(asked)
		}
		h.Add(name, value)
	}
	if h.Get("Date") == "" {
		h.Set("Date", date(x.c.Now()))
	}
	switch a.status {
	case dead:
		panic(http.ErrAbortHandler)
	case http.StatusNotModified:
		if q.Header.Get("If-None-Match") == "" && q.Header.Get("If-Modified-Since") == "" {
			x.t.Errorf("%s: the origin was not asked with conditions", x.what)
		}
		x.not.Add(1)
		w.WriteHeader(a.status)
		return
	case 0:
	default:
		w.WriteHeader(a.status)
	}
	body := a.body
	if body == "" {
		body = strconv.Itoa(n)
	}
	if a.status != http.StatusNoContent {
		io.WriteString(w, body)
	}
}

// ask is the client's side.
func (x *trial) ask(number int, q ask) {
	if q.status == 0 {
		q.status = http.StatusOK
	}
	got, not := x.got.Load(), x.not.Load()
	res, body, err := x.do(q)
	if err != nil {
		x.t.Errorf("%s, request %d: %v", x.what, number, err)
		return
	}
	where := "hit"
	switch {
	case q.want == "renew" || q.want == "in vain": // in the background
		where = q.want
		x.until("asked again", func() bool { return x.got.Load() > got })
	case q.want == "304+" && x.not.Load() > not:
		where = q.want
	case x.got.Load() > got:
		where = "origin"
		if q.want == "pass" {
			where = q.want
		}
	}
	if where != q.want || res.StatusCode != q.status || q.body != "" && body != q.body {
		x.t.Errorf("%s, request %d: %s, status %d, body %q; expected %s, %d, %q; %v", x.what, number, where, res.StatusCode, body, q.want, q.status, q.body, res.Header["Cache-Status"])
	}
	if name, ok := strings.CutPrefix(q.has, "-"); ok {
		if v, there := res.Header[name]; there {
			x.t.Errorf("%s, request %d: there is %s: %q", x.what, number, name, v)
		}
	} else if name, value, ok := strings.Cut(q.has, ": "); ok && !slices.Contains(strings.Split(value, "|"), res.Header.Get(name)) {
		x.t.Errorf("%s, request %d: %s is %q, expected %q", x.what, number, name, res.Header.Get(name), value)
	}
	switch {
	case q.want == "renew", q.want == "origin" && q.status == http.StatusNotModified: // answered before all is there
		x.until("stored", func() bool {
			probe := q
			probe.headers = "Cache-Control: only-if-cached, min-fresh=1"
			res, _, err := x.do(probe)
			return err == nil && res.StatusCode == http.StatusOK
		})
	case q.want == "in vain":
		x.c.Wait()
	}
}

// do asks once.
func (x *trial) do(q ask) (*http.Response, string, error) {
	method, path := q.method, q.path
	if method == "" {
		method = http.MethodGet
	}
	if path == "" {
		path = "/"
	}
	r, err := http.NewRequest(method, "http://"+x.c.Address+path, nil)
	if err != nil {
		return nil, "", err
	}
	r.Host = x.host
	for name, value := range x.fields(q.headers) {
		if name == "Host" {
			r.Host = value + "." + x.host
			continue
		}
		r.Header.Add(name, value)
	}
	res, err := x.c.Client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

// fields goes through the lines of a header.
func (x *trial) fields(lines string) func(yield func(name, value string) bool) {
	return func(yield func(string, string) bool) {
		for line := range strings.Lines(lines) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			if after, ok := strings.CutPrefix(value, "@"); ok {
				d, err := time.ParseDuration(after)
				if err != nil {
					panic(err)
				}
				value = date(x.from.Add(d))
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

func date(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

// until waits for something to become true.
func (x *trial) until(what string, f func() bool) {
	for range 400 {
		if f() {
			return
		}
		x.c.Wait()
	}
	x.t.Errorf("%s: in vain: %s", x.what, what)
}
