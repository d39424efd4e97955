package store

import (
	"errors"
	"sync"
	"time"

	"protosim/model/result"
)

// Stats tells what the store's operations were to one server.
type Stats struct {
	Operations int            // asked for, whatever became of them; retries are not counted
	NotFound   int            // of them: the store did not know the session
	Errors     int            // of them: the store was unavailable
	Abandoned  int            // of them: nobody waited for the outcome any more
	Retries    int            // attempts beyond each operation's first
	Latency    result.Latency // of those that were answered or failed: what they added to a request
}

// Merge adds another server's.
func (s *Stats) Merge(o *Stats) {
	s.Operations += o.Operations
	s.NotFound += o.NotFound
	s.Errors += o.Errors
	s.Abandoned += o.Abandoned
	s.Retries += o.Retries
	s.Latency.Merge(&o.Latency)
}

// statsKeeper counts operations from many goroutines.
type statsKeeper struct {
	mu    sync.Mutex
	stats Stats
}

func (k *statsKeeper) ended(took time.Duration, retries int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := &k.stats
	s.Operations++
	s.Retries += retries
	switch {
	case err == nil:
	case errors.Is(err, ErrNotFound):
		s.NotFound++
	case errors.Is(err, ErrUnavailable):
		s.Errors++
	default:
		s.Abandoned++
		return
	}
	s.Latency.Record(took)
}

// Stats returns the counts so far.
func (r *Redis) Stats() *Stats {
	r.stats.mu.Lock()
	defer r.stats.mu.Unlock()
	stats := Stats{}
	stats.Merge(&r.stats.stats)
	return &stats
}
