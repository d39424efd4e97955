package stage_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/viz/stage"
)

// view is what of a state is compared.
func view(s *stage.State) any {
	return []any{
		append([]stage.HostState(nil), s.Hosts...), append([]stage.ClientState(nil), s.Clients...),
		append([]int32(nil), s.Links...), append([]int32(nil), s.Open...), s.Total,
	}
}

// TestSeekIsPlaying: at any time, in any order of seeking, the state is what
// playing from the beginning makes of it.
func TestSeekIsPlaying(t *testing.T) {
	stage.SetKeyframeEvery(t, 64)
	for _, c := range []cluster{
		{clients: 12, servers: 3, sticky: true}, {clients: 40, servers: 2}, {clients: 7, servers: 3, sticky: true, push: true},
	} {
		r := c.reel("websocket")
		if stage.Keyframes(r) < 5 {
			t.Fatalf("%d keyframes test little", stage.Keyframes(r))
		}
		draw := rand.New(rand.NewPCG(7, uint64(c.clients)))
		jumping := r.NewState()
		for range 200 {
			at := time.Duration(draw.Int64N(int64(61 * time.Second)))
			if draw.IntN(3) == 0 {
				at = at.Truncate(100 * time.Millisecond) // where things happen
			}
			jumping.Seek(at)
			played := stage.PlayedTo(r, at)
			if !reflect.DeepEqual(view(jumping), view(played)) {
				t.Fatalf("at %v:\nsought %+v\nplayed %+v", at, view(jumping), view(played))
			}
		}
	}
}

// TestStateAgainstCounting compares the state with counts of the events
// themselves.
func TestStateAgainstCounting(t *testing.T) {
	c := cluster{clients: 30, servers: 3, sticky: true}
	events, r := c.trace(), c.reel("websocket")
	s := r.NewState()
	for at := time.Duration(0); at <= 60*time.Second; at += 700 * time.Millisecond {
		s.Seek(at)
		connections, sessions := map[uint32]int{}, map[uint32]uint32{}
		var lost, requests, failed int32
		for _, e := range events {
			if e.At > at {
				break
			}
			switch e.Kind {
			case trace.Opened:
				connections[e.Host]++
				connections[e.Peer]++
			case trace.Closed:
				connections[e.Host]--
				connections[e.Peer]--
			case trace.SessionBegan:
				sessions[e.Client] = e.Host
			case trace.SessionLost:
				delete(sessions, e.Client)
				lost++
			case trace.Request:
				requests++
			case trace.Response:
				if e.Text == "failed" {
					failed++
				}
			}
		}
		held := map[uint32]int32{}
		for _, h := range sessions {
			held[h]++
		}
		for i, h := range r.Hosts {
			if got := s.Hosts[i]; int(got.Connections) != connections[h.ID] || got.Sessions != held[h.ID] {
				t.Fatalf("%v %s: %+v, want %d connections, %d sessions", at, h.Name, got, connections[h.ID], held[h.ID])
			}
		}
		if got := s.Total; got.Lost != lost || got.Sessions != int32(len(sessions)) || got.Requests != requests || got.Failed != failed {
			t.Fatalf("%v: %+v, want %d lost, %d sessions, %d requests, %d failed", at, got, lost, len(sessions), requests, failed)
		}
	}
}

// TestCrashEmptiesItsServer is the point of the whole picture.
func TestCrashEmptiesItsServer(t *testing.T) {
	r := cluster{clients: 30, servers: 3, sticky: true}.reel("websocket")
	s, www2 := r.NewState(), r.Place("www-2")
	s.Seek(20*time.Second - 1)
	if got := s.Hosts[www2]; got.Sessions != 10 || got.Condition != trace.Up {
		t.Errorf("before the crash: %+v", got)
	}
	s.Seek(20 * time.Second)
	if got := s.Hosts[www2]; got.Sessions != 0 || got.Lost != 10 || got.Condition != trace.Down {
		t.Errorf("at the crash: %+v", got)
	}
	if s.Total.Away != 10 || s.Total.Connected != 20 {
		t.Errorf("at the crash: %+v", s.Total)
	}
	s.Seek(r.End)
	if s.Total.Sessions != 30 || s.Total.Away != 0 || s.Total.Lost != 10 {
		t.Errorf("at the end: %+v", s.Total)
	}
}

// TestStrangeTraces: what refers to nothing is left out, and nothing breaks.
func TestStrangeTraces(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	for round := range 300 {
		b := stage.NewBuilder("http1")
		at := time.Duration(0)
		for i := range uint32(draw.IntN(6)) {
			b.Add(trace.Event{Kind: trace.Host, Host: i + 1, Code: draw.IntN(8), Text: "h"})
		}
		for range draw.IntN(200) {
			at += time.Duration(draw.IntN(3)) * time.Millisecond
			b.Add(trace.Event{
				At: at, Kind: trace.Kind(1 + draw.IntN(21)), Host: uint32(draw.IntN(8)), Peer: uint32(draw.IntN(8)),
				Client: uint32(draw.IntN(4)), Serial: uint32(draw.IntN(4)), Code: draw.IntN(8), Bytes: draw.IntN(2000),
				Until: at + time.Duration(draw.IntN(30))*time.Millisecond, Text: []string{"", "ok", "failed", "hit", "miss"}[draw.IntN(5)],
			})
		}
		s := stage.New(fixedWidths{})
		s.Reset(0, "http1")
		s.Load(b.Reel())
		s.SetSpeed([]float64{.001, 1, 100}[round%3])
		scene := stage.NewScene(fixedWidths{})
		for range 5 {
			s.Resize(float64(draw.IntN(900)), float64(draw.IntN(700)))
			s.Seek(time.Duration(draw.Int64N(int64(at + 1))))
			s.Draw(scene)
			s.Hover(stage.Point{X: draw.Float64() * 900, Y: draw.Float64() * 700})
			s.Draw(scene)
		}
	}
}

func TestStepAndFaults(t *testing.T) {
	s := crash(10)
	s.NextFault()
	if s.Now != 20*time.Second {
		t.Errorf("the first fault is at %v", s.Now)
	}
	s.Step(-1)
	if s.Now >= 20*time.Second || s.Now < 19*time.Second {
		t.Errorf("the event before it is at %v", s.Now)
	}
	s.Step(1)
	if s.Now != 20*time.Second {
		t.Errorf("and the one after that at %v", s.Now)
	}
	s.NextFault()
	s.NextFault()
	if s.Now != 20*time.Second {
		t.Errorf("after the last comes the first, not %v", s.Now)
	}
}

func TestHistory(t *testing.T) {
	r := cluster{clients: 6, servers: 3, sticky: true}.reel("websocket")
	s := r.NewState()
	s.Seek(20 * time.Second)
	lines := s.History(r.Place("www-2"), 50)
	if len(lines) == 0 || !contains(lines, "20.000 s  fault: crash of www-2") || !contains(lines, "20.000 s  down: www-2 crashed at 20s") {
		t.Errorf("history of www-2: %q", lines)
	}
	lines = s.History(r.Client(1), 50)
	if !contains(lines, "20.000 s  session lost: www-2 crashed at 20s") || !contains(lines, "20.000 s  thrown off") {
		t.Errorf("history of its client: %q", lines)
	}
	if got := s.History(r.Client(0), 2); len(got) != 2 {
		t.Errorf("two lines were asked for, not %q", got)
	}
}

func contains(lines []string, line string) bool {
	for _, l := range lines {
		if l == line {
			return true
		}
	}
	return false
}
