package retry_test

import (
	"testing"
	"time"

	"protosim/model/retry"
)

// While every request fails, retries add the ratio to the load and no more.
func TestBudgetInAnOutage(t *testing.T) {
	b := retry.Budget{Ratio: 0.2, Window: 10 * time.Second}
	retries := 0
	const requests = 10_000
	for i := range requests {
		now := time.Duration(i) * 10 * ms
		b.Requested(now)
		for range 3 { // as often as the client would like
			if b.Take(now) {
				retries++
			}
		}
	}
	if share := float64(retries) / requests; share > 0.2 || share < 0.19 {
		t.Errorf("retries add %.3f to the load, want 0.2", share)
	}
}

// What is older than the window does not count, and the floor always does.
func TestBudgetWindow(t *testing.T) {
	b := retry.Budget{Ratio: 0.5, Window: 10 * time.Second, Floor: 1}
	for range 10 {
		b.Requested(0)
	}
	take := func(now time.Duration) (n int) {
		for b.Take(now) {
			n++
		}
		return n
	}
	if n := take(0); n != 6 {
		t.Errorf("%d retries for ten requests, want 5 and the floor's one", n)
	}
	if n := take(9 * time.Second); n != 0 {
		t.Errorf("%d retries more within the window", n)
	}
	if n := take(10 * time.Second); n != 1 {
		t.Errorf("%d retries after the window, want the floor's one", n)
	}
	if n := take(1000 * time.Hour); n != 1 {
		t.Errorf("%d retries long after, want the floor's one", n)
	}
}
