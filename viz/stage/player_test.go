package stage_test

import (
	"testing"
	"time"

	"protosim/viz/stage"
)

// TestSpeedFitsTheRun: a run takes about half a minute unless told otherwise.
func TestSpeedFitsTheRun(t *testing.T) {
	for length, want := range map[time.Duration]float64{
		time.Minute: 2, 30 * time.Second: 1, 10 * time.Second: .5, 2 * time.Minute: 5, time.Second: .05, time.Hour: 100,
	} {
		p := stage.Player{End: length}
		if p.Speed() != want {
			t.Errorf("a run of %v is played at %v, want %v", length, p.Speed(), want)
		}
		if took := time.Duration(float64(length) / p.Speed()); took < 18*time.Second || took > 48*time.Second {
			t.Errorf("a run of %v takes %v", length, took)
		}
	}
}

func TestPlayer(t *testing.T) {
	p := stage.Player{End: 10 * time.Second}
	p.SetSpeed(.01)
	p.Play()
	p.Pass(50 * time.Millisecond)
	if p.Now != 500*time.Microsecond {
		t.Errorf("in slow motion 50 ms are %v", p.Now)
	}
	if p.Pass(time.Hour); p.Now > 2*time.Millisecond {
		t.Errorf("a tab that slept is at %v", p.Now)
	}
	p.SetSpeed(1000)
	p.Pass(100 * time.Millisecond)
	if p.Now != p.End || p.Playing {
		t.Errorf("at the end: %+v", p)
	}
	if p.Pass(time.Second) {
		t.Error("time passes after the end")
	}
	p.Play()
	if p.Now != 0 || !p.Playing {
		t.Errorf("played again: %+v", p)
	}
	p.SetSpeed(0)
	if p.Speed() != .5 {
		t.Errorf("speed by itself: %v", p.Speed())
	}
	p.Seek(time.Hour)
	if p.Now != p.End {
		t.Errorf("sought beyond the end: %v", p.Now)
	}
}
