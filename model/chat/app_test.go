package chat

import (
	"net/http"
	"testing"
	"time"

	"protosim/model/push"
	"protosim/model/server"
	"protosim/model/transport"
	"protosim/model/vtime"
	"protosim/scenarios"
)

func TestApp(t *testing.T) {
	err := vtime.Run(t.Context(), func(c *vtime.Clock) error {
		s := scenarios.Default()
		feed := push.NewFeed(c, 1, 1)
		a := &App{
			Clock: c, Config: s.Chat, Servers: s.Servers, Station: server.NewStation(c, 0, 0),
			Events: push.NewApp(c, s.Push, feed), Feed: feed, Seed: 1,
		}
		feed.Listen(1)
		for i, want := range []struct {
			path    string
			status  int
			body    int
			took    time.Duration
			control string
		}{
			{"/login", 200, 500, 50 * time.Millisecond, "no-store"},
			{"/history/0", 200, 30_000, 5 * time.Millisecond, "public, max-age=600"},
			{"/history/99", 200, 30_000, 5 * time.Millisecond, "public, max-age=600"},
			{"/history/100", 404, 0, 0, "no-store"},
			{"/history/x", 404, 0, 0, "no-store"},
			{"/search", 200, 5000, 80 * time.Millisecond, "no-store"},
			{"/events/0", 204, 0, 0, "no-store"},
			{"/post", 201, 0, 5 * time.Millisecond, "no-store"},
			{"/nothing/0", 404, 0, 0, "no-store"},
		} {
			began := c.Now()
			got := a.Serve(c.Context(), transport.Request{ID: transport.ID{Serial: uint32(i)}, Method: http.MethodGet, Path: want.path})
			if took := c.Now() - began; got.Status != want.status || got.Body != want.body || took != want.took || got.Header["Cache-Control"] != want.control {
				t.Errorf("%s: %d, %d bytes, %q, after %v", want.path, got.Status, got.Body, got.Header["Cache-Control"], took)
			}
		}
		if feed.Sent() != 1 {
			t.Errorf("%d events of one post", feed.Sent())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
