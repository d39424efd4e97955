package retry

import (
	"math/rand/v2"
	"time"
)

// Spread returns a delay drawn uniformly from the window, its end excluded: a
// crowd that was disconnected at once comes back evenly over the window, and a
// chat gateway's clients send their first heartbeat at a random part of the
// interval.
func Spread(r *rand.Rand, window time.Duration) time.Duration {
	if window <= 0 {
		return 0
	}
	return time.Duration(r.Int64N(int64(window)))
}
