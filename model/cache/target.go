package cache

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// storageKey is what responses are stored by. Neither a host nor a target has a
// NUL, so that no two of them give the same key.
func storageKey(host, target string) string { return host + "\x00" + target }

// splitKey takes a key apart.
func splitKey(key string) (host, target string) {
	host, target, _ = strings.Cut(key, "\x00")
	return host, target
}

// validTarget reports whether a request is for something on a host (RFC 9112
// section 3.2): in origin form, in absolute form, or OPTIONS for all of it. The
// parts of what url.Parse takes for something else could be put together to
// what they were not.
func validTarget(r *http.Request) bool {
	switch {
	case r.RequestURI == "*":
		return r.Method == http.MethodOptions
	case strings.HasPrefix(r.RequestURI, "/"):
		return r.URL.Host == "" && r.URL.Opaque == ""
	}
	return r.ProtoMajor == 1 && (r.URL.Scheme == "http" || r.URL.Scheme == "https") && r.URL.Host != "" && r.URL.Opaque == ""
}

// validHost reports whether a Host field or :authority is a host's name or
// address with or without a port (RFC 9110 section 7.2), and nothing more.
// net/http does not look into that of HTTP/2. Percent encoding and signs that
// the syntax of URIs would allow are not in any name that can be resolved.
func validHost(s string) bool {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		host, port = s[:i], s[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '+' {
			return false
		}
	}
	if address, ok := strings.CutPrefix(host, "["); ok {
		address, closed := strings.CutSuffix(address, "]")
		ip, err := netip.ParseAddr(address)
		return closed && err == nil && ip.Is6() && ip.Zone() == ""
	}
	for i := range len(host) {
		if b := host[i]; !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '.' || b == '_') {
			return false
		}
	}
	return host != ""
}
