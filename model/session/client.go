package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"protosim/model/measure"
	"protosim/model/random"
	"protosim/model/retry"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// host is the name that clients dial.
const host = "www"

// Client is one user's client.
type Client struct {
	Clock     *vtime.Clock
	Number    uint32
	Config    scenarios.Clients
	Session   scenarios.Session
	Sockets   bool // the strategy keeps a socket open
	Transport transport.Client
	Recorder  *measure.Recorder
	Book      *Book
	Seed      uint64
	Trace     trace.Sink // of the client's machine; nil for none

	serial uint32
	id     string // of the session
	logins int
	draw   *rand.Rand // for waits
	guard  *guard
	anew   bool // the next login is that of a client who comes back without its session

	mu     sync.Mutex
	online context.Context // ends with the socket
	drop   context.CancelFunc
	broken bool // the socket has ended and is not back
}

// outcome is how one exchange went.
type outcome int

const (
	served  outcome = iota
	unknown         // the server does not know the session
	refused         // a status of failure, or not even sent: the breaker is open
	broke           // the connection ended
	late            // nothing came in time, and the connection was given up
	ended           // the run or the session is over
)

// parted reports whether the exchange ended with its connection.
func (o outcome) parted() bool { return o == broke || o == late }

// Disconnected takes the news that the socket has ended.
func (c *Client) Disconnected(error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = true
	if c.drop != nil {
		c.drop()
	}
}

// Run logs in, acts for the session's length, and leaves. When ctx ends, what
// is under way counts as abandoned.
func (c *Client) Run(ctx context.Context) {
	c.draw = random.New(c.Seed, "session client", uint64(c.Number))
	c.guard = newGuard(c.Config)
	defer func() {
		c.Recorder.ClientDone(c.Clock.Now())
		c.Transport.Close()
	}()
	if c.Clock.Sleep(ctx, c.key(), retry.Spread(c.draw, c.Config.Arrival.Std())) != nil {
		return
	}
	if !c.login(ctx) {
		return
	}
	until := time.Duration(1<<63 - 1)
	if c.Session.Length > 0 {
		until = c.Clock.Now() + time.Duration(c.Session.Length)
	}
	for c.Clock.Now() < until {
		pause := time.Duration(random.Draw(c.Session.Interval, c.draw))
		c.Clock.Sleep(c.connection(ctx), c.key(), min(pause, until-c.Clock.Now()))
		if ctx.Err() != nil {
			return
		}
		if c.lost() {
			if !c.comeBack(ctx) {
				return
			}
			continue
		}
		if c.Clock.Now() < until && !c.act(ctx) {
			return
		}
	}
	c.exchange(ctx, "POST", leavePath, 0, 1)
	c.Book.Ended(c.id)
}

// key orders what the client does by itself.
func (c *Client) key() vtime.Key { return transport.SelfKey(c.Number) }

// connection returns a context that ends with ctx and with the socket.
func (c *Client) connection(ctx context.Context) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.Sockets {
		return ctx
	}
	if c.online == nil {
		c.online, c.drop = context.WithCancel(ctx)
		if c.broken {
			c.drop()
		}
	}
	return c.online
}

// lost reports whether the socket has ended.
func (c *Client) lost() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

// back notes that there is a connection again.
func (c *Client) back() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drop != nil {
		c.drop()
	}
	c.online, c.drop, c.broken = nil, nil, false
}

// login begins a session, trying until it succeeds or the policy gives up.
func (c *Client) login(ctx context.Context) bool {
	c.logins++
	c.id = name(c.Number, c.logins)
	switch c.persist(ctx, loginPath) {
	case served:
		c.serve(true)
		return true
	default:
		return false
	}
}

// comeBack reconnects after the socket has ended, and resumes the session or
// begins a new one.
func (c *Client) comeBack(ctx context.Context) bool {
	c.disconnected()
	c.serve(false)
	if c.Clock.Sleep(ctx, c.key(), retry.Spread(c.draw, time.Duration(c.Config.Reconnect.Window))) != nil {
		return false
	}
	if c.Session.Resume != nil && !*c.Session.Resume {
		c.Book.Lost(c.id, "its client began anew")
		c.anew = true
		defer func() { c.anew = false }()
		return c.login(ctx)
	}
	switch c.persist(ctx, resumePath) {
	case served:
		c.Recorder.Resumed()
		c.serve(true)
		return true
	case unknown:
		c.Book.Lost(c.id, "the server asked does not know it")
		return c.login(ctx)
	}
	return false
}

// persist carries out an exchange as often as the reconnect policy and its
// budget allow, until the server has decided.
func (c *Client) persist(ctx context.Context, path string) outcome {
	began := c.Clock.Now()
	c.Recorder.RequestStarted()
	tries := retry.Of(c.Config.Reconnect).Begin(began, c.draw)
	retries := 0
	finish := func(o outcome, result measure.Outcome) outcome {
		now := c.Clock.Now()
		c.Recorder.RequestEnded(c.Number, now, now-began, result, 0, retries)
		return o
	}
	for {
		now := c.Clock.Now()
		again, wait := true, c.guard.slot
		if call, ok := c.mayCome(path, retries, now); ok {
			c.back()
			if c.coming(path, retries) {
				c.Recorder.Reconnecting(now)
				c.tell(trace.Reconnecting)
			}
			switch o, _ := c.attempt(ctx, "POST", path, 0); o {
			case served, unknown:
				c.guard.succeeded(call, c.Clock.Now())
				return finish(o, measure.OK)
			case ended:
				return finish(o, measure.Abandoned)
			}
			c.guard.failed(call, c.Clock.Now())
			wait, again = tries.Failed(c.Clock.Now())
			retries++
		} else {
			again = tries.Until(now + wait)
		}
		if !again {
			c.Recorder.GaveUp()
			return finish(refused, measure.Failed)
		}
		if c.Clock.Sleep(ctx, c.key(), wait) != nil {
			return finish(ended, measure.Abandoned)
		}
	}
}

