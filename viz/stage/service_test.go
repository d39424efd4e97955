package stage_test

import (
	"slices"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/viz/stage"
)

// reelOf is the reel of some events on a client, a firewall and two servers, which
// have the numbers 1 to 4.
func reelOf(strategy string, events ...trace.Event) *stage.Reel {
	b := stage.NewBuilder(strategy)
	for i, h := range []struct {
		name string
		role trace.Role
	}{{"client", trace.Client}, {"firewall", trace.Firewall}, {"www-1", trace.Server}, {"www-2", trace.Server}} {
		b.Add(trace.Event{Kind: trace.Host, Host: uint32(i + 1), Text: h.name, Code: int(h.role)})
	}
	for _, e := range events {
		b.Add(e)
	}
	return b.Reel()
}

// A connection to a firewall is no service: who is thrown off is back when a
// server works for it.
func TestConnectedMeansServed(t *testing.T) {
	const s = time.Second
	state := reelOf("websocket",
		trace.Event{At: 1 * s, Kind: trace.Opened, Host: 1, Peer: 2, Conn: 1},
		trace.Event{At: 2 * s, Kind: trace.Request, Host: 1, Serial: 1},
		trace.Event{At: 3 * s, Kind: trace.Disconnected, Host: 1},
		trace.Event{At: 3 * s, Kind: trace.Closed, Host: 1, Peer: 2, Conn: 1},
		trace.Event{At: 4 * s, Kind: trace.Reconnecting, Host: 1},
		trace.Event{At: 5 * s, Kind: trace.Opened, Host: 1, Peer: 2, Conn: 2},
		trace.Event{At: 6 * s, Kind: trace.Request, Host: 1, Serial: 2},
		trace.Event{At: 7 * s, Kind: trace.Serving, Host: 3, Serial: 2},
		trace.Event{At: 8 * s, Kind: trace.Delivered, Host: 1, Serial: 9},
		trace.Event{At: 9 * s, Kind: trace.Closed, Host: 1, Peer: 2, Conn: 2},
	).NewState()
	for at, want := range [][2]int32{0: {0, 0}, 1: {1, 0}, 2: {1, 0}, 3: {0, 1}, 4: {0, 1}, 5: {0, 1}, 6: {0, 1}, 7: {1, 0}, 8: {1, 0}, 9: {0, 0}} {
		state.Seek(time.Duration(at) * s)
		if got := [2]int32{state.Total.Connected, state.Total.Away}; got != want {
			t.Errorf("at %d s %v are connected and away, want %v", at, got, want)
		}
	}
	// Events are from the server that holds the client.
	if got := []int32{state.Hosts[2].Pushed, state.Hosts[3].Pushed}; !slices.Equal(got, []int32{1, 0}) {
		t.Errorf("events pushed by the servers: %v", got)
	}
}

// What is told of a host depends on what it was before.
func TestNews(t *testing.T) {
	const s = time.Second
	up, down, slow := int(trace.Up), int(trace.Down), int(trace.Slow)
	r := reelOf("http2",
		trace.Event{Kind: trace.State, Host: 3, Code: up},
		trace.Event{Kind: trace.State, Host: 4, Code: down},
		trace.Event{At: 1 * s, Kind: trace.Fault, Code: 1, Text: "scale to 2"},
		trace.Event{At: 1 * s, Kind: trace.State, Host: 4, Code: up, Text: "started"},
		trace.Event{At: 2 * s, Kind: trace.Fault, Host: 3, Code: 1, Text: "crash of www-1"},
		trace.Event{At: 2 * s, Kind: trace.State, Host: 3, Code: down, Text: "www-1 crashed at 2s"},
		trace.Event{At: 3 * s, Kind: trace.State, Host: 3, Code: up, Text: "started"},
		trace.Event{At: 3 * s, Kind: trace.Fault, Host: 3, Text: "crash of www-1"},
		trace.Event{At: 4 * s, Kind: trace.State, Host: 3, Code: slow, Text: "slow"},
		trace.Event{At: 5 * s, Kind: trace.State, Host: 3, Code: up, Text: "no longer slow"},
	)
	var news []string
	for _, m := range r.Marks {
		news = append(news, m.Text)
	}
	want := []string{"scale to 2", "www-2 added", "www-1 crashed", "www-1 up again", "www-1 slow", "www-1 no longer slow"}
	if !slices.Equal(news, want) {
		t.Errorf("told %q, want %q", news, want)
	}
}

// TestCaptionsFade: what is told of a fault is never a box without its text.
func TestCaptionsFade(t *testing.T) {
	s := crash(10)
	s.Resize(900, 420)
	scene := stage.NewScene(fixedWidths{})
	for at := 20 * time.Second; at < 30*time.Second; at += 250 * time.Millisecond {
		s.Seek(at)
		s.Draw(scene)
		for i := range scene.Items {
			// A text of the strip is as visible as its box, and more.
			if b := &scene.Items[i]; b.Shape == stage.Box && b.R > 11 && b.Y < 30 {
				if b.Colour.A > 40 {
					t.Errorf("at %v the box of %q has an opacity of %d", at, scene.TextOf(&scene.Items[i+1]), b.Colour.A)
				}
			}
		}
	}
}
