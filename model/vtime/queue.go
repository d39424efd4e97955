package vtime

import "time"

// An Event is something that happens at one moment of virtual time. Fire runs
// on the conductor's goroutine while every other goroutine is blocked, so
// events need no locks among themselves.
type Event interface{ Fire() }

// Func makes a plain function an Event.
type Func func()

// Fire calls f.
func (f Func) Fire() { f() }

// entry is an event in the queue. Entries are ordered by time, and at the same
// time by the order in which they were scheduled.
type entry struct {
	at    time.Duration
	seq   uint64
	event Event
	wakes bool // firing it lets a goroutine run
}

func (e *entry) before(f *entry) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

// queue is a binary heap of entries. It is not container/heap: the interface
// calls and the boxing of entries there take half of a simulation's time.
type queue []entry

func (q *queue) push(e entry) {
	h := append(*q, e)
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
	*q = h
}

func (q *queue) pop() entry {
	h := *q
	top := h[0]
	n := len(h) - 1
	last := h[n]
	h[n] = entry{}
	h = h[:n]
	*q = h
	if n == 0 {
		return top
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= n {
			break
		}
		if child+1 < n && h[child+1].before(&h[child]) {
			child++
		}
		if !h[child].before(&last) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = last
	return top
}
