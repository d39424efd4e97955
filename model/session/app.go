package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
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
	Trouble *Trouble
}

// Trouble is what faults do to a server while they last.
type Trouble struct {
	mu     sync.Mutex
	slow   int     // factor on service times; 0 for none
	errors float64 // share of requests that fail
}

// Slow multiplies service times by factor from now on.
func (t *Trouble) Slow(factor int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slow = factor
}

// Fail lets the share rate of requests fail from now on.
func (t *Trouble) Fail(rate float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors = rate
}

// State reports whether requests are slowed down, and whether some fail.
func (t *Trouble) State() (slow, failing bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slow > 0, t.errors > 0
}

// take returns what the trouble makes of one request.
func (t *Trouble) take(service time.Duration, r *rand.Rand) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.slow > 0 {
		service *= time.Duration(t.slow)
	}
	return service, t.errors > 0 && r.Float64() < t.errors
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
	if a.Station.Enter(ctx) != nil {
		return transport.Reply{Status: http.StatusServiceUnavailable}
	}
	defer a.Station.Leave()
	d, failing := a.Trouble.take(time.Duration(random.Draw(service, draw)), draw)
	if a.Clock.Sleep(ctx, r.ID.ServerKey(), d) != nil {
		return transport.Reply{Status: http.StatusServiceUnavailable}
	}
	if failing {
		return transport.Reply{Status: http.StatusInternalServerError}
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
