//go:build unix

// Package processor tells what a program has had of the processor, which others
// on the machine disturb less than they do the time on the wall. It is for
// benchmarks: no result depends on it.
package processor

import (
	"syscall"
	"time"
)

// Time is the processor time that this process has had so far, user and system.
func Time() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for bad arguments only
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
