package firewall

import "bufio"

// language is what a client's first bytes look like.
type language int

const (
	unknown language = iota
	http1
	tlsRecords
)

// longestMethod is how long the word may be that begins a request.
const longestMethod = 32

// sniff looks at the first bytes without taking them. They may be few: it waits
// for more only as long as they could be the beginning of a request.
func sniff(in *bufio.Reader) (language, error) {
	for n := 1; ; n++ {
		head, err := in.Peek(n)
		if err != nil {
			return unknown, err
		}
		switch c := head[n-1]; {
		case n == 1 && c == 0x16: // a handshake record (RFC 8446 section 5.1)
			return tlsRecords, nil
		case c == ' ' && n > 1:
			if string(head) == "PRI " { // HTTP/2 (RFC 9113 section 3.4)
				return unknown, nil
			}
			return http1, nil
		case !isToken(c) || n > longestMethod:
			return unknown, nil
		}
	}
}

// isToken reports whether c may be in a method (RFC 9110 section 5.6.2).
func isToken(c byte) bool {
	switch {
	case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return true
	}
	for _, t := range []byte("!#$%&'*+-.^_`|~") {
		if c == t {
			return true
		}
	}
	return false
}
