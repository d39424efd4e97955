package retry

import "time"

// Budget allows retries as a share of the requests of the last while (as
// Finagle and Linkerd do): with a ratio of 0.2 an outage raises the load by a
// fifth at most, however long it takes.
type Budget struct {
	Ratio  float64       // retries allowed for each request
	Window time.Duration // for which a request counts
	Floor  int           // retries allowed in a window whatever the requests

	requests, retries tally
}

// tally counts what has happened in a window, in tenths of it.
type tally struct {
	slots [budgetSlots]int
	at    int64 // number of the present slot
}

const budgetSlots = 10

// Requested notes a request, retries aside.
func (b *Budget) Requested(now time.Duration) { b.requests.add(b.slot(now)) }

// Take reports whether a retry is allowed now, and if so counts it.
func (b *Budget) Take(now time.Duration) bool {
	slot := b.slot(now)
	allowed := float64(b.Floor) + b.Ratio*float64(b.requests.sum(slot))
	if float64(b.retries.sum(slot)+1) > allowed {
		return false
	}
	b.retries.add(slot)
	return true
}

func (b *Budget) slot(now time.Duration) int64 {
	return int64(now / max(b.Window/budgetSlots, 1))
}

func (t *tally) add(slot int64) {
	t.move(slot)
	t.slots[slot%budgetSlots]++
}

func (t *tally) sum(slot int64) int {
	t.move(slot)
	n := 0
	for _, k := range t.slots {
		n += k
	}
	return n
}

// move forgets what is older than the window.
func (t *tally) move(slot int64) {
	for range min(slot-t.at, budgetSlots) {
		t.at++
		t.slots[t.at%budgetSlots] = 0
	}
	if slot > t.at { // far ahead: every slot is empty
		t.at = slot
	}
}
