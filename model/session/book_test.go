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

// A session is created once, however often its client has to ask, and each has
// an account.
func TestBookBalances(t *testing.T) {
	b := session.NewBook()
	b.Created("a", "www-1")
	b.Created("a", "www-2") // the first answer was lost
	b.LostAt("www-1", "www-1 crashed")
	if created, lost := b.Totals(); created != 1 || lost != 0 {
		t.Errorf("%d created and %d lost, want the one where it was created last", created, lost)
	}
	b.Created("b", "www-2")
	b.Created("c", "www-2")
	b.Ended("b")
	b.Ended("b")
	b.Lost("c", "nobody knows it")
	if err := b.Check(); err != nil {
		t.Error(err)
	}
	b.Created("d", "www-2")
	b.Lost("d", "")
	if b.Check() == nil {
		t.Error("a session was lost without a reason, and the books balance")
	}
}
