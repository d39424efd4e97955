package cache_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"protosim/model/cache"
	"protosim/model/cache/rfc9111"
	"protosim/model/vtime"
)

const second = time.Second

// Each requirement holds in the simulation and on real sockets, with and without
// collapsing, for clients of HTTP/1.1 and of HTTP/2.
func TestRFC9111(t *testing.T) {
	everywhere(t, func(t *testing.T, g ground) {
		for _, collapse := range []bool{false, true} {
			for _, multiplexed := range []bool{false, true} {
				var origin rfc9111.Origin
				s := on(t, g, cache.Config{Collapse: collapse}, origin.ServeHTTP)
				leftOut := rfc9111.Run(labelled{t, fmt.Sprintf("collapse %v, HTTP/2 %v: ", collapse, multiplexed)}, rfc9111.Cache{
					Address: s.address,
					Client:  s.client(multiplexed),
					Now:     func() time.Time { return s.began.Add(s.time().Now()) },
					Wait:    func() { s.time().Sleep(context.Background(), vtime.Key{A: 1 << 50}, 5*ms) },
					Sleep:   s.sleep,
				}, &origin)
				if leftOut > 0 {
					t.Errorf("%d rows were left out", leftOut)
				}
				s.close()
			}
		}
	})
}

// labelled says with each error what it is about.
type labelled struct {
	testing.TB
	label string
}

func (l labelled) Errorf(format string, args ...any) {
	l.TB.Helper()
	l.TB.Errorf("%s", l.label+fmt.Sprintf(format, args...))
}
