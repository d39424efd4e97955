package chat

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"protosim/model/cache"
	"protosim/model/exchange"
	"protosim/model/measure"
	"protosim/model/push"
	"protosim/model/random"
	"protosim/model/retry"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// alpha is how unevenly pages of history are asked for: most want the newest.
const alpha = 0.8

// User is one client.
type User struct {
	Clock     *vtime.Clock
	Number    uint32
	Config    scenarios.Clients
	Chat      scenarios.Chat
	Transport transport.Client // of requests
	Listener  *push.Client     // of events, over the same transport or another
	Recorder  *measure.Recorder
	Seed      uint64
	Trace     trace.Sink // of the client's machine; nil for none

	serial uint32
	draw   *rand.Rand
	zipf   *cache.Zipf
}

// firstSerial keeps a user's requests apart from those of its listener.
const firstSerial = 1 << 30

// Run logs in, listens, and acts now and then until ctx ends.
func (u *User) Run(ctx context.Context) {
	u.draw = random.New(u.Seed, "chat user", uint64(u.Number))
	u.zipf = cache.NewZipf(u.Chat.Pages, alpha)
	u.serial = firstSerial
	var listening sync.WaitGroup
	defer func() {
		listening.Wait()
		u.Recorder.ClientDone(u.Clock.Now())
		u.Transport.Close()
		u.Listener.Close()
	}()
	if u.sleep(ctx, retry.Spread(u.draw, u.Config.Arrival.Std())) != nil {
		return
	}
	tries := retry.Of(u.Config.Reconnect).Begin(u.Clock.Now(), u.draw)
	for !u.do(ctx, "POST", loginPath, 100) {
		wait, again := tries.Failed(u.Clock.Now())
		if ctx.Err() != nil || !again || u.sleep(ctx, wait) != nil {
			return
		}
	}
	listening.Add(1)
	u.Clock.Go(transport.SelfKey(u.Number), func() {
		defer listening.Done()
		u.Listener.Listen(ctx)
	})
	u.read(ctx)
	for u.sleep(ctx, time.Duration(random.Draw(u.Chat.Interval, u.draw))) == nil {
		u.act(ctx)
	}
}

// act does what a user does next.
func (u *User) act(ctx context.Context) {
	switch what := u.draw.Float64(); {
	case what < float64(u.Chat.Posts):
		u.do(ctx, "POST", postPath, int(random.Draw(u.Chat.Message, u.draw)))
	case what < float64(u.Chat.Posts+u.Chat.Searches):
		u.do(ctx, "POST", searchPath, 40)
	default:
		u.read(ctx)
	}
}

// read reads a page of history.
func (u *User) read(ctx context.Context) {
	u.do(ctx, "GET", historyPath+strconv.Itoa(u.zipf.Draw(u.draw)), 0)
}

// sleep waits, with a key that is not the listener's.
func (u *User) sleep(ctx context.Context, d time.Duration) error {
	return u.Clock.Sleep(ctx, transport.ID{Client: u.Number, Serial: firstSerial}.ClientKey(), d)
}

// do carries out one request and records how it ended. It reports success.
func (u *User) do(ctx context.Context, method, path string, body int) bool {
	u.serial++
	r := transport.Request{
		ID:     transport.ID{Client: u.Number, Serial: u.serial},
		Host:   push.Host,
		Method: method,
		Path:   path,
		Body:   body,
	}
	x := exchange.Exchanger{Clock: u.Clock, Transport: u.Transport, Recorder: u.Recorder, Trace: u.Trace, Timeout: u.Config.Timeout.Std()}
	_, outcome, _ := x.Do(ctx, r, exchange.AnySize)
	return outcome == measure.OK
}
