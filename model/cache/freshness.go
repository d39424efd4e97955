package cache

import (
	"net/http"
	"strings"
	"time"
)

// heuristic lists the statuses that may be stored without explicit lifetime
// (RFC 9110 section 15.1), without 206.
var heuristic = [...]int{200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}

func isHeuristic(status int) bool {
	for _, s := range heuristic {
		if s == status {
			return true
		}
	}
	return false
}

// timing is what freshness depends on.
type timing struct {
	lifetime   time.Duration // RFC 9111 section 4.2.1
	explicit   bool          // the lifetime was given
	initialAge time.Duration // at the time of arrival, section 4.2.3
	arrived    time.Duration
}

// age returns the current age (RFC 9111 section 4.2.3).
func (t timing) age(now time.Duration) time.Duration { return t.initialAge + max(now-t.arrived, 0) }

// timing works out how long a response is fresh. sent and arrived say when its
// request went out and its headers came.
func (c *Cache) timing(status int, h http.Header, d directives, personal bool, sent, arrived time.Duration) timing {
	t := timing{arrived: arrived}
	now := c.wall(arrived).Truncate(time.Second)
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		date = now
	}
	apparent := max(now.Sub(date), 0)
	corrected := ageOf(h) + arrived - sent
	t.initialAge = max(apparent, corrected)

	switch {
	case d.seenSMaxAge:
		t.lifetime, t.explicit = d.sMaxAge, true
	case d.seenAge:
		t.lifetime, t.explicit = d.maxAge, true
	case len(h["Expires"]) > 0:
		t.explicit = true
		if expires, err := http.ParseTime(h["Expires"][0]); err == nil && len(h["Expires"]) == 1 {
			t.lifetime = max(expires.Sub(date), 0)
		}
	case (isHeuristic(status) || d.public) && c.cfg.Heuristic > 0 && !personal:
		if modified, err := http.ParseTime(h.Get("Last-Modified")); err == nil {
			since := max(date.Sub(modified), 0)
			t.lifetime = min(time.Duration(float64(since)*c.cfg.Heuristic).Truncate(time.Second), c.cfg.HeuristicMax)
		}
	}
	return t
}

// ageOf reads the Age that a response came with. The first value counts, and
// nonsense does not (RFC 9111 section 5.1).
func ageOf(h http.Header) time.Duration {
	if len(h["Age"]) == 0 {
		return 0
	}
	first, _, _ := strings.Cut(h["Age"][0], ",")
	return seconds(strings.TrimSpace(first), 0)
}
