package network

import (
	"slices"
	"time"
)

// Degradation is what makes a link worse for a while.
type Degradation struct {
	Delay time.Duration // more of it
	Loss  float64       // probability that a packet is lost by this, from 0 to 1
}

// Degrade makes the link worse than its configuration says, until end is called.
// Degradations add up. Both before the run, or on the conductor.
func (l *Link) Degrade(d Degradation) (end func()) {
	held := &d
	l.degradations = append(l.degradations, held)
	l.degrade()
	return func() {
		l.degradations = slices.DeleteFunc(l.degradations, func(other *Degradation) bool { return other == held })
		l.degrade()
	}
}

// degrade works out how the link is now.
func (l *Link) degrade() {
	l.config = l.plain
	for _, d := range l.degradations {
		l.config.Delay += d.Delay
		l.config.Loss += d.Loss - l.config.Loss*d.Loss
	}
}
