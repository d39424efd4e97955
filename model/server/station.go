// Package server is the machine behind a host name: an application that
// answers requests, a limited number at a time.
package server

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"protosim/model/result"
	"protosim/model/vtime"
)

// Why a station has not let a request through to its end.
var (
	ErrFull   = errors.New("server: queue full")
	ErrFailed = errors.New("server: failed by a fault")
)

// StatusClientGone is what nginx logs for a request whose client went away.
const StatusClientGone = 499

// Status returns the status of a response to a request that ended with err, an
// error of a Station.
func Status(err error) int {
	switch {
	case errors.Is(err, ErrFull):
		return http.StatusServiceUnavailable
	case errors.Is(err, ErrFailed):
		return http.StatusInternalServerError
	}
	return StatusClientGone
}

// Station lets a limited number of requests through at a time. The others wait
// in order, in a queue that is limited too: an M/G/c/K queue if arrivals are
// random.
type Station struct {
	// Trouble is what faults do to the work, nil for nothing.
	Trouble *Trouble

	clock vtime.Time
	slots int // 0: no limit
	queue int

	mu      sync.Mutex
	busy    int
	waiting []chan struct{}
	stats   StationStats
}

// StationStats tells how busy a station has been.
type StationStats struct {
	Wait     result.Latency // time in the queue, of every request that was let through
	BusyPeak int            // most requests at a time
	Rejected int            // requests that found the queue full
}

// NewStation returns a station for slots requests at a time, or any number if
// slots is 0, and for queue requests that wait.
func NewStation(clock vtime.Time, slots, queue int) *Station {
	return &Station{clock: clock, slots: slots, queue: queue}
}

// Enter waits for a slot, which Leave gives back. It fails at once if the queue
// is full, and when ctx ends.
func (s *Station) Enter(ctx context.Context) error {
	since := s.clock.Now()
	s.mu.Lock()
	if s.slots == 0 || s.busy < s.slots {
		s.busy++
		s.stats.BusyPeak = max(s.stats.BusyPeak, s.busy)
		s.stats.Wait.Record(0)
		s.mu.Unlock()
		return nil
	}
	if len(s.waiting) >= s.queue {
		s.stats.Rejected++
		s.mu.Unlock()
		return ErrFull
	}
	turn := make(chan struct{})
	s.waiting = append(s.waiting, turn)
	s.mu.Unlock()
	select {
	case <-turn:
		s.mu.Lock()
		s.stats.Wait.Record(s.clock.Now() - since) // the slot was handed over
		s.mu.Unlock()
		return nil
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		if i := slices.Index(s.waiting, turn); i >= 0 {
			s.waiting = slices.Delete(s.waiting, i, i+1)
		} else { // its turn came in the same instant
			s.leave()
		}
		return context.Cause(ctx)
	}
}

// Work takes the time of a request that holds a slot, as it is under the faults
// that last. It fails if one of them says so, which draw decides, and when ctx
// ends.
func (s *Station) Work(ctx context.Context, key vtime.Key, service time.Duration, draw *rand.Rand) error {
	service, fails := s.Trouble.Slowed(service), s.Trouble.Fails(draw)
	if err := s.clock.Sleep(ctx, key, service); err != nil {
		return err
	}
	if fails {
		return ErrFailed
	}
	return nil
}

// Leave gives a slot to the request that has waited longest.
func (s *Station) Leave() {
	s.mu.Lock()
	s.leave()
	s.mu.Unlock()
}

func (s *Station) leave() {
	if len(s.waiting) > 0 {
		close(s.waiting[0])
		s.waiting = s.waiting[1:]
		return
	}
	s.busy--
}

// Stats returns how busy the station has been so far.
func (s *Station) Stats() *StationStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	return &stats
}
