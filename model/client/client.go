// Package client is a visitor: a browser that loads pages over one strategy's
// transport.
package client

import (
	"context"
	"sync"
	"time"

	"protosim/model/exchange"
	"protosim/model/measure"
	"protosim/model/page"
	"protosim/model/random"
	"protosim/model/result"
	"protosim/model/retry"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// Client is one visitor.
type Client struct {
	Clock     *vtime.Clock
	Number    uint32
	Config    scenarios.Clients
	Page      *page.Page
	Transport transport.Client
	Recorder  *measure.Recorder
	Seed      uint64
	Trace     trace.Sink // of the client's machine; nil for none
	// Exchange, when set, is told of each request that has ended.
	Exchange func(Exchange)
	// Failure, when set, is told why a request failed.
	Failure func(transport.Request, error)
}

// Run arrives, visits the page as often as the scenario says, and leaves. When
// ctx ends, what is under way counts as abandoned.
func (c *Client) Run(ctx context.Context) {
	defer func() {
		c.Recorder.ClientDone(c.Clock.Now())
		c.Transport.Close()
	}()
	draw := random.New(c.Seed, "client", uint64(c.Number))
	if c.Clock.Sleep(ctx, c.key(), retry.Spread(draw, c.Config.Arrival.Std())) != nil {
		return
	}
	for v := range c.Config.Visits {
		if v > 0 && c.Clock.Sleep(ctx, c.key(), time.Duration(random.Draw(c.Config.Think, draw))) != nil {
			return
		}
		c.visit(ctx, v)
		if ctx.Err() != nil {
			return
		}
		c.Transport.EndPage()
	}
}

// key orders what the client does by itself.
func (c *Client) key() vtime.Key { return transport.SelfKey(c.Number) }

// visit loads the page once. It returns when nothing is left to wait for.
func (c *Client) visit(ctx context.Context, number int) {
	v := &visit{client: c, ctx: ctx, number: number, began: c.Clock.Now(), serial: uint32(number * len(c.Page.Objects))}
	c.Recorder.PageStarted()
	v.needs = make([]int, len(c.Page.Resources))
	v.left = make([]int, len(c.Page.Resources))
	for i, r := range c.Page.Resources {
		v.needs[i], v.left[i] = r.Needs, r.Count
	}
	v.mu.Lock()
	for i := range v.needs {
		if v.needs[i] == 0 {
			v.request(i)
		}
	}
	v.mu.Unlock()
	v.pending.Wait()
	if v.loaded == len(c.Page.Objects) {
		now := c.Clock.Now()
		c.Recorder.PageLoaded(now, now-v.began)
	}
}

// visit is one load of the page.
type visit struct {
	client  *Client
	ctx     context.Context
	number  int // of the client's visits
	began   time.Duration
	serial  uint32 // of its first request
	pending sync.WaitGroup

	mu     sync.Mutex
	needs  []int // by resource: resources still to be completed before it
	left   []int // by resource: objects still to come
	loaded int
}

// request asks for all objects of a resource, as a browser does that has just
// learnt of them. The mutex is held.
func (v *visit) request(resource int) {
	r := v.client.Page.Resources[resource]
	for i := r.First; i < r.First+r.Count; i++ {
		o := &v.client.Page.Objects[i]
		req := transport.Request{
			ID:     transport.ID{Client: v.client.Number, Serial: v.serial + uint32(i)},
			Host:   o.Host,
			Method: o.Method,
			Path:   o.Path,
			Body:   o.Body,
		}
		v.pending.Add(1)
		v.client.Clock.Go(req.ID.ClientKey(), func() {
			defer v.pending.Done()
			began := v.client.Clock.Now()
			res, outcome := v.client.fetch(v.ctx, req, o.Size)
			ok := outcome == measure.OK
			v.note(r.Name, req, began, res, ok)
			v.tell(r.Name, req, began, res, outcome)
			if ok {
				v.complete(resource)
			}
		})
	}
}

// note draws the request into the waterfall, if this is the first visit of the
// first client.
func (v *visit) note(resource string, r transport.Request, began time.Duration, res transport.Response, ok bool) {
	if r.ID.Client != 0 || v.serial != 0 {
		return
	}
	end := v.client.Clock.Now()
	// What never happened takes no time before the end.
	since := func(moment, from time.Duration) time.Duration {
		if moment == 0 {
			moment = end
		}
		return max(moment, from)
	}
	sent := since(res.Sent, began)
	firstByte := since(res.FirstByte, sent)
	v.client.Recorder.Loaded(result.Load{
		Resource:    resource,
		Host:        r.Host,
		Path:        r.Path,
		StartMS:     result.Milliseconds(began - v.began),
		SentMS:      result.Milliseconds(sent - v.began),
		FirstByteMS: result.Milliseconds(firstByte - v.began),
		EndMS:       result.Milliseconds(end - v.began),
		Bytes:       res.Body,
		OK:          ok,
	})
}

// complete notes that an object of the resource is there, and requests what
// was waiting for it.
func (v *visit) complete(resource int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.loaded++
	v.left[resource]--
	if v.left[resource] > 0 {
		return
	}
	for _, next := range v.client.Page.Resources[resource].Feeds {
		v.needs[next]--
		if v.needs[next] == 0 {
			v.request(next)
		}
	}
}

// fetch carries out one request for an object.
func (c *Client) fetch(ctx context.Context, r transport.Request, size int) (transport.Response, measure.Outcome) {
	x := exchange.Exchanger{Clock: c.Clock, Transport: c.Transport, Recorder: c.Recorder, Trace: c.Trace, Timeout: c.Config.Timeout.Std()}
	res, outcome, err := x.Do(ctx, r, size)
	if outcome == measure.Failed && c.Failure != nil {
		c.Failure(r, err)
	}
	return res, outcome
}
