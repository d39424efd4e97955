package vtime

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBubbleCanary pins down the undocumented use of testing/synctest that
// virtual time rests on. It is told apart from all other tests so that its
// failure says what happened.
func TestBubbleCanary(t *testing.T) {
	const broken = "This Go release has changed what synctest.Test does with an empty testing.T, " +
		"which bubble.go relies on and nobody promised. Nothing in protosim works until bubble.go " +
		"finds another entrance; until then stay on the previous Go release."
	expect := func(ok bool, what string) {
		t.Helper()
		if !ok {
			t.Errorf("%s.\n%s", what, broken)
		}
	}

	t.Run("clock", func(t *testing.T) {
		wall := time.Now()
		var began time.Time
		var took time.Duration
		err := bubble(func() {
			began = time.Now()
			time.Sleep(1000 * time.Hour)
			took = time.Since(began)
		})
		expect(err == nil, "a bubble that sleeps ended with an error")
		expect(took == 1000*time.Hour, "the bubble's clock is not fake")
		expect(began.Year() == 2000 && began.Year() < wall.Year(), "the bubble's clock does not begin in the year 2000")
	})
	t.Run("goroutines", func(t *testing.T) {
		order := make(chan int, 4)
		err := bubble(func() {
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					time.Sleep(time.Duration(3-i) * time.Minute)
					order <- i
				})
			}
			quiesce()
			order <- -1 // all are asleep
			wg.Wait()
		})
		expect(err == nil, "a bubble with goroutines ended with an error")
		expect(len(order) == 4 && <-order == -1 && <-order == 2 && <-order == 1, "goroutines of a bubble do not sleep in its time")
	})
	t.Run("side by side", func(t *testing.T) {
		var wg sync.WaitGroup
		var took [8]time.Duration
		var errs [8]error
		for i := range took {
			wg.Go(func() {
				errs[i] = bubble(func() {
					began := time.Now()
					for range 100 {
						time.Sleep(time.Duration(i+1) * time.Second)
					}
					took[i] = time.Since(began)
				})
			})
		}
		wg.Wait()
		for i, d := range took {
			expect(errs[i] == nil && d == time.Duration(i+1)*100*time.Second, "bubbles side by side disturb one another")
		}
	})
	t.Run("deadlock", func(t *testing.T) {
		err := bubble(func() { <-make(chan int) })
		expect(err != nil && strings.Contains(err.Error(), "deadlock"), "a bubble whose goroutines are all blocked for ever does not report it")
	})
	t.Run("left behind", func(t *testing.T) {
		err := bubble(func() { go func() { <-make(chan int) }() })
		expect(err != nil && strings.Contains(err.Error(), "deadlock"), "a goroutine left behind is not reported")
	})
}
