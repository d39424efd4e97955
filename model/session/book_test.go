package session_test

import (
	"maps"
	"testing"

	"protosim/model/session"
)

func TestBook(t *testing.T) {
	b := session.NewBook()
	b.Created("a", "www-1")
	b.Created("b", "www-1")
	b.Created("c", "www-2")
	b.Created("d", "") // its client carries it
	b.Ended("a")
	b.LostAt("www-1", "www-1 crashed")
	b.Lost("b", "somebody noticed later") // the first reason counts
	b.Lost("c", "nobody knows it")
	b.Lost("e", "it never was")
	if created, lost := b.Totals(); created != 4 || lost != 2 {
		t.Errorf("%d created and %d lost, want 4 and 2", created, lost)
	}
	if got, want := b.Reasons(), map[string]int{"nobody knows it": 1, "www-1 crashed": 1}; !maps.Equal(got, want) {
		t.Errorf("reasons %v, want %v", got, want)
	}
	if n := b.At("www-1") + b.At("www-2"); n != 0 {
		t.Errorf("%d sessions are still at servers", n)
	}
	if b.At("") != 1 {
		t.Error("a session that its client carries does not end with a server")
	}
}
