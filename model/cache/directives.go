package cache

import (
	"math"
	"strings"
	"time"
)

// directives are those of a Cache-Control field (RFC 9111 section 5.2, RFC
// 5861) that a shared cache heeds. Times that are not given are negative.
type directives struct {
	noStore, noCache, private, public bool
	mustRevalidate, proxyRevalidate   bool
	mustUnderstand, onlyIfCached      bool

	maxAge, sMaxAge      time.Duration
	maxStale, minFresh   time.Duration
	whileRevalidate      time.Duration
	ifError              time.Duration
	seenAge, seenSMaxAge bool // even if what it says is nonsense
}

const unset = time.Duration(-1)

// maxSeconds stands for all that is larger (RFC 9111 section 1.2.2).
const maxSeconds = 1 << 31

// parseDirectives reads the lines of a Cache-Control field. Of a directive that
// is there twice the first counts (section 4.2.1). no-cache and private
// with a list of fields count as if they had none, which is the safe side.
func parseDirectives(lines []string) directives {
	d := directives{maxAge: unset, sMaxAge: unset, maxStale: unset, minFresh: unset, whileRevalidate: unset, ifError: unset}
	for _, line := range lines {
		for line != "" {
			var name, value string
			name, value, line = nextDirective(line)
			d.set(name, value)
		}
	}
	return d
}

func (d *directives) set(name, value string) {
	is := func(s string) bool { return len(name) == len(s) && strings.EqualFold(name, s) }
	switch {
	case is("max-age"):
		if !d.seenAge {
			d.seenAge, d.maxAge = true, seconds(value, 0) // nonsense counts as stale, section 4.2.1
		}
	case is("s-maxage"):
		if !d.seenSMaxAge {
			d.seenSMaxAge, d.sMaxAge = true, seconds(value, 0)
		}
	case is("no-store"):
		d.noStore = true
	case is("no-cache"):
		d.noCache = true
	case is("private"):
		d.private = true
	case is("public"):
		d.public = true
	case is("must-revalidate"):
		d.mustRevalidate = true
	case is("proxy-revalidate"):
		d.proxyRevalidate = true
	case is("must-understand"):
		d.mustUnderstand = true
	case is("only-if-cached"):
		d.onlyIfCached = true
	case is("max-stale"):
		if d.maxStale = seconds(value, 0); value == "" {
			d.maxStale = math.MaxInt64
		}
	case is("min-fresh"):
		d.minFresh = seconds(value, unset)
	case is("stale-while-revalidate"):
		d.whileRevalidate = seconds(value, unset)
	case is("stale-if-error"):
		d.ifError = seconds(value, unset)
	}
}

// seconds reads a number of seconds.
func seconds(s string, invalid time.Duration) time.Duration {
	if s == "" {
		return invalid
	}
	n := int64(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return invalid
		}
		n = min(n*10+int64(s[i]-'0'), maxSeconds)
	}
	return time.Duration(n) * time.Second
}

// nextDirective cuts the first directive off a line.
func nextDirective(line string) (name, value, rest string) {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t' || line[i] == ',') {
		i++
	}
	start := i
	for i < len(line) && isToken(line[i]) {
		i++
	}
	name = line[start:i]
	if i < len(line) && line[i] == '=' {
		i++
		start = i
		if i < len(line) && line[i] == '"' {
			i++
			start = i
			for i < len(line) && line[i] != '"' {
				if line[i] == '\\' {
					i++
				}
				i++
			}
			i = min(i, len(line))
			value = line[start:i]
		} else {
			for i < len(line) && isToken(line[i]) {
				i++
			}
			value = line[start:i]
		}
	}
	// What is left up to the comma belongs to nothing known: then the directive
	// is not what it looks like.
	end := i
	if end < len(line) && line[end] == '"' {
		end++
	}
	for end < len(line) && (line[end] == ' ' || line[end] == '\t') {
		end++
	}
	if end < len(line) && line[end] != ',' {
		value += "?"
		for end < len(line) && line[end] != ',' {
			end++
		}
	}
	return name, value, line[end:]
}

// isToken reports whether b may be part of a token (RFC 9110 section 5.6.2).
func isToken(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}
