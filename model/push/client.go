package push

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"protosim/model/exchange"
	"protosim/model/measure"
	"protosim/model/random"
	"protosim/model/retry"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// Host is the name that clients dial.
const Host = "www"

// Client is one listener.
type Client struct {
	Clock     *vtime.Clock
	Number    uint32
	Strategy  scenarios.Strategy
	Config    scenarios.Clients
	Push      scenarios.Push
	Transport transport.Client
	Sockets   transport.Client // of the strategy fallback, beside Transport
	Recorder  *measure.Recorder
	Feed      *Feed
	Seed      uint64
	Trace     trace.Sink // of the client's machine; nil for none
	// Beside says that listening is not all that the client does: then how long
	// polls take, which are held, is not recorded with its other requests.
	Beside bool

	serial uint32
	draw   *rand.Rand

	mu        sync.Mutex
	first     uint64 // the newest event when the client began to listen
	last      uint64 // the newest event received
	began     time.Duration
	tried     bool          // to connect
	connected bool          // at least once
	received  bool          // at least one event
	left      bool          // listens no more
	asked     time.Duration // when the present stream was, by a client that had one before
}

// Run listens from its arrival until ctx ends.
func (c *Client) Run(ctx context.Context) {
	defer func() {
		c.Recorder.ClientDone(c.Clock.Now())
		c.Close()
	}()
	c.draw = random.New(c.Seed, "listener", uint64(c.Number))
	if c.Clock.Sleep(ctx, c.key(), retry.Spread(c.draw, c.Config.Arrival.Std())) != nil {
		return
	}
	c.Listen(ctx)
}

// Close ends the client's connections.
func (c *Client) Close() {
	c.Transport.Close()
	if c.Sockets != nil {
		c.Sockets.Close()
	}
}

