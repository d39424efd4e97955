package cache_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"protosim/model/cache"
)

// row is one requirement: what the origin answers, what is asked in turn, and
// what comes of it.
type row struct {
	section string
	name    string
	answers []answer // by the origin, in turn; the last one again and again
	asks    []ask
}

// answer is an origin's. A header value may be "@-10s": a date ten seconds ago.
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
	want    string // "origin": it got there; "hit": it did not; "304+": upstream said 304; "renew": it will, in the background; "any": does not matter
	status  int    // default 200
	body    string // where it matters
	has     string // headers of the response; "-Name" for one that is not there
}

const (
	modified = "Mon, 01 Jan 1990 00:00:00 GMT"
	second   = time.Second
)

func hit(h string) ask    { return ask{headers: h, want: "hit"} }
func origin(h string) ask { return ask{headers: h, want: "origin"} }

// twice asks twice, and says whether the second gets to the origin.
func twice(headers, want string) ([]answer, []ask) {
	return []answer{{headers: headers}}, []ask{origin(""), {want: want}}
}

func simple(section, name, headers, want string) row {
	a, q := twice(headers, want)
	return row{section, name, a, q}
}

// after is simple with a pause in between.
func after(section, name, headers string, pause time.Duration, want string) row {
	r := simple(section, name, headers, want)
	r.asks[1].after = pause
	return r
}

func asking(section, name, answer1, first, second, want string) row {
	return row{section, name, []answer{{headers: answer1}}, []ask{origin(first), {headers: second, want: want}}}
}

