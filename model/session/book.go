// Package session is the workload of clients that log in, act now and then,
// and come back when they are thrown off: its application on the servers, its
// clients, and the books that tell which sessions were lost, and why.
package session

import (
	"fmt"
	"maps"
	"sync"

	"protosim/model/trace"
)

// Book keeps account of sessions: where their state is, and which were lost
// while their client still used them. Its methods may be called by any goroutine.
type Book struct {
	// Trace, when set, is told what becomes of sessions, and Host finds the
	// host that a place is, 0 for none.
	Trace trace.Sink
	Host  func(place string) uint32

	mu      sync.Mutex
	open    map[string]string // session to where its state is; "" for with its client
	created int
	ended   int
	lost    map[string]int // by reason
}

// NewBook returns empty books.
func NewBook() *Book {
	return &Book{open: map[string]string{}, lost: map[string]int{}}
}

// Created notes a session whose state is at a place: a server's name, "store",
// or "" if its client carries it. One that is created again, as the client has
// not heard of the first time, is where it was created last.
func (b *Book) Created(id, place string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, again := b.open[id]
	b.open[id] = place
	if again {
		return
	}
	b.created++
	if b.Trace != nil {
		b.Trace(trace.Event{Kind: trace.SessionBegan, Host: b.Host(place), Client: clientOf(id), Text: id})
	}
}

// Ended notes that the client is done with a session.
func (b *Book) Ended(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.open[id]; !ok {
		return
	}
	delete(b.open, id)
	b.ended++
	if b.Trace != nil {
		b.Trace(trace.Event{Kind: trace.SessionEnded, Client: clientOf(id), Text: id})
	}
}

// Check reports whether every session that was created is in use, has ended, or
// was lost for a reason.
func (b *Book) Check() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	lost := 0
	for reason, n := range b.lost {
		if reason == "" {
			return fmt.Errorf("session: %d sessions were lost without a reason", n)
		}
		lost += n
	}
	if b.created != len(b.open)+b.ended+lost {
		return fmt.Errorf("session: %d sessions were created, but %d are in use, %d ended and %d are lost", b.created, len(b.open), b.ended, lost)
	}
	return nil
}

// Lost notes that a session's state is gone, or out of its client's reach. The
// first reason counts.
func (b *Book) Lost(id, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lose(id, reason)
}

func (b *Book) lose(id, reason string) {
	if _, ok := b.open[id]; ok {
		delete(b.open, id)
		b.lost[reason]++
		if b.Trace != nil {
			b.Trace(trace.Event{Kind: trace.SessionLost, Client: clientOf(id), Text: reason})
		}
	}
}

// LostAt notes that everything kept at a place is gone.
func (b *Book) LostAt(place, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, at := range b.open {
		if at == place {
			b.lose(id, reason)
		}
	}
}

// Totals returns how many sessions were created and lost.
func (b *Book) Totals() (created, lost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.lost {
		lost += n
	}
	return b.created, lost
}

// At returns how many sessions in use have their state at the place.
func (b *Book) At(place string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, at := range b.open {
		if at == place {
			n++
		}
	}
	return n
}

// Reasons returns why sessions were lost, and how many for each reason.
func (b *Book) Reasons() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.lost)
}
