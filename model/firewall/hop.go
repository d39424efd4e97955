package firewall

import (
	"net/http"
	"strings"
)

// hopByHop are the headers that belong to a connection and not to what is said
// on it (RFC 9110 section 7.6.1), besides those that Connection names.
var hopByHop = []string{"Connection", "Proxy-Connection", "Keep-Alive", "Te", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Proxy-Authenticate"}

// dropHopByHop takes them out.
func dropHopByHop(h http.Header) {
	for _, value := range h["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name != "" {
				h.Del(name)
			}
		}
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
}

// hasToken reports whether a header's list has the token.
func hasToken(h http.Header, name, token string) bool {
	for _, value := range h[name] {
		for t := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// via tells of the proxy (RFC 9110 section 7.6.3).
func via(h http.Header, minor int) {
	v := "1.1 firewall"
	if minor == 0 {
		v = "1.0 firewall"
	}
	h.Add("Via", v)
}
