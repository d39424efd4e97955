package retry_test

import (
	"testing"
	"time"

	"protosim/model/retry"
)

// A crowd that reconnects over a window comes at an even rate.
func TestSpread(t *testing.T) {
	const window, crowd, parts = 10 * time.Second, 100_000, 10
	r := stream()
	var counts [parts]int
	for range crowd {
		d := retry.Spread(r, window)
		if d < 0 || d >= window {
			t.Fatalf("%v is outside of the window", d)
		}
		counts[d/(window/parts)]++
	}
	for i, n := range counts { // six standard deviations are 570
		if n < crowd/parts-570 || n > crowd/parts+570 {
			t.Errorf("%d of %d come in part %d of %d", n, crowd, i+1, parts)
		}
	}
	if d := retry.Spread(nil, 0); d != 0 {
		t.Errorf("without a window the delay is %v", d)
	}
}
