//go:build js && wasm

package main

import (
	"runtime"
	"strconv"
	"time"
)

// cost is what frames have taken since somebody asked.
type cost struct {
	on            bool
	frames        int
	mallocs       uint64
	took          time.Duration
	before, after runtime.MemStats
}

// of measures the drawing of a frame.
func (c *cost) of(draw func()) {
	if !c.on {
		draw()
		return
	}
	runtime.ReadMemStats(&c.before)
	began := time.Now()
	draw()
	c.took += time.Since(began)
	runtime.ReadMemStats(&c.after)
	c.frames++
	c.mallocs += c.after.Mallocs - c.before.Mallocs
}

// restart begins to measure, and returns what there was until now.
func (c *cost) restart() string {
	b := appendInts([]byte(`{"on":1`), []string{"frames", "mallocs"}, int32(c.frames), int32(c.mallocs))
	b = append(b, `,"ms":`...)
	b = strconv.AppendFloat(b, c.took.Seconds()*1000/float64(max(c.frames, 1)), 'f', 3, 64)
	*c = cost{on: true}
	return string(append(b, '}'))
}
