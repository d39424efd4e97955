//go:build unix

package main

import (
	"syscall"
	"testing"
)

// interrupt does to this process what Ctrl-C does.
func interrupt(t *testing.T) {
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
		t.Error(err)
	}
}
