package stage

import (
	"testing"
	"time"
)

// SetKeyframeEvery lets a test have many keyframes in a short reel.
func SetKeyframeEvery(t *testing.T, n int) {
	before := keyframeEvery
	keyframeEvery = n
	t.Cleanup(func() { keyframeEvery = before })
}

// Keyframes is how many the reel has.
func Keyframes(r *Reel) int { return len(r.keyframes) }

// PlayedTo is the state at t without the help of any keyframe.
func PlayedTo(r *Reel, t time.Duration) *State {
	s := r.NewState()
	for s.next < len(r.records) && r.records[s.next].at <= t {
		s.apply(&r.records[s.next])
		s.next++
	}
	return s
}
