package cache

import (
	"net/http"
	"slices"
	"strings"
)

// Claims are fields in which a proxy tells a server what a request was when it
// came, or in which frameworks let a client say that it means another one. A
// response is not known by them, and servers are known to answer by them: who
// may set them can have others served what they did not ask for. As a cache is
// where clients arrive, none of them can be true: they are removed, and
// X-Forwarded-For, -Host and -Proto say what the cache itself has seen.
//
// What remains gets to the server as it is: Cookie, Accept, User-Agent, and
// every field that an application has made up. A server that answers by one of
// them has to name it in Vary (RFC 9110 section 12.5.5); what it names keeps
// requests apart. Origin is taken for named always: servers that answer it
// with Access-Control-Allow-Origin forget it too often.
var (
	claimPrefixes = []string{"X-Forwarded-", "X-Original-", "X-Rewrite-", "X-Override-"}
	claims        = []string{
		"Forwarded", "X-Forwarded", "Forwarded-For", "X-Host", "X-Http-Host-Override", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip",
		"X-Remote-Ip", "X-Remote-Addr", "X-Originating-Ip", "X-Backend-Host", "X-Proxy-Host", "X-Proxy-Url", "X-Url-Scheme", "X-Scheme", "Client-Ip", "True-Client-Ip",
		"Cf-Connecting-Ip", "Fastly-Client-Ip", "Front-End-Https", "X-Http-Method", "X-Http-Method-Override", "X-Method-Override", "X-Wap-Profile",
	}
)

// removeClaims removes from a client's header what only a proxy can know.
func removeClaims(h http.Header) {
	for name := range h {
		if slices.Contains(claims, name) || slices.ContainsFunc(claimPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			delete(h, name)
		}
	}
}
