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
// names, with the values of the request (RFC 9111 section 4.1), and Origin
// always: see claims.
func varying(response, request http.Header) []field {
	fields := []field{chosenBy("Origin", request)}
	for _, line := range response["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			if name != "" && !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
				fields = append(fields, chosenBy(name, request))
			}
		}
	}
	return fields
}

func chosenBy(name string, request http.Header) field {
	f := field{name: name, value: normal(name, request[name])}
	if lines := request[name]; len(lines) == 1 {
		f.raw = lines[0]
	}
	return f
}

// fits reports whether a request has these values.
func fits(fields []field, request http.Header) bool {
	for i := range fields {
		f := &fields[i]
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

// lists are the fields that are known to be lists of members without quotes, in
// which empty members, white space around them and the division into lines mean
// nothing (RFC 9110 sections 5.6.1 and 12.5).
var lists = [...]string{"Accept-Encoding", "Accept-Language", "Accept-Charset", "Accept"}

// normal brings a field's lines into one form, which only lines of the same
// meaning share (RFC 9111 section 4.1). Of a field that is not known to be a
// list, every byte may mean something: a comma may be part of a cookie.
func normal(name string, lines []string) string {
	if lines == nil {
		return absent
	}
	quoted := slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, `"`) })
	if quoted || !slices.Contains(lists[:], name) {
		return strings.Join(lines, "\n") // no line has one
	}
	var list []string
	for _, line := range lines {
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
