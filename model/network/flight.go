package network

import (
	"sort"
	"time"
)

// transmission is one segment's worth of sequence numbers that has been sent
// and not yet been acknowledged cumulatively.
type transmission struct {
	seq, end int64
	at       time.Duration // last sent
	nth      uint64        // in the order of sending, for many are sent at the same time
	sacked   bool          // received out of order (RFC 2018)
	lost     bool          // presumed lost
	resent   bool          // sent again, and that one neither received nor lost
	repeated bool          // ever sent again
}

// flight is what has been sent and not acknowledged, in sequence order, with
// the counts of RFC 6675's "pipe", in segments.
type flight struct {
	list   []transmission
	head   int
	sacked int
	lost   int
	resent int
}

func (f *flight) len() int { return len(f.list) - f.head }

func (f *flight) at(i int) *transmission { return &f.list[f.head+i] }

// inFlight is how many segments are on their way, as far as the sender can tell.
func (f *flight) inFlight() int { return f.len() - f.sacked - f.lost + f.resent }

func (f *flight) push(t transmission) {
	if f.head == len(f.list) {
		f.list, f.head = f.list[:0], 0
	} else if f.head > 64 && f.head*2 > len(f.list) {
		f.list = f.list[:copy(f.list, f.list[f.head:])]
		f.head = 0
	}
	f.list = append(f.list, t)
}

// pop removes the oldest, which has been acknowledged.
func (f *flight) pop() {
	t := f.at(0)
	f.uncount(t)
	if t.sacked {
		f.sacked--
	}
	f.head++
}

// uncount takes t out of the counts of lost and sent again.
func (f *flight) uncount(t *transmission) {
	if t.lost {
		t.lost = false
		f.lost--
	}
	if t.resent {
		t.resent = false
		f.resent--
	}
}

// markSacked records that t has been received out of order.
func (f *flight) markSacked(t *transmission) {
	f.uncount(t)
	t.sacked = true
	f.sacked++
}

// markLost records that t, or its retransmission, is presumed lost.
func (f *flight) markLost(t *transmission) {
	if t.resent {
		t.resent = false
		f.resent--
	}
	if !t.lost {
		t.lost = true
		f.lost++
	}
}

// search returns the index of the first transmission that begins at seq or behind.
func (f *flight) search(seq int64) int {
	return sort.Search(f.len(), func(i int) bool { return f.at(i).seq >= seq })
}
