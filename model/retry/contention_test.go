package retry_test

import (
	"container/heap"
	"math/rand/v2"
	"testing"
	"time"

	"protosim/model/retry"
)

// contend is the model of "Exponential Backoff And Jitter" (FIGURES 8): n
// clients want to change one record with optimistic concurrency. Each reads
// the record's version, and writes on condition that it is still the same;
// messages take a normally distributed time. A client whose write is refused
// backs off and starts anew, until all have written once. It returns how many
// calls that took and when it was over.
func contend(n int, p retry.Policy, r *rand.Rand) (calls int, over time.Duration) {
	network := func() time.Duration {
		return max(0, time.Duration((10+2*r.NormFloat64())*float64(ms)))
	}
	var q agenda
	version := 0
	for i := range n {
		heap.Push(&q, step{at: network(), client: i})
	}
	backoffs := make([]*retry.Backoff, n)
	for i := range backoffs {
		backoffs[i] = p.Start(r)
	}
	for len(q) > 0 {
		s := heap.Pop(&q).(step)
		over = s.at
		switch {
		case !s.write: // the read arrives: its answer and the write take their time
			heap.Push(&q, step{at: s.at + network() + network(), client: s.client, write: true, version: version})
		default:
			calls++
			if s.version == version {
				version++
				continue
			}
			heap.Push(&q, step{at: s.at + network() + backoffs[s.client].Next() + network(), client: s.client})
		}
	}
	return calls, over
}

// step is a message that arrives at the record.
type step struct {
	at      time.Duration
	client  int
	write   bool
	version int // that the write expects
}

type agenda []step

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at < a[j].at }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(step)) }
func (a *agenda) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}

// With 100 contending clients full jitter makes less than half the calls of
// plain exponential backoff, and every kind of jitter makes fewer and is done
// sooner than retrying in step.
func TestContention(t *testing.T) {
	const clients, runs = 100, 20
	calls, over := map[retry.Kind]int{}, map[retry.Kind]time.Duration{}
	for _, kind := range retry.Kinds() {
		if kind == retry.Constant {
			continue
		}
		r := stream()
		for range runs {
			c, o := contend(clients, retry.Policy{Kind: kind, Base: 5 * ms, Cap: 2 * time.Second}, r)
			calls[kind] += c
			over[kind] += o
		}
		t.Logf("%-12s %5d calls, done after %v", kind, calls[kind]/runs, (over[kind] / runs).Round(ms))
	}
	if full, plain := calls[retry.FullJitter], calls[retry.Exponential]; 2*full >= plain {
		t.Errorf("full jitter makes %d calls, want less than half of plain exponential's %d", full/runs, plain/runs)
	}
	for _, kind := range []retry.Kind{retry.FullJitter, retry.EqualJitter, retry.Decorrelated} {
		if calls[kind] >= calls[retry.Exponential] || over[kind] >= over[retry.Exponential] {
			t.Errorf("%s is not better than plain exponential", kind)
		}
	}
	if calls[retry.Exponential] >= calls[retry.Immediate] {
		t.Error("plain exponential makes as many calls as no backoff")
	}
}
