package cache

import (
	"net/http"
	"slices"
	"strings"
)

// field is a request's header field that a response was chosen by.
type field struct {
	name, value string
	raw         string // the line as it was, if there was one
}

// varyAll reports whether a response fits no other request.
func varyAll(h http.Header) bool {
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(name) == "*" {
				return true
			}
		}
	}
	return false
}

// varying returns what a response was chosen by: the fields that its Vary
// names, with the values of the request (RFC 9111 section 4.1).
func varying(response, request http.Header) []field {
	var fields []field
	for _, line := range response["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			if name != "" && !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
				f := field{name: name, value: normal(name, request[name])}
				if lines := request[name]; len(lines) == 1 {
					f.raw = lines[0]
				}
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// fits reports whether a request has these values.
func fits(fields []field, request http.Header) bool {
	for _, f := range fields {
		lines := request[f.name]
		if len(lines) == 1 && lines[0] == f.raw && f.raw != "" || lines == nil && f.value == absent {
			continue // as it nearly always is
		}
		if normal(f.name, lines) != f.value {
			return false
		}
	}
	return true
}

// absent stands for a field that is not there, which differs from an empty one.
const absent = "\x00"

// normal brings a field's lines into one form: as one list, without white
// space around its members. Where order and case mean nothing, they go too.
func normal(name string, lines []string) string {
	if lines == nil {
		return absent
	}
	var list []string
	for _, line := range lines {
		if strings.Contains(line, `"`) {
			list = append(list, strings.TrimSpace(line)) // commas may be quoted
			continue
		}
		for member := range strings.SplitSeq(line, ",") {
			if member = strings.TrimSpace(member); member != "" {
				list = append(list, member)
			}
		}
	}
	if name == "Accept-Encoding" && !slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, ";") }) {
		for i := range list {
			list[i] = strings.ToLower(list[i])
		}
		slices.Sort(list)
	}
	return strings.Join(list, ", ")
}
