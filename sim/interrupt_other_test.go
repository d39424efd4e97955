//go:build !unix

package main

import "testing"

// interrupt skips: a process here cannot send Ctrl-C to itself.
func interrupt(t *testing.T) { t.Skip("no signals") }
