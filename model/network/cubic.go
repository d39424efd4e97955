package network

import "time"

// cubic is the congestion control of RFC 9438, with Linux's constants and
// integer arithmetic, and HyStart (Ha and Rhee, "Taming the elephants", 2011)
// to leave slow start before the queue overflows.
type cubic struct {
	hystart hystart

	lastMax  int           // the window before the latest reduction
	epoch    time.Duration // when the present growth began
	growing  bool          // epoch is set
	k        int64         // time from epoch to origin, in 1/1024 s
	origin   int           // the window around which growth is flat
	every    int           // segments to acknowledge per segment of growth
	lastCwnd int
	lastTime time.Duration
	acks     int // segments acknowledged towards the Reno-friendly window
	friendly int // the window that Reno would have
	leastRTT time.Duration
}

// The constants of RFC 9438 section 4.6 (beta 0.7, C 0.4) in units of 1/1024.
const (
	betaScale   = 1024
	beta        = 717
	cubeScale   = 41 * 10 // C, scaled so that cube times it, over 2^40, is segments
	friendScale = 8 * (betaScale + beta) / 3 / (betaScale - beta)
)

func newCubic(hystart bool) *cubic {
	c := &cubic{}
	c.hystart.off = !hystart
	return c
}

func (c *cubic) acked(e *endpoint, rtt time.Duration) {
	if c.growing && e.clock.Now()-c.epoch < time.Second {
		return // samples right after recovery mislead
	}
	if c.leastRTT == 0 || rtt < c.leastRTT {
		c.leastRTT = rtt
	}
	if !c.hystart.found && !c.hystart.off && e.window.slowStart() {
		c.hystart.update(e, rtt, c.leastRTT)
	}
}

func (c *cubic) avoid(e *endpoint, acked int) {
	w := &e.window
	if w.slowStart() {
		if acked = w.grow(acked); acked == 0 {
			return
		}
	}
	c.update(e.clock.Now(), w.cwnd, acked)
	w.creep(c.every, acked)
}

// update computes how many segments must be acknowledged per segment of growth.
func (c *cubic) update(now time.Duration, cwnd, acked int) {
	c.acks += acked
	if c.lastCwnd == cwnd && now-c.lastTime <= time.Second/32 && c.every > 0 {
		return
	}
	c.lastCwnd, c.lastTime = cwnd, now
	if !c.growing {
		c.growing, c.epoch = true, now
		c.acks, c.friendly = acked, cwnd
		if c.lastMax <= cwnd {
			c.k, c.origin = 0, cwnd
		} else {
			c.k, c.origin = cubeRoot((1<<40)/cubeScale*int64(c.lastMax-cwnd)), c.lastMax
		}
	}
	t := int64((now - c.epoch + c.leastRTT).Microseconds()) * 1024 / 1_000_000
	off := t - c.k
	off = min(max(off, -off), 1<<17) // two minutes, far beyond any window
	delta := int(cubeScale * off * off * off >> 40)
	target := c.origin + delta
	if t < c.k {
		target = c.origin - delta
	}
	if target > cwnd {
		c.every = cwnd / (target - cwnd)
	} else {
		c.every = 100 * cwnd
	}
	if c.lastMax == 0 && c.every > 20 {
		c.every = 20 // 5 % a round trip while the path is unknown
	}
	// Never slower than Reno would be (section 4.3).
	for step := cwnd * friendScale >> 3; c.acks > step; c.acks -= step {
		c.friendly++
	}
	if c.friendly > cwnd {
		c.every = min(c.every, cwnd/(c.friendly-cwnd))
	}
	c.every = max(c.every, 2)
}

func (c *cubic) threshold(e *endpoint) int {
	cwnd := e.window.cwnd
	c.growing = false
	if cwnd < c.lastMax { // fast convergence, section 4.7
		c.lastMax = cwnd * (betaScale + beta) / (2 * betaScale)
	} else {
		c.lastMax = cwnd
	}
	return max(cwnd*beta/betaScale, 2)
}

func (c *cubic) timedOut(e *endpoint) {
	off := c.hystart.off
	*c = cubic{}
	c.hystart.off = off
	c.hystart.reset(e)
}

// resumed moves the epoch, so that idle time does not count as growth.
func (c *cubic) resumed(e *endpoint, idle time.Duration) {
	if c.growing {
		c.epoch = min(c.epoch+idle, e.clock.Now())
	}
}

// cubeRoot returns the integer cube root of n (Newton's method).
func cubeRoot(n int64) int64 {
	if n <= 0 {
		return 0
	}
	x := int64(1) << 21
	for {
		y := (2*x + n/(x*x)) / 3
		if y >= x {
			return x
		}
		x = y
	}
}

// hystart ends slow start when acknowledgements of one round trip arrive over
// more than half of the least round trip, or when the round trip has grown by
// an eighth (between 4 and 16 ms).
type hystart struct {
	off, found bool
	began      time.Duration // of the round
	lastAck    time.Duration
	ends       int64 // the round ends when this is acknowledged
	least      time.Duration
	samples    int
}

const (
	hystartWindow  = 16
	hystartSpacing = 2 * time.Millisecond
	hystartTrain   = time.Millisecond // for what segmentation offload holds back
	hystartSamples = 8
	hystartLeast   = 4 * time.Millisecond
	hystartMost    = 16 * time.Millisecond
)

func (h *hystart) reset(e *endpoint) {
	h.began = e.clock.Now()
	h.lastAck = h.began
	h.ends = e.nxt
	h.least = 0
	h.samples = 0
}

func (h *hystart) update(e *endpoint, rtt, leastRTT time.Duration) {
	if e.una > h.ends {
		h.reset(e)
	}
	w := &e.window
	if w.cwnd < hystartWindow {
		return
	}
	now := e.clock.Now()
	if now-h.lastAck <= hystartSpacing {
		h.lastAck = now
		if now-h.began > (leastRTT+hystartTrain)/2 {
			h.found = true
			w.ssthresh = w.cwnd
		}
	}
	if h.least == 0 || rtt < h.least {
		h.least = rtt
	}
	if h.samples < hystartSamples {
		h.samples++
	} else if h.least > leastRTT+min(max(leastRTT/8, hystartLeast), hystartMost) {
		h.found = true
		w.ssthresh = w.cwnd
	}
}
