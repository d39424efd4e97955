package store

import (
	"math"
	"strings"
	"time"
)

func (c *call) del() {
	n := 0
	for _, key := range c.args {
		if c.data.delete(key) {
			n++
		}
	}
	c.integer(int64(n))
}

// exists counts keys, and like touch counts as using them.
func (c *call) exists() {
	n := 0
	for _, key := range c.args {
		if c.data.get(key) != nil {
			n++
		}
	}
	c.integer(int64(n))
}

// expire is EXPIRE and PEXPIRE.
func (c *call) expire() {
	var nx, xx, gt, lt bool
	for _, o := range c.args[2:] {
		switch strings.ToLower(string(o)) {
		case "nx":
			nx = true
		case "xx":
			xx = true
		case "gt":
			gt = true
		case "lt":
			lt = true
		default:
			c.error("ERR Unsupported option " + string(o))
			return
		}
	}
	if nx && (xx || gt || lt) {
		c.error("ERR NX and XX, GT or LT options at the same time are not compatible")
		return
	}
	if gt && lt {
		c.error("ERR GT and LT options at the same time are not compatible")
		return
	}
	n, ok := c.number(c.args[1])
	if !ok {
		return
	}
	at, ok := c.deadline(n, c.name == "expire")
	if !ok {
		return
	}
	e := c.data.get(c.args[0])
	if e == nil || nx && e.place >= 0 || xx && e.place < 0 ||
		gt && (e.place < 0 || at <= e.at) || lt && e.place >= 0 && at >= e.at {
		c.integer(0)
		return
	}
	if at <= c.now {
		c.data.delete(c.args[0])
	} else {
		c.data.expiry.set(e, at)
	}
	c.integer(1)
}

// deadline returns the time in n seconds or milliseconds, or answers that there
// is no such time.
func (c *call) deadline(n int64, seconds bool) (time.Duration, bool) {
	unit := time.Millisecond
	if seconds {
		unit = time.Second
	}
	// Redis allows for times up to the end of 64 bits of milliseconds, far
	// beyond what a run lasts.
	const most = math.MaxInt64 / int64(time.Millisecond)
	if n > math.MaxInt64/1000 && seconds || n < math.MinInt64/1000 && seconds {
		c.error("ERR invalid expire time in '" + c.name + "' command")
		return 0, false
	}
	if n > most/2 || seconds && n > most/2000 {
		return math.MaxInt64, true
	}
	if n < -most/2 || seconds && n < -most/2000 {
		return math.MinInt64, true
	}
	return c.now + time.Duration(n)*unit, true
}

// ttl is TTL, in seconds to the nearest, and PTTL.
func (c *call) ttl() {
	e := c.data.entries[string(c.args[0])]
	switch {
	case e == nil:
		c.integer(-2)
	case e.place < 0:
		c.integer(-1)
	case c.name == "ttl":
		c.integer(int64((e.at - c.now + 500*time.Millisecond) / time.Second))
	default:
		c.integer((e.at - c.now).Milliseconds())
	}
}

func (c *call) persist() {
	e := c.data.get(c.args[0])
	if e == nil || e.place < 0 {
		c.integer(0)
		return
	}
	c.data.expiry.set(e, 0)
	c.integer(1)
}

func (c *call) dbSize() { c.integer(int64(len(c.data.entries))) }

func (c *call) flush() {
	for _, e := range c.data.entries {
		c.data.expiry.set(e, 0)
		c.data.drop(e)
	}
	c.status("OK")
}
