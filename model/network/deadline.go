package network

import (
	"time"

	"protosim/model/vtime"
)

// deadline is a time after which calls fail. It is set under its connection's
// mutex and armed by the conductor.
type deadline struct {
	at      time.Time
	expired bool
	changed bool // since the conductor last looked
	timer   *vtime.Timer
}

// set changes the deadline and reports whether the conductor must know.
func (d *deadline) set(t time.Time) bool {
	d.expired = !t.IsZero() && time.Until(t) <= 0
	if d.expired {
		t = time.Time{} // nothing left to wait for
	}
	if t.Equal(d.at) {
		return false
	}
	d.at, d.changed = t, true
	return true
}

// take reports whether the deadline has changed since the last take.
func (d *deadline) take() bool {
	changed := d.changed
	d.changed = false
	return changed
}

// arm sets the timer, on the conductor.
func (d *deadline) arm(c *Conn) {
	clock := c.local.net.Clock
	if d.at.IsZero() {
		if d.timer != nil {
			d.timer.Stop()
		}
		return
	}
	if d.timer == nil {
		d.timer = clock.NewTimer(true, func() {
			c.mu.Lock()
			d.expired = true
			d.at = time.Time{}
			c.broadcast()
			c.mu.Unlock()
		})
	}
	d.timer.Set(clock.Since(d.at))
}
