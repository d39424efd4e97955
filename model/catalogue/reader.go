package catalogue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"protosim/model/cache"
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

// Reader is one client. It has no cache of its own.
type Reader struct {
	Clock     *vtime.Clock
	Number    uint32
	Config    scenarios.Clients
	Reading   scenarios.Catalogue
	Objects   *cache.Catalogue
	Transport transport.Client
	Recorder  *measure.Recorder
	Trace     trace.Sink // of the client's machine; nil for none
	Seed      uint64

	serial uint32
}

// Run reads one object after another, from its arrival until ctx ends.
func (c *Reader) Run(ctx context.Context) {
	draw := random.New(c.Seed, "reader", uint64(c.Number))
	key := transport.SelfKey(c.Number)
	defer func() {
		c.Recorder.ClientDone(c.Clock.Now())
		c.Transport.Close()
	}()
	if c.Clock.Sleep(ctx, key, retry.Spread(draw, c.Config.Arrival.Std())) != nil {
		return
	}
	for {
		c.read(ctx, c.Objects.Draw(draw, c.Clock.Now()))
		if c.Clock.Sleep(ctx, key, time.Duration(random.Draw(c.Reading.Interval, draw))) != nil {
			return
		}
	}
}

// read asks for one object and looks at what has come.
func (c *Reader) read(ctx context.Context, item cache.Item) {
	path := Path(item.Number)
	if item.Personal {
		path = personalPath + strconv.Itoa(item.Number)
	}
	c.serial++
	r := transport.Request{
		ID:     transport.ID{Client: c.Number, Serial: c.serial},
		Host:   Host,
		Method: "GET",
		Path:   path,
		Keep:   true,
	}
	x := exchange.Exchanger{Clock: c.Clock, Transport: c.Transport, Recorder: c.Recorder, Trace: c.Trace, Timeout: c.Config.Timeout.Std()}
	if res, outcome, _ := x.Do(ctx, r, item.Size); outcome == measure.OK {
		c.examine(item, res.Content)
	}
}

// examine makes sure that a body is the one that was asked for, and nobody
// else's, and notes if the servers had a newer one when it was asked for.
func (c *Reader) examine(item cache.Item, body []byte) {
	got, err := parseContent(body)
	owner := uint32(0)
	if item.Personal {
		owner = c.Number + 1
	}
	switch {
	case err != nil:
		c.Clock.Fail(err)
	case got.Number != item.Number || got.Owner != owner:
		c.Clock.Fail(fmt.Errorf("catalogue: client %d asked for object %d of user %d and got %d of %d", c.Number, item.Number, owner, got.Number, got.Owner))
	case got.Version < item.Version:
		c.Recorder.Outdated()
	}
}