var rows = []row{
	simple("3", "max-age is stored", "Cache-Control: max-age=60", "hit"),
	simple("3", "Expires is stored", "Expires: @60s", "hit"),
	simple("3", "nothing explicit and no validator is not stored", "", "origin"),
	simple("3", "public without lifetime and validator is of no use", "Cache-Control: public", "origin"),
	simple("5.2.2.5", "no-store", "Cache-Control: no-store, max-age=60", "origin"),
	simple("5.2.2.5", "no-store in any case", "Cache-Control: max-age=60, NO-STORE", "origin"),
	simple("5.2.2.5", "no-store on a line of its own", "Cache-Control: max-age=60\nCache-Control: no-store", "origin"),
	simple("5.2.2.7", "private", "Cache-Control: private, max-age=60", "origin"),
	simple("5.2.2.7", "private with fields counts as without", "Cache-Control: private=\"x-a, x-b\", max-age=60", "origin"),
	simple("5.2.2.4", "no-cache without validator", "Cache-Control: no-cache, max-age=60", "origin"),
	simple("5.2", "a directive's name inside a quoted string is none", "Cache-Control: max-age=60, ext=\"no-store, private\"", "hit"),
	simple("5.2", "unknown directives are ignored", "Cache-Control: foo, bar=baz, max-age=60", "hit"),
	simple("5.2", "a quoted number", "Cache-Control: max-age=\"60\"", "hit"),
	simple("4.2.1", "s-maxage before max-age", "Cache-Control: s-maxage=60, max-age=0", "hit"),
	simple("4.2.1", "s-maxage=0 before max-age", "Cache-Control: s-maxage=0, max-age=60", "origin"),
	simple("4.2.1", "max-age before Expires", "Cache-Control: max-age=60\nExpires: @-60s", "hit"),
	simple("4.2.1", "max-age=0 before Expires", "Cache-Control: max-age=0\nExpires: @60s", "origin"),
	simple("4.2.1", "nonsense for max-age is stale", "Cache-Control: max-age=abc", "origin"),
	simple("4.2.1", "a negative max-age is stale", "Cache-Control: max-age=-5", "origin"),
	simple("4.2.1", "a fraction is stale", "Cache-Control: max-age=60.5", "origin"),
	simple("1.2.2", "a very large number is as much as there is", "Cache-Control: max-age=99999999999999999999", "hit"),
	simple("5.3", "Expires: 0 is in the past", "Expires: 0", "origin"),
	simple("5.3", "Expires in the past", "Expires: @-10s", "origin"),
	after("4.2", "fresh up to the end", "Cache-Control: max-age=60", 58*second, "hit"),
	after("4.2", "stale behind it", "Cache-Control: max-age=60", 61*second, "origin"),
	after("4.2.3", "an Age on arrival counts", "Cache-Control: max-age=60\nAge: 50", 11*second, "origin"),
	after("4.2.3", "an Age on arrival counts no more than it says", "Cache-Control: max-age=60\nAge: 40", 11*second, "hit"),
	simple("4.2.3", "an Age beyond the lifetime", "Cache-Control: max-age=60\nAge: 61", "origin"),
	simple("4.2.3", "a Date in the past counts as age", "Cache-Control: max-age=60\nDate: @-70s", "origin"),
	simple("4.2.3", "a Date in the future does not", "Cache-Control: max-age=60\nDate: @70s", "hit"),
	simple("5.1", "nonsense for Age is ignored", "Cache-Control: max-age=60\nAge: -1x", "hit"),
	simple("4.2.2", "a tenth of the time since Last-Modified", "Last-Modified: @-1000s", "hit"),
	after("4.2.2", "and no more", "Last-Modified: @-1000s", 102*second, "origin"),
	{"4.2.2", "heuristics only for statuses that allow it", []answer{{status: 302, headers: "Last-Modified: @-1000s"}}, []ask{{want: "origin", status: 302}, {want: "origin", status: 302}}},
	{"4.2.2", "heuristics for 404", []answer{{status: 404, headers: "Last-Modified: @-1000s"}}, []ask{{want: "origin", status: 404}, {want: "hit", status: 404}}},
	{"3", "302 with an explicit lifetime", []answer{{status: 302, headers: "Cache-Control: max-age=60\nLocation: /x"}}, []ask{{want: "origin", status: 302}, {want: "hit", status: 302, has: "Location: /x"}}},
	{"3", "500 with an explicit lifetime", []answer{{status: 500, headers: "Cache-Control: max-age=60"}}, []ask{{want: "origin", status: 500}, {want: "hit", status: 500}}},
	{"3", "204 is stored", []answer{{status: 204, headers: "Cache-Control: max-age=60"}}, []ask{{want: "origin", status: 204}, {want: "hit", status: 204}}},
	{"5.2.2.3", "must-understand lifts no-store where the status is known", []answer{{headers: "Cache-Control: must-understand, no-store, max-age=60"}}, []ask{origin(""), hit("")}},
	{"5.2.2.3", "must-understand forbids where it is not", []answer{{status: 299, headers: "Cache-Control: must-understand, max-age=60"}}, []ask{{want: "origin", status: 299}, {want: "origin", status: 299}}},
	asking("3.5", "Authorization is not shared", "Cache-Control: max-age=60", "Authorization: Basic a", "Authorization: Basic a", "origin"),
	asking("3.5", "nor with those without", "Cache-Control: max-age=60", "Authorization: Basic a", "", "origin"),
	asking("3.5", "public allows it", "Cache-Control: public, max-age=60", "Authorization: Basic a", "", "hit"),
	asking("3.5", "s-maxage allows it", "Cache-Control: s-maxage=60", "Authorization: Basic a", "", "hit"),
	asking("3.5", "must-revalidate allows it", "Cache-Control: max-age=60, must-revalidate", "Authorization: Basic a", "", "hit"),
	simple("7.3", "Set-Cookie is not stored", "Cache-Control: max-age=60, public\nSet-Cookie: a=b", "origin"),
	asking("4.2.2", "no heuristics for requests with a cookie", "Last-Modified: @-1000s", "Cookie: a=b", "Cookie: a=c", "origin"),

	asking("4.1", "Vary: another value", "Cache-Control: max-age=60\nVary: X-A", "X-A: 1", "X-A: 2", "origin"),
	asking("4.1", "Vary: the same value", "Cache-Control: max-age=60\nVary: X-A", "X-A: 1", "X-A: 1", "hit"),
	asking("4.1", "Vary: none is not empty", "Cache-Control: max-age=60\nVary: X-A", "", "X-A: 1", "origin"),
	asking("4.1", "Vary: none in both", "Cache-Control: max-age=60\nVary: X-A", "", "", "hit"),
	asking("4.1", "Vary: white space in a list means nothing", "Cache-Control: max-age=60\nVary: X-A", "X-A: 1,2", "X-A: 1 ,  2", "hit"),
	asking("4.1", "Vary: nor do lines", "Cache-Control: max-age=60\nVary: X-A", "X-A: 1, 2", "X-A: 1\nX-A: 2", "hit"),
	asking("4.1", "Vary: order does", "Cache-Control: max-age=60\nVary: X-A", "X-A: 1, 2", "X-A: 2, 1", "origin"),
	asking("4.1", "Vary: not that of Accept-Encoding", "Cache-Control: max-age=60\nVary: accept-encoding", "Accept-Encoding: gzip, br", "Accept-Encoding: BR,gzip", "hit"),
	asking("4.1", "Vary: two fields", "Cache-Control: max-age=60\nVary: X-A, X-B", "X-A: 1\nX-B: 1", "X-A: 1\nX-B: 2", "origin"),
	asking("4.1", "Vary: two lines", "Cache-Control: max-age=60\nVary: X-A\nVary: X-B", "X-A: 1\nX-B: 1", "X-A: 1\nX-B: 2", "origin"),
	asking("4.1", "Vary: *", "Cache-Control: max-age=60\nVary: *", "", "", "origin"),
	asking("4.1", "Vary: * in a list", "Cache-Control: max-age=60\nVary: X-A, *", "", "", "origin"),
	asking("4.1", "Vary: Cookie keeps users apart", "Cache-Control: max-age=60\nVary: Cookie", "Cookie: user=1", "Cookie: user=2", "origin"),
	{"4.1", "variants live side by side", []answer{{headers: "Cache-Control: max-age=60\nVary: X-A"}}, []ask{
		{headers: "X-A: 1", want: "origin", body: "1"}, {headers: "X-A: 2", want: "origin", body: "2"},
		{headers: "X-A: 1", want: "hit", body: "1"}, {headers: "X-A: 2", want: "hit", body: "2"}}},

	asking("5.2.1.4", "a request's no-cache", "Cache-Control: max-age=60", "", "Cache-Control: no-cache", "origin"),
	asking("5.4", "a request's Pragma: no-cache", "Cache-Control: max-age=60", "", "Pragma: no-cache", "origin"),
	asking("5.4", "not if there is Cache-Control", "Cache-Control: max-age=60", "", "Pragma: no-cache\nCache-Control: max-age=60", "hit"),
	asking("5.2.1.5", "a request's no-store", "Cache-Control: max-age=60", "Cache-Control: no-store", "", "origin"),
	asking("5.2.1.1", "a request's max-age=0", "Cache-Control: max-age=60", "", "Cache-Control: max-age=0", "origin"),
	{"5.2.1.1", "a request's max-age", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {after: 10 * second, headers: "Cache-Control: max-age=5", want: "origin"}}},
	{"5.2.1.3", "min-fresh", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {headers: "Cache-Control: min-fresh=50", want: "hit"}, {headers: "Cache-Control: min-fresh=70", want: "origin"}}},
	{"5.2.1.2", "max-stale", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {after: 70 * second, headers: "Cache-Control: max-stale=20", want: "hit"}, {headers: "Cache-Control: max-stale", want: "hit"}, {headers: "Cache-Control: max-stale=5", want: "origin"}}},
	{"5.2.2.2", "must-revalidate before max-stale", []answer{{headers: "Cache-Control: max-age=60, must-revalidate"}}, []ask{origin(""), {after: 70 * second, headers: "Cache-Control: max-stale=20", want: "origin"}}},
	{"5.2.2.8", "proxy-revalidate before max-stale", []answer{{headers: "Cache-Control: max-age=60, proxy-revalidate"}}, []ask{origin(""), {after: 70 * second, headers: "Cache-Control: max-stale=20", want: "origin"}}},
	{"5.2.2.10", "s-maxage before max-stale", []answer{{headers: "Cache-Control: s-maxage=60"}}, []ask{origin(""), {after: 70 * second, headers: "Cache-Control: max-stale=20", want: "origin"}}},
	{"5.2.1.7", "only-if-cached without", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{{headers: "Cache-Control: only-if-cached", want: "hit", status: 504}}},
	{"5.2.1.7", "only-if-cached with", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), hit("Cache-Control: only-if-cached")}},

	{"4.3.1", "revalidation by ETag", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\"", body: "x"}, {status: 304, headers: "ETag: \"a\"\nCache-Control: max-age=60\nX-New: 1"}},
		[]ask{origin(""), {after: 61 * second, want: "304+", body: "x", has: "X-New: 1"}, {want: "hit", body: "x", has: "X-New: 1"}}},
	{"4.3.1", "revalidation by Last-Modified", []answer{{headers: "Cache-Control: max-age=60\nLast-Modified: " + modified, body: "x"}, {status: 304}},
		[]ask{origin(""), {after: 61 * second, want: "304+", body: "x"}, {want: "hit", body: "x"}}},
	{"4.3.3", "a new response in place of a 304", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\"", body: "x"}, {headers: "Cache-Control: max-age=60\nETag: \"b\"", body: "y"}},
		[]ask{origin(""), {after: 61 * second, want: "origin", body: "y"}, {want: "hit", body: "y"}}},
	{"5.2.2.4", "no-cache with a validator is stored and revalidated", []answer{{headers: "Cache-Control: no-cache\nETag: \"a\"", body: "x"}, {status: 304}},
		[]ask{origin(""), {want: "304+", body: "x"}, {want: "304+", body: "x"}}},
	{"4.3.4", "a 304 with another tag is about something else", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\"", body: "x"}, {status: 304, headers: "ETag: \"b\""}, {headers: "Cache-Control: max-age=60\nETag: \"b\"", body: "y"}},
		[]ask{origin(""), {after: 61 * second, want: "origin", body: "y"}}},
	{"3.2", "a 304 does not change the length", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\"", body: "xyz"}, {status: 304, headers: "Cache-Control: max-age=60\nContent-Type: text/evil"}},
		[]ask{origin(""), {after: 61 * second, want: "304+", body: "xyz", has: "Content-Length: 3"}, {want: "hit", body: "xyz"}}},
	{"4.3.2", "If-None-Match is answered from what is stored", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\""}},
		[]ask{origin(""), {headers: "If-None-Match: \"a\"", want: "hit", status: 304, has: "Etag: \"a\""}, {headers: "If-None-Match: \"b\"", want: "hit"}, {headers: "If-None-Match: \"b\", W/\"a\"", want: "hit", status: 304}, {headers: "If-None-Match: *", want: "hit", status: 304}, {headers: "If-None-Match: \"b,a\"", want: "hit"}}},
	{"4.3.2", "If-Modified-Since is answered from what is stored", []answer{{headers: "Cache-Control: max-age=60\nLast-Modified: " + modified}},
		[]ask{origin(""), {headers: "If-Modified-Since: " + modified, want: "hit", status: 304}, {headers: "If-Modified-Since: Mon, 01 Jan 1980 00:00:00 GMT", want: "hit"}, {headers: "If-Modified-Since: nonsense", want: "hit"}}},
	{"13.1.3 of 9110", "If-None-Match before If-Modified-Since", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\"\nLast-Modified: " + modified}},
		[]ask{origin(""), {headers: "If-None-Match: \"b\"\nIf-Modified-Since: " + modified, want: "hit"}}},
	{"4.3.2", "a condition on a miss fetches the whole, and is answered", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\""}},
		[]ask{{headers: "If-None-Match: \"a\"", want: "origin", status: 304}, hit("")}},
	{"4.3.2", "If-Match is for the origin", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\""}},
		[]ask{origin(""), origin("If-Match: \"a\"")}},
	{"4.3.5", "HEAD from a stored GET", []answer{{headers: "Cache-Control: max-age=60", body: "four"}}, []ask{origin(""), {method: "HEAD", want: "hit", has: "Content-Length: 4"}}},
	{"4", "HEAD stores nothing that a GET is answered with", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{{method: "HEAD", want: "origin"}, origin("")}},
	{"4.3.5", "HEAD with another validator makes what is stored stale", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\""}, {headers: "Cache-Control: max-age=60\nETag: \"b\""}},
		[]ask{origin(""), {method: "HEAD", headers: "Cache-Control: no-cache", want: "origin"}, origin("Cache-Control: no-cache")}},

	{"4", "POST is not answered from what is stored", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {method: "POST", want: "origin"}}},
	{"4.4", "POST invalidates", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), hit(""), {method: "POST", want: "origin"}, origin("")}},
	{"4.4", "PUT invalidates", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {method: "PUT", want: "origin"}, origin("")}},
	{"4.4", "DELETE invalidates", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {method: "DELETE", want: "origin"}, origin("")}},
	{"4.4", "an unknown method invalidates", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {method: "FROB", want: "origin"}, origin("")}},
	{"4.4", "OPTIONS does not", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{origin(""), {method: "OPTIONS", want: "origin"}, hit("")}},
	{"4.4", "an error does not", []answer{{headers: "Cache-Control: max-age=60"}, {status: 500}}, []ask{origin(""), {method: "POST", want: "origin", status: 500}, hit("")}},
	{"4.4", "Location of the same origin is invalidated", []answer{{headers: "Cache-Control: max-age=60"}, {status: 201, headers: "Location: /a"}},
		[]ask{{path: "/a", want: "origin"}, {method: "POST", path: "/b", want: "origin", status: 201}, {path: "/a", want: "origin", status: 201}}},
	{"4.4", "Content-Location too", []answer{{headers: "Cache-Control: max-age=60"}, {headers: "Content-Location: a"}},
		[]ask{{path: "/a", want: "origin"}, {method: "POST", path: "/b", want: "origin"}, {path: "/a", want: "origin"}}},
	{"4.4", "another origin's is not", []answer{{headers: "Cache-Control: max-age=60"}, {status: 201, headers: "Location: http://elsewhere/a"}},
		[]ask{{path: "/a", want: "origin"}, {method: "POST", path: "/b", want: "origin", status: 201}, {path: "/a", want: "hit"}}},

	{"5.1", "Age is sent", []answer{{headers: "Cache-Control: max-age=60\nAge: 7"}}, []ask{origin(""), {after: 10 * second, want: "hit", has: "Age: 17"}}},
	{"2 of 9211", "Cache-Status of a hit", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{{want: "origin", has: "Cache-Status: protosim; fwd=uri-miss; fwd-status=200; stored"}, {after: 9500 * ms, want: "hit", has: "Cache-Status: protosim; hit; ttl=50"}}},
	{"2.2 of 9211", "Cache-Status of a method", []answer{{}}, []ask{{method: "POST", want: "origin", has: "Cache-Status: protosim; fwd=method; fwd-status=200"}}},
	{"2.2 of 9211", "Cache-Status of a Vary miss", []answer{{headers: "Cache-Control: max-age=60\nVary: A"}}, []ask{origin(""), {headers: "A: 1", want: "origin", has: "Cache-Status: protosim; fwd=vary-miss; fwd-status=200; stored"}}},

	{"3 of 5861", "stale-while-revalidate", []answer{{headers: "Cache-Control: max-age=60, stale-while-revalidate=30", body: "x"}, {headers: "Cache-Control: max-age=60", body: "y"}},
		[]ask{origin(""), {after: 70 * second, want: "renew", body: "x"}, {after: second, want: "hit", body: "y"}}},
	after("3 of 5861", "stale-while-revalidate is over", "Cache-Control: max-age=60, stale-while-revalidate=30", 91*second, "origin"),
	after("3 of 5861", "not against must-revalidate", "Cache-Control: max-age=60, stale-while-revalidate=30, must-revalidate", 70*second, "origin"),
	{"4 of 5861", "stale-if-error", []answer{{headers: "Cache-Control: max-age=60, stale-if-error=30", body: "x"}, {status: 503}}, []ask{origin(""), {after: 70 * second, want: "any", body: "x"}, {after: 30 * second, want: "origin", status: 503}}},
	{"4 of 5861", "not against must-revalidate", []answer{{headers: "Cache-Control: max-age=60, must-revalidate, stale-if-error=30"}, {status: 503}}, []ask{origin(""), {after: 70 * second, want: "origin", status: 503}}},
	{"4 of 5861", "asked for by the client", []answer{{headers: "Cache-Control: max-age=60", body: "x"}, {status: 500}}, []ask{origin(""), {after: 70 * second, headers: "Cache-Control: stale-if-error=30", want: "any", body: "x"}}},

	{"3.3", "a range of what is stored", []answer{{headers: "Cache-Control: max-age=60\nETag: \"a\"", body: "0123456789"}}, []ask{origin(""),
		{headers: "Range: bytes=2-4", want: "hit", status: 206, body: "234", has: "Content-Range: bytes 2-4/10"},
		{headers: "Range: bytes=7-", want: "hit", status: 206, body: "789", has: "Content-Length: 3"},
		{headers: "Range: bytes=-2", want: "hit", status: 206, body: "89"},
		{headers: "Range: bytes=8-99", want: "hit", status: 206, body: "89"},
		{headers: "Range: bytes=10-", want: "hit", status: 416, has: "Content-Range: bytes */10"},
		{headers: "Range: bytes=4-2", want: "hit", body: "0123456789"},
		{headers: "Range: lines=1-2", want: "hit", body: "0123456789"},
		{headers: "Range: bytes=0-1\nIf-Range: \"a\"", want: "hit", status: 206, body: "01"},
		{headers: "Range: bytes=0-1\nIf-Range: \"b\"", want: "hit", body: "0123456789"},
		{headers: "Range: bytes=0-1\nIf-Range: W/\"a\"", want: "hit", body: "0123456789"},
		{headers: "Range: bytes=0-1\nIf-None-Match: \"a\"", want: "hit", status: 304}}},
	{"3.3", "a part is not stored as the whole", []answer{{status: 206, headers: "Cache-Control: max-age=60\nContent-Range: bytes 0-0/9", body: "0"}, {headers: "Cache-Control: max-age=60", body: "012345678"}},
		[]ask{{headers: "Range: bytes=0-0", want: "origin", status: 206}, {want: "origin", body: "012345678"}, {want: "hit", body: "012345678"}}},
	{"7.6.1 of 9110", "what belongs to a connection is not stored", []answer{{headers: "Cache-Control: max-age=60\nConnection: x-a\nX-A: 1\nX-B: 1\nKeep-Alive: timeout=1"}}, []ask{origin(""), {want: "hit", has: "-X-A"}, {want: "hit", has: "-Keep-Alive"}, {want: "hit", has: "X-B: 1"}}},
	{"4", "the query is part of the URI", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{{path: "/?a", want: "origin"}, {path: "/?b", want: "origin"}, {path: "/", want: "origin"}, {path: "/?a", want: "hit"}}},
	{"4", "so is the host", []answer{{headers: "Cache-Control: max-age=60"}}, []ask{{headers: "Host: a", want: "origin"}, {headers: "Host: b", want: "origin"}, {headers: "Host: A", want: "hit"}}},
}

