package stage_test

import (
	"fmt"
	"testing"
	"time"

	"protosim/viz/stage"
)

// TestFramesTakeNoMemory: once its buffers have grown a frame allocates nothing.
func TestFramesTakeNoMemory(t *testing.T) {
	for _, clients := range []int{30, 300, 2000, 10_000} {
		if clients != 300 && testing.Short() {
			continue
		}
		s := crash(clients)
		s.Resize(1280, 600)
		scene := stage.NewScene(fixedWidths{})
		for _, speed := range []float64{2, .01} {
			s.SetSpeed(speed)
			for at := 18 * time.Second; at < 24*time.Second; at += 30 * time.Millisecond { // grow
				s.Seek(at)
				s.Draw(scene)
			}
			at := 19 * time.Second
			allocations := testing.AllocsPerRun(100, func() {
				at += 33 * time.Millisecond
				s.Seek(at)
				s.Hover(stage.Point{X: 600, Y: 300})
				s.Draw(scene)
			})
			if allocations > 0 {
				t.Errorf("%d clients at speed %v: %v allocations a frame", clients, speed, allocations)
			}
		}
	}
}

// BenchmarkFrame is the time to move by a thirtieth of a second at double speed
// and to fill the scene, with two lanes.
func BenchmarkFrame(b *testing.B) {
	for _, clients := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			s := crash(clients)
			s.Resize(1280, 600)
			scene := stage.NewScene(fixedWidths{})
			s.Play()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if !s.Playing {
					s.Play()
				}
				s.Pass(time.Second / 30)
				s.Draw(scene)
			}
			b.ReportMetric(float64(len(scene.Items)), "items")
		})
	}
}

// BenchmarkSeek jumps to and fro in a reel of some 300,000 events.
func BenchmarkSeek(b *testing.B) {
	r := cluster{clients: 1000, servers: 3, sticky: true}.reel("websocket")
	s := r.NewState()
	b.ResetTimer()
	for i := range b.N {
		s.Seek(time.Duration(i%7) * 9 * time.Second)
	}
}
