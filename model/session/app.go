package session

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"protosim/model/random"
	"protosim/model/server"
	"protosim/model/store"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// The paths of the application; the session's identity follows.
const (
	loginPath  = "/login/"
	resumePath = "/resume/"
	actPath    = "/act/"
	leavePath  = "/leave/"
)

// App is the application on one server, from its start to its end.
type App struct {
	Clock   *vtime.Clock
	Place   string // where State is; "" if clients carry it
	Config  scenarios.Session
	Servers scenarios.Servers
	Serving bool // without the session, while the state is unavailable
	Station *server.Station
	State   store.Sessions
	Book    *Book
	Seed    uint64
}

// Serve answers one request.
func (a *App) Serve(ctx context.Context, r transport.Request) transport.Reply {
	draw := random.New(a.Seed, "service", uint64(r.ID.Client), uint64(r.ID.Serial))
	path, id := split(r.Path)
	service, body := a.Servers.ServiceTime, 0
	switch path {
	case loginPath:
		service = a.Config.Login
	case actPath:
		body = int(random.Draw(a.Config.Response, random.New(a.Seed, "response", uint64(r.ID.Client), uint64(r.ID.Serial))))
	case resumePath, leavePath:
	default:
		return transport.Reply{Status: http.StatusNotFound}
	}
	if err := a.Station.Enter(ctx); err != nil {
		return transport.Reply{Status: server.Status(err)}
	}
	defer a.Station.Leave()
	if err := a.Station.Work(ctx, r.ID.ServerKey(), time.Duration(random.Draw(service, draw)), draw); err != nil {
		return transport.Reply{Status: server.Status(err)}
	}
	if err := a.touch(ctx, r.ID.ServerKey(), path, id); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return transport.Reply{Status: http.StatusUnauthorized}
		}
		return transport.Reply{Status: http.StatusServiceUnavailable}
	}
	return transport.Reply{Status: http.StatusOK, Body: body}
}

// touch does what the request does to the session's state.
func (a *App) touch(ctx context.Context, key vtime.Key, path, id string) error {
	var err error
	switch path {
	case loginPath:
		if err = a.State.Create(ctx, key, id, int(a.Config.Size)); err == nil {
			a.Book.Created(id, a.Place)
		}
	case leavePath:
		if err = a.State.Delete(ctx, key, id); err == nil {
			a.Book.Ended(id)
		}
	default:
		var s store.Session
		if s, err = a.State.Load(ctx, key, id); err == nil {
			s.Sequence++
			err = a.State.Save(ctx, key, s)
		}
	}
	if errors.Is(err, store.ErrUnavailable) && a.Serving && path != loginPath {
		return nil
	}
	return err
}

// split takes a path apart into what to do and for which session.
func split(path string) (what, id string) {
	i := strings.LastIndexByte(path, '/')
	return path[:i+1], path[i+1:]
}