// Each requirement holds in the simulation and on real sockets.
func TestRFC9111(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		for _, r := range rows {
			check(t, g, r)
		}
	})
}

func check(t *testing.T, g ground, r row) {
	label := fmt.Sprintf("section %s, %s", r.section, r.name)
	var got, notModified atomic.Int32
	var s *stage
	s = on(t, g, cache.Config{}, func(w http.ResponseWriter, q *http.Request) {
		n := int(got.Add(1))
		a := r.answers[min(n, len(r.answers))-1]
		for line := range strings.Lines(a.headers) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			if after, ok := strings.CutPrefix(value, "@"); ok {
				d, err := time.ParseDuration(after)
				must(err)
				value = s.date(d)
			}
			w.Header().Add(name, value)
		}
		if w.Header().Get("Date") == "" {
			w.Header().Set("Date", s.date(0))
		}
		body := a.body
		if body == "" {
			body = strconv.Itoa(n)
		}
		if a.status == 304 {
			if q.Header.Get("If-None-Match") == "" && q.Header.Get("If-Modified-Since") == "" {
				t.Errorf("%s: the origin was not asked with conditions", label)
			}
			notModified.Add(1)
			w.WriteHeader(304)
			return
		}
		if a.status != 0 {
			w.WriteHeader(a.status)
		}
		if a.status != 204 {
			io.WriteString(w, body)
		}
	})
	defer s.close()
	c := s.client(false)
	for i, q := range r.asks {
		if q.after > 0 {
			s.sleep(q.after)
		}
		stored := s.cache.Stats().Stored
		before, before304 := got.Load(), notModified.Load()
		var headers []string
		for line := range strings.Lines(q.headers) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			headers = append(headers, name, value)
		}
		method, path, status := q.method, q.path, q.status
		if method == "" {
			method = "GET"
		}
		if path == "" {
			path = "/"
		}
		if status == 0 {
			status = 200
		}
		res := s.do(c, method, path, "", headers...)
		where := "hit"
		if got.Load() > before {
			where = "origin"
		}
		if notModified.Load() > before304 && q.want == "304+" {
			where = "304+"
		}
		switch q.want {
		case "any":
			where = "any"
		case "origin":
			if status == 304 { // it is answered before all is there
				s.until("stored", func() bool { return s.cache.Stats().Stored > stored })
			}
		case "renew":
			where = "renew"
			s.until("renewed", func() bool { return s.cache.Stats().Stored > stored })
		}
		if res.err != nil || where != q.want || res.StatusCode != status || q.body != "" && res.body != q.body {
			t.Errorf("%s, request %d: %s, status %d, body %q, %v; expected %s, %d, %q; %v", label, i+1, where, res.StatusCode, res.body, res.err, q.want, status, q.body, res.Header["Cache-Status"])
		}
		if name, ok := strings.CutPrefix(q.has, "-"); ok {
			if v, there := res.Header[name]; there {
				t.Errorf("%s, request %d: there is %s: %q", label, i+1, name, v)
			}
		} else if name, value, ok := strings.Cut(q.has, ": "); ok && res.Header.Get(name) != value {
			t.Errorf("%s, request %d: %s is %q, expected %q", label, i+1, name, res.Header.Get(name), value)
		}
	}
}
