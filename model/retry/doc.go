// Package retry is how clients behave when something has failed: how long they
// wait (Policy), when they give up (Limit), what they do so as not to make an
// outage worse (Throttle, Quota, Budget, Breaker), and how a crowd spreads out
// (Spread).
//
// Every piece is pure: the time is an argument, a duration since the start of
// the run, and random numbers come from the caller's stream, so that the same
// run makes the same decisions. The libraries that were looked at
// (cenkalti/backoff, sony/gobreaker) read time.Now and draw from the global
// math/rand, which leaves neither virtual time nor a seed to the caller. None
// of the types is safe for concurrent use.
package retry
