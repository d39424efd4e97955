// Package chat is the workload of an application in which users act and see at
// once what others do: they log in, read, search and post over one transport,
// and receive events over the same one or another (package push).
package chat

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"protosim/model/push"
	"protosim/model/random"
	"protosim/model/server"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// The paths of the application, besides those of package push.
const (
	loginPath   = "/login"
	historyPath = "/history/" // the page's number follows
	searchPath  = "/search"
	postPath    = "/post"
)

// App is the application on one server.
type App struct {
	Clock   *vtime.Clock
	Config  scenarios.Chat
	Servers scenarios.Servers
	Station *server.Station
	Events  *push.App
	Feed    *push.Feed // that they come from
	Seed    uint64
}

var _ transport.Streamer = (*App)(nil)

// noStore keeps caches from what is about one user or one moment.
var noStore = map[string]string{"Cache-Control": "no-store"}

// Streams reports whether the request is for a stream of events.
func (a *App) Streams(r transport.Request) bool { return a.Events.Streams(r) }

// Stream sends events.
func (a *App) Stream(ctx context.Context, r transport.Request, send func(transport.Event) error) {
	a.Events.Stream(ctx, r, send)
}

// Serve answers one request.
func (a *App) Serve(ctx context.Context, r transport.Request) transport.Reply {
	draw := random.New(a.Seed, "chat", uint64(r.ID.Client), uint64(r.ID.Serial))
	service := a.Servers.ServiceTime
	reply := transport.Reply{Status: http.StatusOK, Header: noStore}
	switch path := r.Path; {
	case path == loginPath:
		service = a.Config.Login
		reply.Body = 500 // a token, and who is there
	case path == searchPath:
		service = a.Config.Search
		reply.Body = int(random.Draw(a.Config.Results, draw))
	case path == postPath:
		reply.Status = http.StatusCreated
	case strings.HasPrefix(path, historyPath):
		n, err := strconv.Atoi(strings.TrimPrefix(path, historyPath))
		if err != nil || n < 0 || n >= a.Config.Pages {
			return transport.Reply{Status: http.StatusNotFound, Header: noStore}
		}
		reply.Body = int(random.Draw(a.Config.Page, random.New(a.Seed, "history", uint64(n))))
		if life := a.Config.Lifetime.Std(); life > 0 {
			reply.Header = map[string]string{"Cache-Control": fmt.Sprintf("public, max-age=%d", life/time.Second), "Etag": fmt.Sprintf(`"%d"`, n)}
		}
	default:
		reply = a.Events.Serve(ctx, r)
		reply.Header = noStore
		return reply
	}
	if err := a.work(ctx, r, time.Duration(random.Draw(service, draw)), draw); err != nil {
		return transport.Reply{Status: server.Status(err), Header: noStore}
	}
	if r.Path == postPath {
		a.Feed.Add(int(random.Draw(a.Config.Message, draw)))
	}
	return reply
}

// work holds one of the server's slots for a time.
func (a *App) work(ctx context.Context, r transport.Request, service time.Duration, draw *rand.Rand) error {
	if err := a.Station.Enter(ctx); err != nil {
		return err
	}
	defer a.Station.Leave()
	return a.Station.Work(ctx, r.ID.ServerKey(), service, draw)
}