// mayCome reports whether the client may try now to log in or to come back.
func (c *Client) mayCome(path string, retries int, now time.Duration) (call, bool) {
	ticket, ok := c.guard.allow(now)
	if !ok {
		c.Recorder.ShortCircuited()
		return ticket, false
	}
	if c.coming(path, retries) {
		ok = c.guard.comeBack(now)
	}
	return ticket, ok
}

// coming reports whether an attempt is one to come back.
func (c *Client) coming(path string, retries int) bool {
	return path == resumePath || retries > 0 || c.anew
}

// act carries out one action. It returns false if the client gives up.
func (c *Client) act(ctx context.Context) bool {
	method := "GET"
	if c.Session.Unsafe {
		method = "POST"
	}
	attempts := c.Config.Retry.Attempts
	if c.Session.Unsafe {
		attempts = 1
	}
	switch c.exchange(ctx, method, actPath, int(c.Session.Request), attempts) {
	case served:
		c.serve(true)
	case unknown:
		c.Book.Lost(c.id, "the server asked does not know it")
		c.serve(false)
		return c.login(ctx)
	case broke, late:
		c.serve(false)
		if c.Sockets {
			return c.comeBack(ctx)
		}
		c.disconnected()
	case refused:
		c.serve(false)
	case ended:
		return false
	}
	return true
}

// exchange carries out one request, and repeats it up to so many attempts in
// all while that may help and the client's budgets allow it. Where a socket has
// ended, coming back is for the caller.
func (c *Client) exchange(ctx context.Context, method, path string, body, attempts int) outcome {
	began := c.Clock.Now()
	c.Recorder.RequestStarted()
	c.guard.requested(began)
	b := retry.Of(c.Config.Retry)
	b.Attempts = attempts
	tries := b.Begin(began, c.draw)
	retries, price := 0, 0
	finish := func(o outcome, result measure.Outcome, payload, again int) outcome {
		now := c.Clock.Now()
		c.Recorder.RequestEnded(c.Number, now, now-began, result, payload, again)
		return o
	}
	for {
		call, ok := c.guard.allow(c.Clock.Now())
		if !ok {
			c.Recorder.ShortCircuited()
			return finish(refused, measure.Failed, 0, retries)
		}
		call.price = price
		o, res := c.attempt(ctx, method, path, body)
		payload := res.Body + body
		switch o {
		case served, unknown:
			c.guard.succeeded(call, c.Clock.Now())
			return finish(o, measure.OK, payload, retries+res.Retries)
		case ended:
			return finish(o, measure.Abandoned, payload, retries+res.Retries)
		}
		allowed := c.guard.failed(call, c.Clock.Now())
		if o.parted() && c.Sockets {
			return finish(o, measure.Failed, payload, retries+res.Retries)
		}
		c.serve(false)
		wait, again := tries.Failed(c.Clock.Now())
		if again && allowed {
			price, allowed = c.guard.retry(c.Clock.Now(), o == late)
		}
		if again && !allowed {
			c.Recorder.RetryDenied()
		}
		if !again || !allowed {
			return finish(o, measure.Failed, payload, retries+res.Retries)
		}
		if c.Clock.Sleep(ctx, c.key(), wait) != nil {
			return finish(ended, measure.Abandoned, payload, retries+res.Retries)
		}
		retries++
	}
}

// attempt sends one request.
func (c *Client) attempt(ctx context.Context, method, path string, body int) (outcome, transport.Response) {
	c.serial++
	r := transport.Request{
		ID:     transport.ID{Client: c.Number, Serial: c.serial},
		Host:   host,
		Method: method,
		Path:   path + c.id,
		Body:   body,
	}
	c.Clock.Yield(r.ID.ClientKey())
	limited, cancel := c.Clock.WithTimeout(ctx, r.ID.ClientKey(), time.Duration(c.Config.Timeout))
	defer cancel()
	transport.TraceRequest(c.Trace, r)
	res, err := c.Transport.Do(limited, r)
	o := judge(ctx, res, err)
	transport.TraceResponse(c.Trace, r, res, o.result())
	if o.parted() {
		c.Transport.Drop()
	}
	return o, res
}

// judge says how an exchange went.
func judge(ctx context.Context, res transport.Response, err error) outcome {
	switch {
	case err == nil && res.Status < 400:
		return served
	case ctx.Err() != nil:
		return ended
	case err != nil:
		if errors.Is(err, context.DeadlineExceeded) {
			return late
		}
		return broke
	case res.Status == http.StatusUnauthorized:
		return unknown
	}
	return refused
}

// result is what the books make of an outcome: to learn that the server does
// not know the session is an answer.
func (o outcome) result() measure.Outcome {
	switch o {
	case served, unknown:
		return measure.OK
	case ended:
		return measure.Abandoned
	}
	return measure.Failed
}

// disconnected notes that the client has lost its connection.
func (c *Client) disconnected() {
	c.Recorder.Disconnected(c.Number)
	c.tell(trace.Disconnected)
}

// tell tells the trace what has happened to the client.
func (c *Client) tell(k trace.Kind) {
	if c.Trace != nil {
		c.Trace(trace.Event{Kind: k})
	}
}

// serve notes whether the client has service.
func (c *Client) serve(ok bool) { c.Recorder.Served(c.Clock.Now(), c.Number, ok) }
