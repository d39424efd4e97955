package measure

// Care is what clients did so as not to make an outage worse, or to notice it.
type Care struct {
	RetriesDenied    int // by a budget
	ShortCircuits    int // calls that a breaker did not let through
	GaveUp           int // clients that have stopped trying
	Resumed          int // sessions that went on after a disconnect
	HeartbeatsMissed int // pings without a pong in time, each of which ended its socket
}

// RetryDenied counts a retry that the client's budgets did not allow.
func (r *Recorder) RetryDenied() { r.care(&r.Care.RetriesDenied) }

// ShortCircuited counts a call that a breaker did not let through.
func (r *Recorder) ShortCircuited() { r.care(&r.Care.ShortCircuits) }

// GaveUp counts a client that has stopped trying.
func (r *Recorder) GaveUp() { r.care(&r.Care.GaveUp) }

// Resumed counts a session that goes on after a disconnect.
func (r *Recorder) Resumed() { r.care(&r.Care.Resumed) }

// HeartbeatMissed counts a ping that nothing has answered in time.
func (r *Recorder) HeartbeatMissed() { r.care(&r.Care.HeartbeatsMissed) }

func (r *Recorder) care(n *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*n++
}

// Standing is what a recorder has counted up to now.
type Standing struct {
	Started, Unserved, Disconnects, Reconnects int
	Ended                                      [3]int
}

// Now returns what has been counted so far.
func (r *Recorder) Now() Standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Standing{Started: r.Started, Unserved: r.service.without, Disconnects: r.Disconnects, Reconnects: r.Reconnects, Ended: r.Ended}
}
