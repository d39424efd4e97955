package store

import (
	"strconv"
	"strings"
)

// reply is what goes back to a client, in RESP2 or, if the client has asked
// for it, RESP3.
type reply struct {
	b     []byte
	resp3 bool
}

func (r *reply) status(s string) { r.line('+', s) }
func (r *reply) integer(n int64) { r.line(':', strconv.FormatInt(n, 10)) }
func (r *reply) array(n int)     { r.line('*', strconv.Itoa(n)) }

// error answers with an error, which is one line whatever of the client's it
// repeats.
func (r *reply) error(s string) { r.line('-', oneLine.Replace(s)) }

var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

// pairs begins a map of n entries, which RESP2 has as an array.
func (r *reply) pairs(n int) {
	if r.resp3 {
		r.line('%', strconv.Itoa(n))
	} else {
		r.array(2 * n)
	}
}

func (r *reply) null() {
	if r.resp3 {
		r.b = append(r.b, "_\r\n"...)
	} else {
		r.b = append(r.b, "$-1\r\n"...)
	}
}

func (r *reply) bulk(s []byte) {
	r.line('$', strconv.Itoa(len(s)))
	r.b = append(append(r.b, s...), "\r\n"...)
}

func (r *reply) text(s string) { r.bulk([]byte(s)) }

func (r *reply) line(kind byte, s string) {
	r.b = append(append(append(r.b, kind), s...), "\r\n"...)
}
