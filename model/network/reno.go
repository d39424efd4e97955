package network

import "time"

// reno is the congestion avoidance of RFC 5681: one segment more each round
// trip, half the window after a loss.
type reno struct{}

func (*reno) acked(*endpoint, time.Duration) {}

func (*reno) avoid(e *endpoint, acked int) {
	w := &e.window
	if w.slowStart() {
		if acked = w.grow(acked); acked == 0 {
			return
		}
	}
	w.creep(w.cwnd, acked)
}

func (*reno) threshold(e *endpoint) int { return max(e.window.cwnd/2, 2) }

func (*reno) timedOut(*endpoint) {}

func (*reno) resumed(*endpoint, time.Duration) {}
