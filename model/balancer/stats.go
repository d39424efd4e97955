package balancer

import "time"

// Stats counts what a balancer has done.
type Stats struct {
	Requests    int // requests (L7) or connections (L4) that came
	Connections int // of clients, open now
	Rejected    int // beyond MaxConnections

	BadGateway     int // 502: the backend failed
	Unavailable    int // 503: no backend, or a limit
	GatewayTimeout int // 504: the backend did not answer in time
	ClientGone     int // the client went away before its response was complete
	Truncated      int // responses that the backend broke off
	BadRequest     int // bodies that the client broke off or dawdled over
	Retries        int // tries beyond a request's first

	UpgradesForwarded int // upgraded connections
	UpgradesRefused   int // Upgrade headers dropped, for Config.Upgrade is off
	IdleClosed        int // upgraded and L4 connections on which nothing moved

	Backends []BackendStats // in the order in which they were added
}

// BackendStats counts what one backend has got.
type BackendStats struct {
	Name        string
	Available   bool
	Draining    bool
	Requests    int // tries of requests (L7), or connections (L4)
	Active      int // of them, under way
	Peak        int // most at a time
	Connections int // to it, open now
	Opened      int // to it, in all
	Failures    int // tries that failed by its fault
	Retries     int // tries that had failed at another, or on a dead connection, before
	Checks      int // active checks
	ChecksBad   int
	Load        []Load // over time, one for each step
}

// Load is what a backend had to do in one step of Config.LoadStep.
type Load struct {
	Started int     // requests or connections that began
	Active  float64 // under way, averaged over the step
}

// Stats returns the counts so far.
func (b *Balancer) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Connections = b.clients
	for _, m := range b.members {
		t := m.stats
		t.Name, t.Active = m.Name, m.active
		t.Available = m.available() && m.suspended <= b.time.Now()
		t.Draining = m.draining
		t.Connections, t.Opened = m.conns.counts()
		t.Load = m.load.until(b.time.Now(), m.active)
		s.Backends = append(s.Backends, t)
	}
	return s
}

// load integrates what a member carries over each step.
type load struct {
	step    time.Duration
	at      time.Duration
	started []int
	busy    []time.Duration // the sum of all that was under way
}

// set tells that the number under way is about to change from n, because
// something starts or ends.
func (l *load) set(now time.Duration, n int, starts bool) {
	l.advance(now, n)
	if starts {
		l.started[now/l.step]++
	}
}

// advance fills the time until now, during which n were under way.
func (l *load) advance(now time.Duration, n int) {
	for int(now/l.step) >= len(l.busy) {
		l.busy = append(l.busy, 0)
		l.started = append(l.started, 0)
	}
	for l.at < now {
		i := l.at / l.step
		end := min((i+1)*l.step, now)
		l.busy[i] += time.Duration(n) * (end - l.at)
		l.at = end
	}
}

func (l *load) until(now time.Duration, n int) []Load {
	l.advance(now, n)
	series := make([]Load, len(l.busy))
	for i := range series {
		length := min(l.step, now-time.Duration(i)*l.step)
		series[i].Started = l.started[i]
		if length > 0 {
			series[i].Active = float64(l.busy[i]) / float64(length)
		}
	}
	return series
}
