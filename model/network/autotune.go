package network

import "time"

// autotune sizes the receive window as Linux does (dynamic right-sizing, Fisk
// and Feng 2001): the buffer follows what the program reads in a round trip,
// and the announced window follows the buffer, two segments for each that
// arrives.
//
// Linux looks at the first read after a round trip, and takes from what was
// read in it what waits to be read at that moment. Segments of one instant
// arrive faster than a program can be woken and read them, so it falls behind.
// When the buffer is small and a burst large this decides whether
// the buffer grows now or a round trip later. They still come one after the
// other, so a round trip from one burst to the next does not end before the
// segment of the same place in it: there are apart in virtual time by spacing.
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

	instant time.Duration // of the newest arrival
	burst   int           // segments that have arrived in it
	first   int64         // the end of the first of them
	next    int64         // the end of the last
	unread  int64         // bytes from before that the program has not read

	beyond int64 // where what has arrived behind a gap ends, from next on
}

const (
	// firstBuffer is what Linux's initial buffer of 131,072 bytes holds of
	// full segments, whose bookkeeping takes the rest.
	firstBuffer = 82_944
	// worthwhile is the least payload of a segment for which the window grows.
	worthwhile = 128
	// spacing is so short that it only orders the segments of one instant.
	spacing = time.Nanosecond
	// awakes is how many segments of one instant arrive before the program
	// runs, and unreadShare how many of a hundred more it leaves behind. They
	// are the machine's: where the kernel sizes its buffer, at the tenth, 40th
	// and 150th segment of a burst, 14, 25 and 60 wait in the median (inq in
	// go run ./model/kernel page --events), and no program, protocol or TLS
	// differs from that by more than two page loads of the same kind do.
	awakes      = 5
	unreadShare = 44
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
	t.open(n, mss)
	if now != t.instant {
		if t.burst <= behind(t.burst) {
			t.read(t.first) // since then
		}
		t.instant, t.burst, t.first, t.unread = now, 0, next, int64(unread)
	}
	t.burst++
	t.next = next
	t.measure(t.stamp(), next)
	if b := behind(t.burst); t.burst > b {
		t.read(max(t.first, next-int64(b*mss)))
	}
}

// open announces more of the buffer for a segment of n bytes.
func (t *autotune) open(n, mss int) {
	if n >= worthwhile && t.window < t.buffer {
		t.window = min(t.window+2*mss, t.buffer)
	}
}

// disordered takes a segment of n bytes behind a gap. The buffer is to hold what
// is behind the gap and twice what a round trip brings, lest the gap limit the
// sender.
func (t *autotune) disordered(n, mss int) {
	t.buffer = min(max(t.buffer, 2*t.space+int(t.beyond)), t.limit)
	t.open(n, mss)
}

// behind is how many of the n segments that have arrived in one instant wait
// for the program.
func behind(n int) int { return awakes + n*unreadShare/100 }

// stamp is the time of the newest arrival.
func (t *autotune) stamp() time.Duration { return t.instant + time.Duration(t.burst)*spacing }

// read lets the program read up to a byte. At the end of a round trip it sizes
// the buffer.
func (t *autotune) read(to int64) {
	if t.rtt == 0 || t.stamp()-t.since < t.rtt {
		return
	}
	to -= t.unread
	waiting := t.next - to
	copied := int(to - t.readTo - waiting)
	t.readTo, t.since = to, t.stamp()
	if copied <= t.space {
		return
	}
	want := 2*copied + 2*int(2*int64(copied)*int64(copied-t.space)/int64(t.space)) + int(t.beyond)
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
