package push

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"protosim/model/random"
	"protosim/model/server"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// The paths of the application; the ID of the last event that the client has
// follows. Who comes back to a stream over HTTP asks for the same path again,
// and says by Last-Event-ID what it has.
const (
	pollPath   = "/events/"
	holdPath   = "/wait/"
	streamPath = "/stream/"
	helloPath  = "/hello/" // a stream that begins with a greeting
	infoPath   = "/info/"
)

// fromNow stands where the ID of the last event would, for a client that wants
// only what comes next.
const fromNow = "now"

// App is the application of one server's process.
type App struct {
	Trouble *server.Trouble // lets requests fail, nil for none
	Seed    uint64          // decides which

	clock   *vtime.Clock
	config  scenarios.Push
	history history
}

// NewApp returns the application of a process that begins now.
func NewApp(clock *vtime.Clock, config scenarios.Push, feed *Feed) *App {
	return &App{clock: clock, config: config, history: newHistory(feed, config.History)}
}

var _ transport.Streamer = (*App)(nil)

// Serve answers poll and longpoll with the events that the client lacks, one a
// line, or with 204 if there are none.
func (a *App) Serve(ctx context.Context, r transport.Request) transport.Reply {
	if a.fails(r) {
		return transport.Reply{Status: http.StatusInternalServerError}
	}
	path, after, err := a.split(r.Path)
	if err == nil && path == infoPath {
		return transport.Reply{Status: http.StatusOK, Body: infoSize}
	}
	if err != nil || path != pollPath && path != holdPath {
		return transport.Reply{Status: http.StatusNotFound}
	}
	feed, client := a.history.feed, r.ID.Client
	all, more := a.history.after(after)
	events := feed.of(client, all)
	if len(events) == 0 && path == holdPath {
		held, cancel := a.clock.WithTimeout(ctx, r.ID.ServerKey(), time.Duration(a.config.Hold))
		defer cancel()
		for len(events) == 0 && held.Err() == nil {
			select {
			case <-more:
			case <-held.Done():
			}
			a.clock.Yield(r.ID.ServerKey()) // every request that was held is here at once
			all, more = a.history.after(after)
			events = feed.of(client, all)
		}
	}
	if len(events) == 0 {
		return transport.Reply{Status: http.StatusNoContent}
	}
	var lines bytes.Buffer
	for _, e := range events {
		fmt.Fprintf(&lines, "%d %s\n", e.ID, e.Data)
	}
	return transport.Reply{Status: http.StatusOK, Body: lines.Len(), Content: lines.Bytes()}
}

// Streams reports whether the request is for a stream, and gets one.
func (a *App) Streams(r transport.Request) bool {
	return (strings.HasPrefix(r.Path, streamPath) || strings.HasPrefix(r.Path, helloPath)) && !a.fails(r)
}

// fails reports whether a fault lets the request fail.
func (a *App) fails(r transport.Request) bool {
	_, failing := a.Trouble.State()
	return failing && a.Trouble.Fails(random.New(a.Seed, "failures", uint64(r.ID.Client), uint64(r.ID.Serial)))
}

// Stream sends every event behind the one that the client has, and a sign of
// life when there has been none for long.
func (a *App) Stream(ctx context.Context, r transport.Request, send func(transport.Event) error) {
	path, after, err := a.split(r.Path)
	if r.LastEvent > 0 { // it comes back: the path is the same as before
		after = r.LastEvent
	}
	if err != nil || path == helloPath && send(transport.Greeting) != nil {
		return
	}
	key := r.ID.ServerKey()
	for {
		events, more := a.history.after(after)
		for _, e := range events {
			after = e.ID
			if a.history.feed.isFor(r.ID.Client, e.ID) && send(e) != nil {
				return
			}
		}
		if len(events) > 0 {
			continue
		}
		idle, cancel := ctx, func() {}
		if a.config.Keepalive > 0 {
			idle, cancel = a.clock.WithTimeout(ctx, key, time.Duration(a.config.Keepalive))
		}
		select {
		case <-more:
			cancel()
			a.clock.Yield(key)
		case <-idle.Done():
			cancel()
			if ctx.Err() != nil {
				return
			}
			if send(transport.Event{}) != nil {
				return
			}
		}
	}
}

// split takes a path apart into what is wanted and the last event's ID.
func (a *App) split(path string) (what string, after uint64, err error) {
	i := strings.LastIndexByte(path, '/')
	if path[i+1:] == fromNow {
		return path[:i+1], a.history.feed.newest(), nil
	}
	after, err = strconv.ParseUint(path[i+1:], 10, 64)
	return path[:i+1], after, err
}

// parseLine takes a line of an answer to a poll apart.
func parseLine(line []byte) (transport.Event, error) {
	id, data, found := bytes.Cut(line, []byte{' '})
	n, err := strconv.ParseUint(string(id), 10, 64)
	if !found || err != nil {
		return transport.Event{}, fmt.Errorf("push: a line that says %.60q", line)
	}
	return transport.Event{ID: n, Data: data}, nil
}
