package push

import "protosim/model/transport"

// history is what one server's process has of the feed to give to those who
// come back: the events since its start, the last limit of them. With no limit
// it reads them from a log that outlives processes.
type history struct {
	feed  *Feed
	limit int
	start uint64 // the newest event when the process began
}

func newHistory(f *Feed, limit int) history {
	return history{feed: f, limit: limit, start: f.newest()}
}

// after returns the events behind the one with that ID that are still there,
// for whomever, and a channel that is closed when there are more.
func (h history) after(id uint64) ([]transport.Event, <-chan struct{}) {
	if h.limit > 0 {
		id = max(id, h.start)
	}
	events, more := h.feed.After(id)
	if h.limit > 0 && len(events) > h.limit {
		events = events[len(events)-h.limit:]
	}
	return events, more
}