// Listen listens until ctx ends.
func (c *Client) Listen(ctx context.Context) {
	if c.draw == nil {
		c.draw = random.New(c.Seed, "listener", uint64(c.Number))
	}
	c.first = c.Feed.Listen(c.Number)
	c.last = c.first
	defer c.leave()
	c.began = c.Clock.Now()
	tries := c.reconnect()
	for ctx.Err() == nil {
		ok := false
		if c.Strategy != scenarios.Fallback {
			c.attempt()
		}
		switch c.Strategy {
		case scenarios.Poll:
			ok = c.ask(ctx, pollPath)
			if ok && c.Clock.Sleep(ctx, c.key(), time.Duration(c.Push.Poll)) != nil {
				return
			}
		case scenarios.LongPoll:
			ok = c.ask(ctx, holdPath)
		case scenarios.Fallback:
			ok = c.climb(ctx)
		default:
			ok = c.listen(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		if ok {
			tries = c.reconnect()
			if c.streams() { // it has ended, and was good as long as it lasted
				if c.Clock.Sleep(ctx, c.key(), retry.Spread(c.draw, time.Duration(c.Config.Reconnect.Window))) != nil {
					return
				}
				c.Recorder.Reconnecting(c.Clock.Now())
				c.tell(trace.Event{Kind: trace.Reconnecting})
			}
			continue
		}
		wait, again := tries.Failed(c.Clock.Now())
		if !again || c.Clock.Sleep(ctx, c.key(), wait) != nil {
			return
		}
		c.Recorder.Reconnecting(c.Clock.Now())
		c.tell(trace.Event{Kind: trace.Reconnecting})
	}
}

// leave ends the listening: what has not come by now does not count any more.
func (c *Client) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = true
	c.Recorder.EventsUndelivered(c.Feed.between(c.Number, c.last, c.Feed.Leave(c.Number)))
}

// streams reports whether the client holds streams or sockets.
func (c *Client) streams() bool {
	return c.Strategy != scenarios.Poll && c.Strategy != scenarios.LongPoll
}

// reconnect begins a series of tries to come back.
func (c *Client) reconnect() *retry.Series {
	return retry.Of(c.Config.Reconnect).Begin(c.Clock.Now(), c.draw)
}

// key orders what the client does by itself.
func (c *Client) key() vtime.Key { return transport.SelfKey(c.Number) }

// request returns the client's next request, for what comes behind the events
// that it has.
func (c *Client) request(path string) transport.Request {
	c.serial++
	r := transport.Request{
		ID:     transport.ID{Client: c.Number, Serial: c.serial},
		Host:   Host,
		Method: "GET",
		Keep:   true,
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Path = path + strconv.FormatUint(c.last, 10)
	return r
}

// stream returns the request for a stream, over a socket or not. On a socket a
// client that comes back says where it was in what it asks for, as gateways have
// it; over HTTP it is an EventSource, which asks for the same as before and says
// Last-Event-ID.
func (c *Client) stream(path string, socket bool) transport.Request {
	r := c.request(path)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.connected && c.Push.Resume == "anew":
		r.Path = path + fromNow
	case !socket && c.last > c.first:
		r.Path, r.LastEvent = path+strconv.FormatUint(c.first, 10), c.last
	}
	return r
}

func (c *Client) newest() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// ask polls once. It reports whether the server has answered.
func (c *Client) ask(ctx context.Context, path string) bool {
	timeout := time.Duration(c.Config.Timeout)
	if path == holdPath {
		timeout += time.Duration(c.Push.Hold)
	}
	res, ok := c.do(ctx, c.request(path), timeout)
	if ok {
		c.through()
		c.take(res)
	}
	return ok
}

// do carries out one exchange. It reports success.
func (c *Client) do(ctx context.Context, r transport.Request, timeout time.Duration) (transport.Response, bool) {
	x := exchange.Exchanger{Clock: c.Clock, Transport: c.Transport, Recorder: c.Recorder, Trace: c.Trace, Timeout: timeout, Beside: c.Beside}
	res, outcome, _ := x.Do(ctx, r, exchange.AnySize)
	return res, outcome == measure.OK
}

// take takes the events of an answer to a poll.
func (c *Client) take(res transport.Response) {
	for line := range bytes.Lines(res.Content) {
		if e, err := parseLine(bytes.TrimSuffix(line, []byte{'\n'})); err == nil {
			c.receive(e)
		}
	}
}

// listen holds a stream until it ends. It reports whether anything came of it.
func (c *Client) listen(ctx context.Context) bool {
	before := c.newest()
	c.follow(ctx, ctx, c.Transport, c.stream(streamPath, c.Strategy != scenarios.SSE))
	c.lost(ctx)
	return c.newest() > before
}

// follow holds a stream until it ends. outer ends with the run, ctx with it or
// before.
func (c *Client) follow(ctx, outer context.Context, t transport.Client, r transport.Request) {
	c.mu.Lock()
	if c.connected {
		c.asked = c.Clock.Now()
	}
	c.mu.Unlock()
	c.Recorder.RequestStarted()
	transport.TraceRequest(c.Trace, r)
	payload := 0
	t.Stream(ctx, r, func(e transport.Event) {
		c.mu.Lock()
		payload += len(e.Data)
		c.mu.Unlock()
		c.receive(e)
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	outcome := measure.Failed
	if outer.Err() != nil {
		outcome = measure.OK // a stream has no other end than its listener's
	}
	c.Recorder.StreamEnded(c.Number, c.Clock.Now(), outcome, payload)
	transport.TraceResponse(c.Trace, r, transport.Response{Body: payload}, outcome)
}

// lost notes that a stream has ended, unless it was the run's end that did it.
func (c *Client) lost(ctx context.Context) {
	if ctx.Err() == nil {
		c.Recorder.Disconnected(c.Number)
		c.tell(trace.Event{Kind: trace.Disconnected})
	}
}

// receive takes an event.
func (c *Client) receive(e transport.Event) {
	at, err := published(e.Data)
	if err != nil {
		c.Clock.Fail(err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left {
		return
	}
	if e.ID <= c.last {
		c.Recorder.EventAgain()
		return
	}
	now := c.Clock.Now()
	if !c.received {
		c.received = true
		c.Recorder.FirstEvent(now - c.began)
	}
	c.isThrough()
	c.Recorder.Event(now, now-at, c.Feed.between(c.Number, c.last, e.ID-1))
	c.tell(trace.Event{Kind: trace.Delivered, Client: c.Number, Serial: uint32(e.ID), Bytes: len(e.Data)})
	if at < c.asked {
		c.Recorder.EventReplayed()
	}
	c.last = e.ID
}

// tell tells the trace what has happened to the client.
func (c *Client) tell(e trace.Event) {
	if c.Trace != nil {
		c.Trace(e)
	}
}
