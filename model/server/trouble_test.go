package server_test

import (
	"math"
	"testing"
	"time"

	"protosim/model/random"
	"protosim/model/server"
)

// Faults add up while they last, and the end of one leaves the others in force.
func TestTroubleAddsUp(t *testing.T) {
	var trouble server.Trouble
	check := func(when string, factor int, rate float64) {
		t.Helper()
		if d := trouble.Slowed(time.Second); d != time.Duration(factor)*time.Second {
			t.Errorf("%s: work of a second takes %v, want %d s", when, d, factor)
		}
		draw, failed := random.New(1, "requests"), 0.
		for range 10_000 {
			if trouble.Fails(draw) {
				failed++
			}
		}
		if share := failed / 10_000; math.Abs(share-rate) > .02 || rate == 0 && failed > 0 {
			t.Errorf("%s: %.3f of the requests fail, want %v", when, share, rate)
		}
		if slow, failing := trouble.State(); slow != (factor > 1) || failing != (rate > 0) {
			t.Errorf("%s: slow %v, failing %v", when, slow, failing)
		}
	}
	check("without a fault", 1, 0)
	first, second := trouble.Slow(3), trouble.Slow(5)
	often, seldom := trouble.Fail(.5), trouble.Fail(.2)
	check("under all", 15, .6)
	first()
	often()
	check("when the first are over", 5, .2)
	first() // again: nothing happens
	second()
	seldom()
	check("when all are over", 1, 0)
	if d := (*server.Trouble)(nil).Slowed(time.Second); d != time.Second {
		t.Errorf("without trouble, work of a second takes %v", d)
	}
}
