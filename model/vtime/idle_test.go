package vtime_test

import (
	"context"
	"testing"
	"time"

	"protosim/model/vtime"
)

// Who waits is told whenever nothing has moved for the limit, however many others have
// what they waited for; and nobody is told while nobody waits.
func TestIdle(t *testing.T) {
	const limit = 60 * time.Second
	for name, c := range map[string]struct {
		do   func(i *vtime.Idle, sleep func(time.Duration))
		want time.Duration // 0 for never
	}{
		"nobody waits":         {func(i *vtime.Idle, _ func(time.Duration)) { i.Touch() }, 0},
		"somebody waits":       {func(i *vtime.Idle, _ func(time.Duration)) { i.Expect() }, limit},
		"what was expected":    {func(i *vtime.Idle, _ func(time.Duration)) { i.Expect(); i.Met() }, 0},
		"one of two has it":    {func(i *vtime.Idle, _ func(time.Duration)) { i.Expect(); i.Expect(); i.Met() }, limit},
		"in the other order":   {func(i *vtime.Idle, _ func(time.Duration)) { i.Expect(); i.Met(); i.Expect() }, limit},
		"something moves":      {func(i *vtime.Idle, sleep func(time.Duration)) { i.Expect(); sleep(50 * time.Second); i.Touch() }, 50*time.Second + limit},
		"what is late is over": {func(i *vtime.Idle, sleep func(time.Duration)) { i.Expect(); sleep(limit + 1); i.Touch() }, limit},
		"somebody waits anew": {func(i *vtime.Idle, sleep func(time.Duration)) {
			i.Expect()
			sleep(10 * time.Second)
			i.Met()
			sleep(90 * time.Second)
			i.Expect()
		}, 100*time.Second + limit},
		"ended before the time": {func(i *vtime.Idle, sleep func(time.Duration)) { i.Expect(); sleep(10 * time.Second); i.End() }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var expired []time.Duration
			err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
				i := &vtime.Idle{Time: clock, Key: vtime.Key{A: 1}, Limit: limit}
				i.Expire = func() { expired = append(expired, clock.Now()) }
				sleep := func(d time.Duration) { clock.Sleep(context.Background(), vtime.Key{A: 2}, d) }
				c.do(i, sleep)
				sleep(10 * limit)
				i.End()
				return nil
			})
			switch {
			case err != nil:
				t.Error(err)
			case c.want == 0 && len(expired) > 0, c.want > 0 && (len(expired) < 2 || expired[0] != c.want):
				t.Errorf("expired after %v, want %v", expired, c.want)
			case len(expired) > 1 && expired[len(expired)-1]-expired[len(expired)-2] != limit:
				t.Errorf("expired after %v, want each limit while somebody waits", expired)
			}
		})
	}
}
