package stage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/viz/stage"
)

// begin is the stage of how a scenario begins, after which each of its servers
// crashes at the same time.
func begin(t *testing.T, scenario *scenarios.Scenario) *stage.Stage {
	t.Helper()
	const crash = 3 * time.Second
	s := stage.New(textWidths{})
	for _, strategy := range scenario.Strategies {
		b := stage.NewBuilder(string(strategy))
		var servers []uint32
		ctx, cancel := context.WithCancel(t.Context())
		_, err := world.Simulate(ctx, scenario, world.Options{
			Strategies: []scenarios.Strategy{strategy},
			Trace: func(scenarios.Strategy, uint64) trace.Sink {
				return func(e trace.Event) {
					switch {
					case e.At > crash:
						cancel()
						return
					case e.Kind == trace.Host && trace.Role(e.Code) == trace.Server:
						servers = append(servers, e.Host)
					}
					b.Add(e)
				}
			},
		})
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		cancel()
		for _, h := range servers {
			b.Add(trace.Event{At: crash, Kind: trace.State, Host: h, Code: int(trace.Down), Text: "crashed"})
		}
		s.Load(b.Reel())
	}
	return s
}

// TestEveryHostIsNamed: of every shipped scenario, on a phone, a tablet and a
// screen, each host that is no client has a name of its own in its card, and no
// text crosses another; connections go from left to right.
func TestEveryHostIsNamed(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates, which other tests do enough of")
	}
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario, err := scenarios.Load(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			s := begin(t, scenario)
			scene := stage.NewScene(textWidths{})
			// The stage's sizes in a page that is 390, 768 and 1280 pixels wide.
			for _, size := range [][2]float64{{362, 560}, {362, 400}, {728, 620}, {888, 558}} {
				s.Resize(size[0], size[1])
				for _, at := range []time.Duration{0, 2 * time.Second, 3 * time.Second} {
					s.Seek(at)
					s.Draw(scene)
					where := fmt.Sprintf("%v at %v", size, at)
					check(t, where, scene)
					named(t, where, s, scene)
				}
				rightwards(t, size, s)
			}
		})
	}
}

// rightwards holds whoever opens connections to stand left of whom they are to.
func rightwards(t *testing.T, size [2]float64, s *stage.Stage) {
	t.Helper()
	for _, l := range s.Lanes() {
		for _, link := range l.Reel.Links {
			from, to := s.Bounds(stage.Target{Lane: l, Host: link.From}), s.Bounds(stage.Target{Lane: l, Host: link.To})
			if from.X+from.W > to.X {
				t.Errorf("%v, %s: %s connects to %s, which is not right of it", size, l.Strategy, l.Reel.Hosts[link.From].Name, l.Reel.Hosts[link.To].Name)
			}
		}
	}
}

// named holds each lane's hosts to have names of their own, within their cards.
func named(t *testing.T, where string, s *stage.Stage, scene *stage.Scene) {
	t.Helper()
	for _, l := range s.Lanes() {
		given := map[string]string{}
		for i, h := range l.Reel.Hosts {
			if h.Role == trace.Client {
				continue
			}
			card := s.Bounds(stage.Target{Lane: l, Host: int32(i)})
			name := ""
			for k := range scene.Items {
				item := &scene.Items[k]
				box := stage.Rect{X: float64(item.X), Y: float64(item.Y) - .74*float64(item.Size), W: float64(item.W), H: .74 * float64(item.Size)}
				if item.Shape == stage.Text && item.Bold && box.Within(card) {
					name = string(scene.TextOf(item)) // the first in the card
					break
				}
			}
			switch other, taken := given[fmt.Sprint(h.Role)+name]; {
			case name == "":
				t.Errorf("%s, %s: %s has no name in %v", where, l.Strategy, h.Name, card)
			case !short(h.Name, name):
				t.Errorf("%s, %s: %s is named %q", where, l.Strategy, h.Name, name)
			case taken:
				t.Errorf("%s, %s: %s and %s are both named %q", where, l.Strategy, h.Name, other, name)
			}
			given[fmt.Sprint(h.Role)+name] = h.Name
		}
	}
}

// short says that the letters of a name are a host's, some left out.
func short(host, name string) bool {
	for _, letter := range name {
		for host != "" && rune(host[0]) != letter {
			host = host[1:]
		}
		if host == "" {
			return false
		}
		host = host[1:]
	}
	return true
}

// TestShortNames: where whole names have no space, there are short ones.
func TestShortNames(t *testing.T) {
	s := stage.New(textWidths{})
	for _, strategy := range []string{"http1", "http1-close", "http2", "websocket"} {
		s.Load(cluster{clients: 40, servers: 9}.reel(strategy))
	}
	scene := stage.NewScene(textWidths{})
	for _, size := range [][2]float64{{320, 480}, {390, 500}, {280, 420}} {
		s.Resize(size[0], size[1])
		s.Seek(22 * time.Second)
		s.Draw(scene)
		check(t, fmt.Sprint(size), scene)
		named(t, fmt.Sprint(size), s, scene)
	}
}

// TestSmallServersSayTheirSessions: on a phone too, where there is space for a line.
func TestSmallServersSayTheirSessions(t *testing.T) {
	s := crash(45)
	s.Resize(362, 506)
	s.Seek(15 * time.Second)
	scene := stage.NewScene(fixedWidths{})
	s.Draw(scene)
	l := s.Lane("websocket")
	for i, h := range l.Reel.Hosts {
		if h.Role != trace.Server {
			continue
		}
		card, said := s.Bounds(stage.Target{Lane: l, Host: int32(i)}), false
		for k := range scene.Items {
			item := &scene.Items[k]
			said = said || item.Shape == stage.Text && card.Contains(stage.Point{X: float64(item.X), Y: float64(item.Y)}) &&
				strings.HasPrefix(string(scene.TextOf(item)), "15 sess")
		}
		if !said {
			t.Errorf("%s says no sessions in %v", h.Name, card)
		}
	}
}
