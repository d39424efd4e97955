package store

import (
	"container/heap"
	"iter"
	"time"
)

// expiring is the part of a thing that an expiryQueue knows it by.
type expiring struct {
	at    time.Duration // when it expires
	place int           // in the queue, -1 if it never expires
}

// never is for things that do not expire yet.
var never = expiring{place: -1}

func (e *expiring) expires() *expiring { return e }

// expiryQueue finds what has expired: things in the order of their times.
type expiryQueue[T interface{ expires() *expiring }] struct{ things expiryHeap[T] }

// set changes when a thing expires; 0 means never.
func (q *expiryQueue[T]) set(t T, at time.Duration) {
	e := t.expires()
	switch {
	case at == 0 && e.place >= 0:
		heap.Remove(&q.things, e.place)
	case at == 0:
	case e.place < 0:
		e.at = at
		heap.Push(&q.things, t)
	default:
		e.at = at
		heap.Fix(&q.things, e.place)
	}
}

// due takes out what expires at the time now or before, in order.
func (q *expiryQueue[T]) due(now time.Duration) iter.Seq[T] {
	return func(yield func(T) bool) {
		for len(q.things) > 0 && q.things[0].expires().at <= now {
			if !yield(heap.Pop(&q.things).(T)) {
				return
			}
		}
	}
}

// expiryHeap is a heap.Interface.
type expiryHeap[T interface{ expires() *expiring }] []T

func (h expiryHeap[T]) Len() int           { return len(h) }
func (h expiryHeap[T]) Less(i, j int) bool { return h[i].expires().at < h[j].expires().at }
func (h expiryHeap[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].expires().place, h[j].expires().place = i, j
}

func (h *expiryHeap[T]) Push(x any) {
	t := x.(T)
	t.expires().place = len(*h)
	*h = append(*h, t)
}

func (h *expiryHeap[T]) Pop() any {
	old := *h
	t := old[len(old)-1]
	var none T
	old[len(old)-1] = none
	*h = old[:len(old)-1]
	t.expires().place = -1
	return t
}
