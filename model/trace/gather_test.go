package trace

import (
	"slices"
	"sync"
	"testing"
	"time"
)

type clock struct {
	now   time.Duration
	fired uint64
}

func (c *clock) Now() time.Duration { return c.now }
func (c *clock) Fired() uint64      { return c.fired }

// The events of a step come in one order, whatever goroutine was first, and
// steps in theirs.
func TestGatherer(t *testing.T) {
	var first []Event
	for range 50 {
		var got []Event
		c := &clock{}
		g := NewGatherer(c, func(e Event) { got = append(got, e) })
		for step := range 3 {
			c.fired++
			c.now += time.Duration(step%2) * time.Second
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() { g.Emit(Event{Kind: Request, Host: uint32(8 - i), Serial: uint32(10 - step), At: 5}) })
			}
			all.Wait()
			if len(got) != 8*step {
				t.Fatalf("after step %d there are %d events", step, len(got))
			}
		}
		g.Flush()
		if first == nil {
			first = got
		}
		if !slices.Equal(got, first) {
			t.Fatalf("got %v, and before %v", got, first)
		}
	}
	for i, e := range first {
		want := Event{At: time.Duration((i/8+1)/2) * time.Second, Kind: Request, Host: uint32(i%8 + 1), Serial: uint32(10 - i/8)}
		if want.At > time.Second {
			want.At = time.Second
		}
		if e != want {
			t.Errorf("event %d is %+v, want %+v", i, e, want)
		}
	}
}
