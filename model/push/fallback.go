package push

import (
	"context"
	"sync"
	"time"

	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/scenarios"
)

// A client that falls back goes the way of sockjs-client 1.6 (lib/main.js): it
// asks for the server's information first and takes the time of that for the
// round trip; then it tries one transport after the other until one lets the
// server's first frame through. Each gets as many retransmission timeouts as it
// needs round trips, two; a timeout is four round trips, or 300 ms more than one
// where that is 100 ms or less.

// rungs are the transports in the order of trying.
var rungs = []scenarios.Strategy{scenarios.WebSocket, scenarios.SSE, scenarios.LongPoll}

const (
	infoTimeout = 8 * time.Second // lib/info-receiver.js
	infoSize    = 79              // bytes of the server's information
	roundTrips  = 2               // of every transport, lib/transport/*.js
)

// patience is how long a transport may take to open.
func patience(rtt time.Duration) time.Duration {
	if rtt > 100*time.Millisecond {
		return roundTrips * 4 * rtt
	}
	return roundTrips * (300*time.Millisecond + rtt)
}

// climb connects by the first transport that works, and listens until it ends.
// It reports whether one worked.
func (c *Client) climb(ctx context.Context) bool {
	began := c.Clock.Now()
	if !c.exchange(ctx, infoPath, infoTimeout) {
		c.attempt()
		return false
	}
	limit := patience(c.Clock.Now() - began)
	for i, rung := range rungs {
		c.attempt()
		if c.hold(ctx, rung, limit) {
			return true
		}
		if ctx.Err() != nil || i+1 == len(rungs) {
			return false
		}
		c.Recorder.FellBack()
		c.tell(trace.Event{Kind: trace.Fallback, Client: c.Number, Text: string(rung) + " to " + string(rungs[i+1])})
	}
	return false
}

// hold listens by one transport until it ends. It reports whether the transport
// has opened within the limit.
func (c *Client) hold(ctx context.Context, rung scenarios.Strategy, limit time.Duration) bool {
	switch rung {
	case scenarios.LongPoll:
		if !c.exchange(ctx, pollPath, limit) {
			return false
		}
		c.through()
		for c.ask(ctx, holdPath) {
		}
		return true
	case scenarios.WebSocket:
		defer c.Sockets.Drop()
		return c.open(ctx, c.Sockets, c.stream(helloPath, true), limit)
	}
	return c.open(ctx, c.Transport, c.stream(helloPath, false), limit)
}

// open holds a stream whose first sign of life is due within the limit.
func (c *Client) open(outer context.Context, t transport.Client, r transport.Request, limit time.Duration) (opened bool) {
	ctx, cancel := context.WithCancel(outer)
	defer cancel()
	var mu sync.Mutex
	watch, stop := c.Clock.WithTimeout(ctx, r.ID.ClientKey(), limit)
	defer stop()
	context.AfterFunc(watch, func() {
		mu.Lock()
		defer mu.Unlock()
		if !opened {
			cancel()
		}
	})
	r.Alive = func() {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil && !opened {
			opened = true
			stop()
			c.through()
		}
	}
	c.follow(ctx, outer, t, r)
	mu.Lock()
	defer mu.Unlock()
	if opened {
		c.lost(outer)
	}
	return opened
}

// exchange asks for something that is answered at once. It reports success.
func (c *Client) exchange(ctx context.Context, path string, timeout time.Duration) bool {
	r := c.request(path)
	res, ok := c.do(ctx, r, timeout)
	if ok {
		c.take(res)
	}
	return ok
}

// attempt notes that the client tries a transport, as long as none has worked.
func (c *Client) attempt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.connected {
		c.Recorder.Connecting(!c.tried)
		c.tried = true
	}
}

// through notes that the client has got through.
func (c *Client) through() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isThrough()
}

// isThrough is through with the mutex held.
func (c *Client) isThrough() {
	if !c.connected {
		c.connected = true
		c.Recorder.Connected()
	}
}
