package result

import "runtime"

// MadeBy is the version of protosim for a result, with that of Go: its transports
// are what was simulated, and another Go may send other bytes at other times.
func MadeBy(protosim string) string { return protosim + " (" + runtime.Version() + ")" }
