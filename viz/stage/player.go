package stage

import (
	"math"
	"time"
)

// Player is a clock of virtual time that can be played, paused and moved.
type Player struct {
	Now, End time.Duration
	Playing  bool

	speed   float64       // 0: chosen by the length of the run
	unknown time.Duration // of the run, at its end: it is still being simulated
}

// The bounds of speeds, in virtual seconds per second.
const (
	SlowestSpeed = 0.001
	FastestSpeed = 1000
)

// Speed is how many virtual seconds pass in a second.
func (p *Player) Speed() float64 {
	if p.speed > 0 {
		return p.speed
	}
	return fitting(p.End)
}

// fitting is the round speed at which a run of this length takes about half a
// minute.
func fitting(length time.Duration) float64 {
	const wanted = 30 * time.Second
	if length <= 0 {
		return 1
	}
	ratio := float64(length) / float64(wanted)
	decade := math.Pow(10, math.Floor(math.Log10(ratio)))
	best := decade
	for _, round := range []float64{2, 5, 10} {
		if math.Abs(math.Log(round*decade/ratio)) < math.Abs(math.Log(best/ratio)) {
			best = round * decade
		}
	}
	return min(max(best, SlowestSpeed), FastestSpeed)
}

// SetSpeed sets the speed; 0 lets the length of the run choose it.
func (p *Player) SetSpeed(speed float64) {
	if speed <= 0 || math.IsNaN(speed) {
		p.speed = 0
		return
	}
	p.speed = min(max(speed, SlowestSpeed), FastestSpeed)
}

// Play lets time pass, from the beginning if it is at the end.
func (p *Player) Play() {
	if p.Now >= p.End {
		p.Now = 0
	}
	p.Playing = true
}

// Pause stops time.
func (p *Player) Pause() { p.Playing = false }

// Known is the time as far as the player can go by now.
func (p *Player) Known() time.Duration { return p.End - p.unknown }

// Seek moves to a time of the run that is known.
func (p *Player) Seek(t time.Duration) { p.Now = min(max(t, 0), p.Known()) }

// Pass lets wall time pass, and says whether virtual time has passed too. Where
// nothing is known yet the player waits, at the end it pauses.
func (p *Player) Pass(wall time.Duration) bool {
	if !p.Playing || p.End <= 0 {
		return false
	}
	// A tab in the background sleeps: it does not miss what happens meanwhile.
	wall = min(wall, 100*time.Millisecond)
	before := p.Now
	p.Seek(p.Now + time.Duration(float64(wall)*p.Speed()))
	if p.Now == p.End {
		p.Playing = false
	}
	return p.Now != before || !p.Playing
}
