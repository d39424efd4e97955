package vtime

import (
	"cmp"
	"slices"
	"sync"
)

// Key orders what goroutines ask for at the same instant. Goroutines run in
// any order and at the same time, so the order in which their requests arrive
// says nothing; a key does, if it is made of stable identities: a client's
// number and its request's number, a host's and its connection's. Two requests
// made in one instant must not have the same key, unless it does not matter
// which of them is served first.
type Key struct{ A, B uint64 }

func (k Key) compare(l Key) int {
	if c := cmp.Compare(k.A, l.A); c != 0 {
		return c
	}
	return cmp.Compare(k.B, l.B)
}

// inbox holds what goroutines have asked of the conductor since it last looked.
type inbox struct {
	mu    sync.Mutex
	posts []post
	spare []post
}

type post struct {
	key   Key
	event Event
}

func (b *inbox) put(p post) {
	b.mu.Lock()
	b.posts = append(b.posts, p)
	b.mu.Unlock()
}

// take empties the inbox, sorted by key. The slice is good until the next take.
func (b *inbox) take() []post {
	b.mu.Lock()
	posts := b.posts
	b.posts, b.spare = b.spare[:0], posts
	b.mu.Unlock()
	if len(posts) > 1 {
		slices.SortStableFunc(posts, func(p, q post) int { return p.key.compare(q.key) })
	}
	return posts
}
