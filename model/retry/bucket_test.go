package retry_test

import (
	"testing"

	"protosim/model/retry"
)

// gRPC's bucket of 10 tokens allows retries after four failures in a row, and
// after the fifth no more until successes have refilled it above the half.
func TestThrottle(t *testing.T) {
	b := retry.NewThrottle(10, 0.5)
	for n := 1; n <= 12; n++ {
		if got, want := b.Failed(), n < 5; got != want {
			t.Errorf("failure %d may be retried: %v, want %v", n, got, want)
		}
	}
	if b.Tokens() != 0 {
		t.Errorf("%v tokens after an outage, want 0", b.Tokens())
	}
	for range 12 { // 6 tokens; a failure takes one
		b.Succeeded()
	}
	if b.Failed() {
		t.Error("a retry is allowed with half of the tokens")
	}
	for range 100 {
		b.Succeeded()
	}
	if b.Tokens() != 10 || !b.Failed() {
		t.Error("the bucket does not fill up")
	}
}

// The AWS SDKs' quota of 500 pays for a hundred retries, or fifty after
// timeouts, and is refilled by what retries gave back and by first attempts.
func TestQuota(t *testing.T) {
	for timeout, want := range map[bool]int{false: 100, true: 50} {
		q := retry.NewQuota(500)
		bought := 0
		for {
			if _, ok := q.Take(timeout); !ok {
				break
			}
			bought++
		}
		if bought != want {
			t.Errorf("timeouts %v: %d retries, want %d", timeout, bought, want)
		}
	}
	q := retry.NewQuota(20)
	price, _ := q.Take(true)
	if price != 10 || q.Left() != 10 {
		t.Fatalf("a retry after a timeout costs %d and leaves %d", price, q.Left())
	}
	q.Succeeded(0)
	if q.Left() != 11 {
		t.Errorf("%d left after a first attempt that succeeded, want 11", q.Left())
	}
	q.Succeeded(price)
	if q.Left() != 20 {
		t.Errorf("%d left, want no more than the capacity", q.Left())
	}
}
