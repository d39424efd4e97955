package stage_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/viz/palette"
	"protosim/viz/stage"
	"protosim/viz/stage/picture"
)

// shoot is the picture of a stage at a time.
func shoot(s *stage.Stage, at time.Duration, w, h float64, dark bool) *image.RGBA {
	p := picture.New(1)
	s.Dark = dark
	s.Resize(w, h)
	s.Seek(at)
	scene := stage.NewScene(p)
	s.Draw(scene)
	return p.Paint(scene)
}

// crashPicture is the stage of the golden pictures.
func crashPicture() *stage.Stage {
	s := stage.New(picture.New(1))
	s.Reset(0, "http2", "websocket")
	s.Load(cluster{clients: 60, servers: 3}.reel("http2"))
	s.Load(cluster{clients: 60, servers: 3, sticky: true}.reel("websocket"))
	return s
}

// TestGoldenPictures holds pictures before, at and after a crash to those stored,
// with some tolerance. UPDATE_GOLDEN=1 stores them anew: look at them.
func TestGoldenPictures(t *testing.T) {
	s := crashPicture()
	for _, c := range []struct {
		at   time.Duration
		w, h float64
		dark bool
	}{
		{15 * time.Second, 900, 420, false},
		{20100 * time.Millisecond, 900, 420, false},
		{40 * time.Second, 900, 420, false},
		{20100 * time.Millisecond, 390, 620, true},
	} {
		compare(t, fmt.Sprintf("crash-%vs-%v.png", c.at.Seconds(), c.w), shoot(s, c.at, c.w, c.h, c.dark))
	}
}

// compare holds a picture to the stored one, tile by tile: a figure that vanishes
// from a card is little of the picture and much of its tile.
func compare(t *testing.T, name string, got *image.RGBA) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		store(t, name, got)
		return
	}
	want := load(t, name)
	if got.Bounds() != want.Bounds() {
		t.Errorf("%s: %v, stored %v", name, got.Bounds(), want.Bounds())
		return
	}
	const side, most = 40, 56 // pixels, of 1600
	w, h := got.Bounds().Dx(), got.Bounds().Dy()
	for top := 0; top < h; top += side {
		for left := 0; left < w; left += side {
			different := 0
			for y := top; y < min(top+side, h); y++ {
				for x := left; x < min(left+side, w); x++ {
					if !near(got.At(x, y), want.At(x, y), 40) {
						different++
					}
				}
			}
			if different > most {
				t.Errorf("%s: %d pixels differ around %d, %d", name, different, left+side/2, top+side/2)
			}
		}
	}
}

// TestScenarioPictures holds pictures of shipped scenarios, with fewer clients, to
// those stored: as wide as the stage is on a screen of 1280 pixels.
func TestScenarioPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates, which other tests do enough of")
	}
	for _, c := range []struct {
		name string
		set  []string
		at   time.Duration
	}{
		{"rolling-deploy", []string{"clients.count=150", "duration=55s"}, 27 * time.Second},
		{"cdn-cache", []string{"clients.count=60", "duration=40s"}, 30 * time.Second},
		{"corporate-firewall", []string{"duration=12s"}, 11 * time.Second},
		{"scale-out", []string{"clients.count=120", "duration=30s"}, 26 * time.Second},
	} {
		scenario, err := scenarios.Load(c.name, c.set)
		if err != nil {
			t.Fatal(err)
		}
		builders := map[scenarios.Strategy]*stage.Builder{}
		for _, strategy := range scenario.Strategies {
			builders[strategy] = stage.NewBuilder(string(strategy))
		}
		res, err := world.Simulate(t.Context(), scenario, world.Options{Trace: func(strategy scenarios.Strategy, _ uint64) trace.Sink {
			return builders[strategy].Add
		}})
		if err != nil {
			t.Fatal(err)
		}
		s := stage.New(picture.New(1))
		for _, run := range res.Runs {
			reel := builders[run.Strategy].Reel()
			reel.Memory = int(run.Metrics["server.memory_bytes_per_connection"])
			s.Load(reel)
		}
		compare(t, c.name+".png", shoot(s, c.at, 890, 558, false))
	}
}

func store(t *testing.T, name string, picture image.Image) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// near says that colours differ by at most so much, of 255, in each part.
func near(a, b color.Color, most int) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	for _, d := range [...]int{int(ar>>8) - int(br>>8), int(ag>>8) - int(bg>>8), int(ab>>8) - int(bb>>8)} {
		if d > most || d < -most {
			return false
		}
	}
	return true
}

// TestColoursOfACrash: the clients of the crashed server wear its colour before,
// and the colour of failure then; where requests carry their sessions nobody does.
func TestColoursOfACrash(t *testing.T) {
	s := crashPicture()
	for _, dark := range []bool{false, true} {
		count := func(at time.Duration, strategy string, ink palette.Ink) int {
			picture := shoot(s, at, 900, 420, dark)
			want := ink.OnLight()
			if dark {
				want = ink.OnDark()
			}
			l := s.Lane(strategy)
			n := 0
			// Where the clients stand.
			for i := range l.Reel.Clients() {
				r := s.Bounds(stage.Target{Lane: l, Host: l.Reel.Client(i)})
				for y := int(r.Y); y <= int(r.Y+r.H); y++ {
					for x := int(r.X); x <= int(r.X+r.W); x++ {
						if near(picture.At(x, y), want, 12) {
							n++
						}
					}
				}
			}
			return n
		}
		hue, failed := palette.Server(1), palette.Failed
		before, after := 15*time.Second, 20050*time.Millisecond
		if n := count(before, "websocket", hue); n < 20*50 {
			t.Errorf("dark %v: before the crash %d pixels of the clients have their server's colour", dark, n)
		}
		if n := count(after, "websocket", hue); n > 0 {
			t.Errorf("dark %v: after the crash %d pixels still have its colour", dark, n)
		}
		if n := count(after, "websocket", failed); n < 20*10 {
			t.Errorf("dark %v: after the crash %d pixels have the colour of failure", dark, n)
		}
		if n := count(before, "websocket", failed) + count(after, "http2", hue); n > 0 {
			t.Errorf("dark %v: %d pixels have colours of a loss where there was none", dark, n)
		}
	}
}
