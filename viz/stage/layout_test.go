package stage_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/viz/stage"
)

// stages are clusters of all shapes.
var stages = sync.OnceValue(func() map[string]*stage.Stage {
	all := map[string]*stage.Stage{}
	for _, c := range []cluster{
		{clients: 10, servers: 2}, {clients: 40, servers: 3}, {clients: 300, servers: 3}, {clients: 1500, servers: 12},
		{clients: 100, servers: 3, roles: []trace.Role{trace.Firewall, trace.Cache, trace.Shield, trace.Store}},
	} {
		for lanes := 1; lanes <= 4; lanes++ {
			if lanes == 2 || c.clients > 1000 && lanes != 3 || testing.Short() && lanes != 3 {
				continue
			}
			s := stage.New(textWidths{})
			names := []string{"http1", "websocket", "http1-close", "http2"}[:lanes]
			s.Reset(0, names...)
			for i, n := range names {
				c.sticky, c.push = i == 1, i == 2
				s.Load(c.reel(n))
			}
			all[fmt.Sprintf("%d clients, %d servers, %d lanes, %d more", c.clients, c.servers, lanes, len(c.roles))] = s
		}
	}
	return all
})

var sizes = [][2]float64{{1280, 600}, {1024, 500}, {768, 700}, {390, 760}, {390, 500}, {320, 480}}

// TestTextsKeepApart: at any size no text covers another or leaves the canvas.
func TestTextsKeepApart(t *testing.T) {
	for name, s := range stages() {
		scene := stage.NewScene(textWidths{})
		for _, size := range sizes {
			s.Resize(size[0], size[1])
			for _, at := range []time.Duration{20100 * time.Millisecond, 60 * time.Second} {
				s.Seek(at)
				s.Draw(scene)
				check(t, fmt.Sprintf("%s, %v at %v", name, size, at), scene)
			}
		}
	}
}

func check(t *testing.T, where string, scene *stage.Scene) {
	t.Helper()
	canvas := stage.Rect{W: scene.Width, H: scene.Height}
	var boxes []stage.Rect
	var texts []string
	for i := range scene.Items {
		item := &scene.Items[i]
		if item.Shape != stage.Text {
			continue
		}
		size := float64(item.Size)
		box := stage.Rect{X: float64(item.X), Y: float64(item.Y) - .74*size, W: float64(item.W), H: .95 * size}
		text := string(scene.TextOf(item))
		if !box.Within(canvas) {
			t.Errorf("%s: %q leaves the canvas: %v", where, text, box)
		}
		for k, other := range boxes {
			if box.Overlaps(other) {
				t.Errorf("%s: %q %v covers %q %v", where, text, box, texts[k], other)
			}
		}
		boxes, texts = append(boxes, box), append(texts, text)
	}
}

// TestLanesFillTheStage: lanes leave no hole, and are of one size unless their
// number has no divisor.
func TestLanesFillTheStage(t *testing.T) {
	names := []string{"http1", "http1-close", "http2", "websocket", "sse", "poll"}
	for n := 1; n <= len(names); n++ {
		s := stage.New(textWidths{})
		s.Reset(0, names[:n]...)
		scene := stage.NewScene(textWidths{})
		for _, size := range append([][2]float64{{888, 558}, {888, 620}, {728, 620}, {634, 558}, {362, 560}}, sizes...) {
			s.Resize(size[0], size[1])
			s.Draw(scene)
			area, right, bottom := 0.0, 0.0, 0.0
			first := s.Lanes()[0].Bounds()
			for _, l := range s.Lanes() {
				r := l.Bounds()
				area, right, bottom = area+r.W*r.H, max(right, r.X+r.W), max(bottom, r.Y+r.H)
				if (r.W-first.W > .1 || r.H-first.H > .1) && n != 5 {
					t.Errorf("%d lanes, %v: %v and %v differ", n, size, first, r)
				}
			}
			if whole := (right - first.X) * (bottom - first.Y); area < .88*whole || right < size[0]-20 || bottom < size[1]-80 {
				t.Errorf("%d lanes, %v: %.0f %% of the space is used, to %.0f, %.0f", n, size, 100*area/whole, right, bottom)
			}
		}
	}
}

// TestEverythingHasAPlace: hosts stand apart, in their lanes, in the order of
// columns; what is drawn somewhere is found there.
func TestEverythingHasAPlace(t *testing.T) {
	for name, s := range stages() {
		for _, size := range sizes {
			s.Resize(size[0], size[1])
			canvas := stage.Rect{W: size[0], H: size[1]}
			for _, l := range s.Lanes() {
				s.Sync(l)
				if !l.Bounds().Within(canvas) {
					t.Errorf("%s, %v: the lane of %s leaves the canvas: %v", name, size, l.Strategy, l.Bounds())
				}
				var cards []stage.Rect
				for i, h := range l.Reel.Hosts {
					target := stage.Target{Lane: l, Host: int32(i)}
					r := s.Bounds(target)
					if !r.Within(l.Bounds()) {
						t.Errorf("%s, %v: %s leaves its lane: %v", name, size, h.Name, r)
					}
					if h.Role == trace.Client {
						if got := s.At(r.Centre(), 0); l.Reel.Clients() <= 300 && got != target {
							t.Errorf("%s, %v: where client %d is there is %v", name, size, i, got.Host)
						}
						continue
					}
					if got := s.At(r.Centre(), 0); got != target {
						t.Errorf("%s, %v: where %s is there is %v", name, size, h.Name, got)
					}
					for _, o := range cards {
						if r.Overlaps(o) {
							t.Errorf("%s, %v: %s covers another host", name, size, h.Name)
						}
					}
					cards = append(cards, r)
				}
			}
		}
	}
}

// TestReach: a finger that misses a server by a little still means it.
func TestReach(t *testing.T) {
	s := crash(30)
	s.Resize(1000, 500)
	l := s.Lane("websocket")
	target := stage.Target{Lane: l, Host: l.Reel.Place("www-2")}
	r := s.Bounds(target)
	beside := stage.Point{X: r.X + r.W + 5, Y: r.Y + r.H/2}
	if got := s.At(beside, 0); got.Lane != nil {
		t.Errorf("beside the server there is %v", got)
	}
	if got := s.At(beside, 14); got != target {
		t.Errorf("a finger beside the server means %v", got)
	}
}

// TestReload: a new trace of an edited scenario keeps the time and the choice.
func TestReload(t *testing.T) {
	s := crash(30)
	s.Seek(21 * time.Second)
	l := s.Lane("websocket")
	s.Choose(stage.Target{Lane: l, Host: l.Reel.Place("www-3")})
	s.Load(cluster{clients: 50, servers: 4, sticky: true}.reel("websocket"))
	if s.Now != 21*time.Second || len(s.Lanes()) != 2 {
		t.Errorf("at %v with %d lanes", s.Now, len(s.Lanes()))
	}
	if got := s.Chosen(); l.Reel.Hosts[got.Host].Name != "www-3" {
		t.Errorf("now %v is chosen", got)
	}
	if got := s.Sync(l).Total.Lost; got == 0 {
		t.Error("the new trace is not where the old one was")
	}
}
