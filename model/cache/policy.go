package cache

import (
	"math"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Policy says what goes first when memory is short.
type Policy string

const (
	LRU Policy = "lru" // what was not used for the longest time
	// TwoQueue is 2Q (Johnson and Shasha 1994), as golang-lru's TwoQueueCache
	// has it, but in bytes: what was asked for once waits in a queue of its
	// own, so that a scan does not drive out what is in demand.
	TwoQueue Policy = "2q"
)

// Policies are all of them.
var Policies = []Policy{LRU, TwoQueue}

// queue is a list in order of use, and the bytes in it. Of golang-lru it is the
// part without locks; its own caches count entries, not bytes.
type queue struct {
	*simplelru.LRU[string, *resource]
	bytes int64
}

func newQueue() *queue {
	l, err := simplelru.NewLRU[string, *resource](math.MaxInt, nil)
	if err != nil {
		panic(err) // the size is positive
	}
	return &queue{LRU: l}
}

// order keeps resources, and knows which goes first.
type order interface {
	get(key string) *resource          // and notes the use
	peek(key string) *resource         // without noting it
	put(r *resource)                   // a new one, or one that was put before
	resized(r *resource, change int64) // of one that is in
	remove(key string)                 // if it is in
	oldest() *resource                 // the one that goes first
	evict(r *resource)                 // removes the oldest for lack of room
	keys() []string
}

// lru is least recently used.
type lru struct{ queue }

func (l *lru) get(key string) *resource  { r, _ := l.Get(key); return r }
func (l *lru) peek(key string) *resource { r, _ := l.Peek(key); return r }

func (l *lru) put(r *resource) {
	if !l.Contains(r.key) {
		l.bytes += r.cost
	}
	l.Add(r.key, r)
}

func (l *lru) resized(_ *resource, change int64) { l.bytes += change }

func (l *lru) remove(key string) {
	if r, ok := l.Peek(key); ok {
		l.bytes -= r.cost
		l.Remove(key)
	}
}

func (l *lru) oldest() *resource { _, r, _ := l.GetOldest(); return r }
func (l *lru) evict(r *resource) { l.remove(r.key) }
func (l *lru) keys() []string    { return l.Keys() }

// twoQueue is 2Q.
type twoQueue struct {
	recent, frequent lru
	ghosts           *simplelru.LRU[string, int64] // names and sizes of what left recent
	ghostBytes       int64
	limit            int64
}

// The shares of memory that golang-lru recommends.
const (
	recentShare = 4 // one in
	ghostShare  = 2
)

func newTwoQueue(limit int64) *twoQueue {
	ghosts, err := simplelru.NewLRU[string, int64](math.MaxInt, nil)
	if err != nil {
		panic(err)
	}
	return &twoQueue{recent: lru{*newQueue()}, frequent: lru{*newQueue()}, ghosts: ghosts, limit: limit}
}

func (q *twoQueue) get(key string) *resource {
	if r := q.frequent.get(key); r != nil {
		return r
	}
	r := q.recent.peek(key)
	if r != nil { // asked for again
		q.recent.remove(key)
		q.frequent.put(r)
	}
	return r
}

func (q *twoQueue) peek(key string) *resource {
	if r := q.frequent.peek(key); r != nil {
		return r
	}
	return q.recent.peek(key)
}

func (q *twoQueue) put(r *resource) {
	switch {
	case q.frequent.Contains(r.key):
		q.frequent.put(r)
	case q.recent.Contains(r.key):
		q.recent.put(r)
	default:
		if size, ok := q.ghosts.Peek(r.key); ok {
			q.ghosts.Remove(r.key)
			q.ghostBytes -= size
			q.frequent.put(r)
			return
		}
		q.recent.put(r)
	}
}

func (q *twoQueue) resized(r *resource, change int64) {
	if q.recent.Contains(r.key) {
		q.recent.bytes += change
	} else {
		q.frequent.bytes += change
	}
}

func (q *twoQueue) remove(key string) {
	q.recent.remove(key)
	q.frequent.remove(key)
}

func (q *twoQueue) oldest() *resource {
	if r := q.recent.oldest(); r != nil && (q.recent.bytes > q.limit/recentShare || q.frequent.Len() == 0) {
		return r
	}
	return q.frequent.oldest()
}

func (q *twoQueue) evict(r *resource) {
	if !q.recent.Contains(r.key) {
		q.frequent.remove(r.key)
		return
	}
	q.recent.remove(r.key)
	q.ghosts.Add(r.key, r.cost)
	q.ghostBytes += r.cost
	for q.ghostBytes > q.limit/ghostShare {
		_, size, _ := q.ghosts.RemoveOldest()
		q.ghostBytes -= size
	}
}

func (q *twoQueue) keys() []string { return append(q.frequent.keys(), q.recent.keys()...) }
