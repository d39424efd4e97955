package vtime_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"protosim/model/vtime"
)

// run calls main in a bubble, and fails the test if it returns an error or
// leaves a goroutine behind.
func run(t testing.TB, main func(*vtime.Clock) error) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	if err := vtime.Run(context.Background(), main); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}

// conduct runs f on the conductor, before any time passes.
func conduct(c *vtime.Clock, f func()) { c.Post(vtime.Key{}, vtime.Func(f)) }

const ms = time.Millisecond
