package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A simulation makes much garbage and keeps little: with twice as much garbage
// as what it keeps it takes a tenth less time than with as much. Beyond some
// memory that is worth less than the memory.
const (
	mostGarbage  = 200       // percent of what is kept
	leastGarbage = 100       // the same
	worthwhile   = 300 << 20 // bytes of garbage beyond which it is the least
)

// collect sets the garbage collector once a second, for as long as the process
// lives. It has no influence on what is simulated.
func collect() {
	kept := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	set := mostGarbage
	debug.SetGCPercent(set)
	for range time.Tick(time.Second) {
		metrics.Read(kept)
		if p := garbage(kept[0].Value.Uint64() + kept[1].Value.Uint64()); p != set {
			set = p
			debug.SetGCPercent(set)
		}
	}
}

// garbage is how much there may be, in percent of what is kept.
func garbage(kept uint64) int {
	return int(min(max(worthwhile*100/max(kept, 1), leastGarbage), mostGarbage))
}
