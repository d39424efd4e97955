package vtime

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The queue gives entries back in the order of a stable sort by time, however
// pushes and pops are mixed.
func TestQueueOrder(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var q queue
		var reference []entry
		seq := uint64(0)
		for range 500 {
			if r.IntN(3) > 0 {
				seq++
				e := entry{at: time.Duration(r.IntN(20)), seq: seq}
				q.push(e)
				reference = append(reference, e)
				slices.SortStableFunc(reference, func(a, b entry) int { return int(a.at - b.at) })
				continue
			}
			if len(reference) == 0 {
				continue
			}
			want := reference[0]
			reference = reference[1:]
			if got := q.pop(); got != want {
				t.Fatalf("seed %d: popped the event of time %d, number %d; want %d, %d", seed, got.at, got.seq, want.at, want.seq)
			}
		}
		for _, want := range reference {
			if got := q.pop(); got != want {
				t.Fatalf("seed %d: popped the event of time %d, number %d; want %d, %d", seed, got.at, got.seq, want.at, want.seq)
			}
		}
		if len(q) != 0 {
			t.Fatalf("seed %d: %d entries too many", seed, len(q))
		}
	}
}
