package main

import (
	"math/rand/v2"
	"time"
)

// Fate is what a link did with a packet.
type Fate uint8

const (
	Delivered Fate = iota
	Lost           // at random
	Dropped        // the queue was full
)

func (f Fate) String() string { return [...]string{"ok", "LOST", "DROP"}[f] }

// Queue is the arithmetic of one direction of a link, without any clock of its
// own: random loss, then a drop-tail queue in bytes, then a transmitter of a
// fixed rate, then a constant delay.
//
// A packet that is being transmitted counts towards the queue with the bytes
// that have not left yet. So a queue of 150,000 bytes never delays by more than
// 150,000 bytes at the link's rate.
type Queue struct {
	bps    int64
	limit  int
	oneWay time.Duration
	loss   float64
	random *rand.Rand
	// freeAt is when the transmitter has sent all that is queued.
	freeAt time.Duration
}

func newQueue(l Link, bps int64, seed uint64) *Queue {
	return &Queue{bps: bps, limit: l.QueueBytes, oneWay: l.OneWay, loss: l.Loss,
		random: rand.New(rand.NewPCG(seed, 0))}
}

// Offer takes a packet of size bytes at time now and says what becomes of it
// and when it arrives at the other end. Times must not decrease.
func (q *Queue) Offer(now time.Duration, size int) (Fate, time.Duration) {
	if q.loss > 0 && q.random.Float64() < q.loss {
		return Lost, 0
	}
	if q.bps == 0 {
		return Delivered, now + q.oneWay
	}
	if q.Backlog(now)+size > q.limit {
		return Dropped, 0
	}
	q.freeAt = max(q.freeAt, now) + q.transmission(size)
	return Delivered, q.freeAt + q.oneWay
}

// Backlog is how many bytes have not left the transmitter at time now.
func (q *Queue) Backlog(now time.Duration) int {
	if q.bps == 0 || q.freeAt <= now {
		return 0
	}
	return int((int64(q.freeAt-now)*q.bps + 8e9 - 1) / 8e9)
}

func (q *Queue) transmission(size int) time.Duration {
	return time.Duration(int64(size) * 8e9 / q.bps)
}
