package balancer

import (
	"net"
	"slices"
	"time"
)

// wish is what is known of who asks.
type wish struct {
	cookie string // value of the affinity cookie
	source string // the client's address
	path   string // of the request
	tried  []*member
}

// choose returns the member for a wish, or nil if there is none. The mutex is held.
func (b *Balancer) choose(w wish) *member {
	now := b.time.Now()
	able := b.able(w, now)
	if len(able) == 0 {
		return nil
	}
	if b.cfg.Affinity == ByCookie {
		for _, m := range able {
			if m.cookie == w.cookie {
				return m
			}
		}
	}
	candidates := make([]*candidate, len(able))
	for i, m := range able {
		m.weight = b.weight(m, now)
		candidates[i] = &m.candidate
	}
	key := hash(w.source)
	if b.cfg.HashBy == HashPath {
		key = hash(w.path)
	}
	policy := b.cfg.Policy
	if b.cfg.Affinity == BySource {
		policy, key = ConsistentHash, hash(w.source)
	}
	return able[slices.Index(candidates, policy.choose(candidates, key, b.random))]
}

// able returns the members that may be chosen. Passive checks do not count
// where they would leave none: a backend that failed of late is better than
// no backend.
func (b *Balancer) able(w wish, now time.Duration) []*member {
	var able, suspended []*member
	for _, m := range b.members {
		switch {
		case !m.available() || slices.Contains(w.tried, m):
		case m.suspended > now:
			suspended = append(suspended, m)
		default:
			able = append(able, m)
		}
	}
	if len(able) == 0 && len(w.tried) == 0 {
		return suspended
	}
	return able
}

// source returns the address of a client without its port.
func source(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
