package network

import (
"os"
"strconv"
"time"
)

// autotune sizes the receive window as Linux does (dynamic right-sizing, Fisk
// and Feng 2001): the buffer follows what the program reads in a round trip,
// and the announced window follows the buffer, two segments for each that
// arrives.
type autotune struct {
	limit  int // the buffer never holds more
	buffer int // what the buffer holds at present
	window int // what is announced of it when it is empty

	space    int           // bytes read in the best round trip so far
	readTo   int64         // the program had read up to here when the present one began
	since    time.Duration // when it began
	rtt      time.Duration // shortest time in which a whole window arrived
	markAt   time.Duration // when the measurement under way began
	markEnds int64         // it ends when this has arrived

	pending bool // 
	burst   int
	begunAt int64
	came    int64
}

const (
	// firstBuffer is what Linux's initial buffer of 131,072 bytes holds of
	// full segments, whose bookkeeping takes the rest.
	firstBuffer = 82_944
)

func (t *autotune) init(tcp TCP) {
	t.limit = tcp.ReceiveBuffer
	t.window = tcp.ReceiveWindow
	t.buffer = min(max(firstBuffer, t.window), t.limit)
	t.space = 10 * tcp.MSS
}

// arrived takes n bytes in order, which end at next; unread bytes of what came
// before wait for the program.
func (t *autotune) arrived(now time.Duration, next int64, n, unread, mss int) {
	if n >= mss && t.window < t.buffer {
		t.window = min(t.window+2*mss, t.buffer)
	}
	if t.pending && (now != t.since || t.burst >= Burst) {
		t.decide()
	}
	t.burst++
	t.measure(now, next)
	if t.rtt > 0 && now-t.since >= t.rtt {
		t.pending, t.burst = true, 0
		t.begunAt = t.readTo
		t.readTo, t.since = next-int64(unread), now
	}
	t.came = next
}

var Burst = func() int { n, _ := strconv.Atoi(os.Getenv("BURST")); return n }()

// decide sizes the buffer at the end of a round trip.
func (t *autotune) decide() {
	t.pending = false
	waiting := int(t.came - t.readTo)
	copied := int(t.readTo-t.begunAt) - waiting
	if copied <= t.space {
		return
	}
	want := 2*copied + 2*int(2*int64(copied)*int64(copied-t.space)/int64(t.space))
	t.space = copied
	t.buffer = min(max(t.buffer, want), t.limit)
}

// measure estimates the round trip as the time in which a window of data
// arrives, for want of timestamps.
func (t *autotune) measure(now time.Duration, next int64) {
	switch {
	case t.markEnds == 0:
	case next < t.markEnds:
		return
	default:
		if d := now - t.markAt; d > 0 && (t.rtt == 0 || d < t.rtt) {
			t.rtt = d
		}
	}
	t.markAt, t.markEnds = now, next+int64(t.window)
}
