package retry

import (
	"math/rand/v2"
	"time"

	"protosim/scenarios"
)

// Limit says when to give up. The zero value never does.
type Limit struct {
	Attempts int           // in all, the first included; 0: any number
	Elapsed  time.Duration // since the first; 0: any time
}

// Behaviour is a policy with an end.
type Behaviour struct {
	Policy
	Limit
}

// Of returns what a scenario says a client does.
func Of(b scenarios.Backoff) Behaviour {
	return Behaviour{
		Policy: Policy{Kind: Kind(b.Policy), Base: b.Base.Std(), Cap: b.Cap.Std()},
		Limit:  Limit{Attempts: b.Attempts, Elapsed: b.GiveUp.Std()},
	}
}

// Series is the attempts at one thing.
type Series struct {
	limit   Limit
	backoff *Backoff
	began   time.Duration
	failed  int
}

// Begin starts a series at the time of its first attempt.
func (b Behaviour) Begin(now time.Duration, r *rand.Rand) *Series {
	return &Series{limit: b.Limit, backoff: b.Start(r), began: now}
}

// Failed notes that an attempt has failed now. It returns how long to wait
// before the next one, and false if there is to be none: because that would be
// one too many, or because it would begin too late.
func (s *Series) Failed(now time.Duration) (wait time.Duration, again bool) {
	s.failed++
	if s.limit.Attempts > 0 && s.failed >= s.limit.Attempts {
		return 0, false
	}
	wait = s.backoff.Next()
	if s.limit.Elapsed > 0 && now+wait-s.began > s.limit.Elapsed {
		return 0, false
	}
	return wait, true
}

// Attempts returns how many attempts of the series have failed.
func (s *Series) Attempts() int { return s.failed }

// Until reports whether an attempt at that time would not be too late.
func (s *Series) Until(at time.Duration) bool {
	return s.limit.Elapsed == 0 || at-s.began <= s.limit.Elapsed
}
