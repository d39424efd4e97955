package trace

import "fmt"

// kinds are the names of the kinds, as text formats write them.
var kinds = [...]string{
	Host:            "host",
	State:           "state",
	Opened:          "opened",
	Closed:          "closed",
	Flight:          "flight",
	Dropped:         "dropped",
	Request:         "request",
	Response:        "response",
	Serving:         "serving",
	Served:          "served",
	SessionBegan:    "session-began",
	SessionEnded:    "session-ended",
	SessionLost:     "session-lost",
	Disconnected:    "disconnected",
	Reconnecting:    "reconnecting",
	Published:       "published",
	Delivered:       "delivered",
	CacheResult:     "cache-result",
	FirewallVerdict: "firewall-verdict",
	Fallback:        "fallback",
	Fault:           "fault",
}

// lastKind is the highest kind there is.
const lastKind = Kind(len(kinds) - 1)

// String returns the kind's name.
func (k Kind) String() string {
	if k == 0 || k > lastKind {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kinds[k]
}

// MarshalText returns the kind's name.
func (k Kind) MarshalText() ([]byte, error) {
	if k == 0 || k > lastKind {
		return nil, fmt.Errorf("trace: there is no kind %d", uint8(k))
	}
	return []byte(kinds[k]), nil
}

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, name := range kinds {
		if i > 0 && name == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("trace: there is no kind %q", text)
}
