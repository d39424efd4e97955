package main

import "testing"

// Little may leave twice as much garbage, much as much, and what is between
// 300 MB of it.
func TestGarbage(t *testing.T) {
	for kept, want := range map[uint64]int{0: 200, 10 << 20: 200, 150 << 20: 200, 200 << 20: 150, 300 << 20: 100, 8 << 30: 100} {
		if got := garbage(kept); got != want {
			t.Errorf("of %d MB kept: %d %%, want %d", kept>>20, got, want)
		}
	}
}
