package store

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const syntaxError = "ERR syntax error"

func (c *call) get() {
	if e := c.data.get(c.args[0]); e != nil {
		c.bulk(e.value)
		return
	}
	c.null()
}

func (c *call) mget() {
	c.array(len(c.args))
	for _, key := range c.args {
		if e := c.data.get(key); e != nil {
			c.bulk(e.value)
		} else {
			c.null()
		}
	}
}

func (c *call) strlen() {
	n := 0
	if e := c.data.get(c.args[0]); e != nil {
		n = len(e.value)
	}
	c.integer(int64(n))
}

func (c *call) getDel() {
	c.get()
	c.data.delete(c.args[0])
}

// setOptions are what may follow SET and GETEX.
type setOptions struct {
	nx, xx, get, keep, persist bool
	life                       []byte // after which it expires, nil for none given
	seconds                    bool   // it is in
	at                         time.Duration
}

// options reads them, or answers what is wrong with them.
func (c *call) options(args [][]byte, allowed string) (o setOptions, ok bool) {
	lifetimes := 0
	for len(args) > 0 {
		name := strings.ToLower(string(args[0]))
		args = args[1:]
		if !strings.Contains(allowed, " "+name+" ") {
			c.error(syntaxError)
			return o, false
		}
		switch name {
		case "nx":
			o.nx = true
		case "xx":
			o.xx = true
		case "get":
			o.get = true
		case "keepttl":
			o.keep = true
			lifetimes++
		case "persist":
			o.persist = true
			lifetimes++
		case "ex", "px":
			lifetimes++
			if len(args) == 0 {
				c.error(syntaxError)
				return o, false
			}
			o.life, o.seconds = args[0], name == "ex"
			args = args[1:]
		}
	}
	if o.nx && o.xx || lifetimes > 1 {
		c.error(syntaxError)
		return o, false
	}
	return o, true
}

// until works out when a key is to expire, or answers that it cannot.
func (c *call) until(o *setOptions) bool {
	if o.life == nil {
		return true
	}
	n, ok := c.number(o.life)
	if !ok {
		return false
	}
	if n <= 0 {
		c.error("ERR invalid expire time in '" + c.name + "' command")
		return false
	}
	o.at, ok = c.deadline(n, o.seconds)
	return ok
}

func (c *call) set() {
	if o, ok := c.options(c.args[2:], " nx xx get ex px keepttl "); ok {
		c.setWith(c.args[0], c.args[1], o)
	}
}

func (c *call) setWith(key, value []byte, o setOptions) {
	if !c.until(&o) {
		return
	}
	old := c.data.get(key)
	if o.get {
		if old != nil {
			c.bulk(old.value)
		} else {
			c.null()
		}
	}
	if o.nx && old != nil || o.xx && old == nil {
		if !o.get {
			c.null()
		}
		return
	}
	e := c.data.set(key, value)
	switch {
	case o.life != nil:
		c.data.expiry.set(e, o.at)
	case !o.keep:
		c.data.expiry.set(e, 0)
	}
	if !o.get {
		c.status("OK")
	}
}

func (c *call) setNX() {
	if c.data.get(c.args[0]) != nil {
		c.integer(0)
		return
	}
	c.data.set(c.args[0], c.args[1])
	c.integer(1)
}

// setEx is SETEX and PSETEX.
func (c *call) setEx() {
	c.setWith(c.args[0], c.args[2], setOptions{life: c.args[1], seconds: c.name == "setex"})
}

func (c *call) getEx() {
	o, ok := c.options(c.args[1:], " ex px persist ")
	if !ok {
		return
	}
	e := c.data.entries[string(c.args[0])]
	if e != nil && !c.until(&o) {
		return
	}
	c.get()
	switch {
	case e == nil:
	case o.life != nil:
		c.data.expiry.set(e, o.at)
	case o.persist:
		c.data.expiry.set(e, 0)
	}
}

// increment is INCR, DECR, INCRBY and DECRBY.
func (c *call) increment() {
	by, ok := int64(1), true
	if len(c.args) > 1 {
		if by, ok = c.number(c.args[1]); !ok {
			return
		}
	}
	if strings.HasPrefix(c.name, "decr") {
		if by == math.MinInt64 {
			c.error("ERR decrement would overflow")
			return
		}
		by = -by
	}
	n := int64(0)
	if e := c.data.get(c.args[0]); e != nil {
		if n, ok = c.number(e.value); !ok {
			return
		}
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		c.error("ERR increment or decrement would overflow")
		return
	}
	n += by
	c.data.set(c.args[0], strconv.AppendInt(nil, n, 10))
	c.integer(n)
}
