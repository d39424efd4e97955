package vtime

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
)

// bubble runs f in a synctest bubble: a group of goroutines with a clock of
// their own, which stands still while any of them can run.
//
// The package testing/synctest is meant for tests and offers no other
// entrance. Test works with an empty testing.T in any program, natively and as
// WebAssembly, but nobody promises it: this file is the only one to know, and
// TestBubbleCanary fails when a Go release changes it. f must not call
// anything that fails a test, and must not panic.
//
// bubble returns an error if goroutines of the bubble stay blocked for ever.
func bubble(f func()) error {
	done := make(chan error, 1)
	go func() { // Test may end its goroutine, so it gets one of its own
		err := errors.New("vtime: the bubble ended early")
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("vtime: %v", p)
			}
			done <- err
		}()
		synctest.Test(new(testing.T), func(*testing.T) { f() })
		err = nil
	}()
	return <-done
}

// quiesce blocks until every other goroutine of the bubble is durably blocked:
// waiting for a channel, a condition or time, and not for a mutex or a system
// call.
func quiesce() { synctest.Wait() }
