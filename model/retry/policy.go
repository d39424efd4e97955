package retry

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Kind names a family of waiting times. See "Exponential Backoff And Jitter",
// AWS Architecture Blog, 2015.
type Kind string

// The families. With base b and cap m, the wait before retry n, counted from 0,
// comes from e = min(m, b·2ⁿ).
const (
	Immediate    Kind = "none"         // 0
	Constant     Kind = "constant"     // b
	Exponential  Kind = "exponential"  // e
	FullJitter   Kind = "full-jitter"  // uniform from 0 to e
	EqualJitter  Kind = "equal-jitter" // e/2, and uniform from 0 to e/2
	Decorrelated Kind = "decorrelated" // min(m, uniform from b to three times the previous wait)
)

// Kinds lists the families.
func Kinds() []Kind {
	return []Kind{Immediate, Constant, Exponential, FullJitter, EqualJitter, Decorrelated}
}

// Policy says how long to wait before each retry.
type Policy struct {
	Kind Kind
	Base time.Duration
	Cap  time.Duration // 0: none
}

// Validate reports what is wrong with a policy.
func (p Policy) Validate() error {
	switch p.Kind {
	case Immediate:
		return nil
	case Constant, Exponential, FullJitter, EqualJitter, Decorrelated:
	default:
		return fmt.Errorf("unknown backoff %q", p.Kind)
	}
	switch {
	case p.Base <= 0:
		return fmt.Errorf("backoff %s: the base must be above 0", p.Kind)
	case p.Cap < 0:
		return fmt.Errorf("backoff %s: the cap must not be negative", p.Kind)
	case p.Cap > 0 && p.Cap < p.Base:
		return fmt.Errorf("backoff %s: the cap of %v is below the base of %v", p.Kind, p.Cap, p.Base)
	}
	return nil
}

// Start begins a series of waits, with draws from r.
func (p Policy) Start(r *rand.Rand) *Backoff { return &Backoff{policy: p, rand: r} }

// Backoff is one client's series of waits.
type Backoff struct {
	policy   Policy
	rand     *rand.Rand
	retries  int
	previous time.Duration
}

// Next returns how long to wait before the next retry.
func (b *Backoff) Next() time.Duration {
	p := b.policy
	e := p.ceiling(b.retries)
	b.retries++
	switch p.Kind {
	case Constant:
		return p.Base
	case Exponential:
		return e
	case FullJitter:
		return uniform(b.rand, 0, e)
	case EqualJitter:
		return e/2 + uniform(b.rand, 0, e-e/2)
	case Decorrelated:
		previous := max(b.previous, p.Base)
		b.previous = p.capped(uniform(b.rand, p.Base, min(previous, longest/3)*3))
		return b.previous
	default:
		return 0
	}
}

// Retries returns how many waits the series has had.
func (b *Backoff) Retries() int { return b.retries }

// Reset begins anew, as after a success.
func (b *Backoff) Reset() { b.retries, b.previous = 0, 0 }

// longest keeps doubling clear of overflow.
const longest = time.Duration(1) << 62

// ceiling returns min(m, b·2ⁿ).
func (p Policy) ceiling(n int) time.Duration {
	e := p.Base
	for ; n > 0 && e < longest/2 && (p.Cap == 0 || e < p.Cap); n-- {
		e *= 2
	}
	return p.capped(e)
}

func (p Policy) capped(d time.Duration) time.Duration {
	if p.Cap > 0 {
		return min(d, p.Cap)
	}
	return d
}

// uniform draws from low to high, both included.
func uniform(r *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(r.Int64N(int64(high-low)+1))
}
