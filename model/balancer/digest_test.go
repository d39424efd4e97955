package balancer_test

import (
	"fmt"
	"runtime"
	"testing"

	"protosim/model/balancer"
	"protosim/scenarios"
)

// A run is the same on each of its repetitions, whatever the number of cores.
func TestDigests(t *testing.T) {
	for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2, scenarios.WebSocket} {
		for _, s := range []setup{
			{},
			{loss: 0.02},
			{tls: true},
			{tls: true, loss: 0.02},
			{cfg: balancer.Config{Kind: balancer.L4}},
			{cfg: balancer.Config{Kind: balancer.L4}, loss: 0.02},
		} {
			if s.tls && s.cfg.Kind == balancer.L4 {
				continue
			}
			s.strategy, s.clients, s.seed = strategy, 5, 3
			if s.cfg.Kind == "" {
				s.cfg = balancer.Config{Upgrade: true, Affinity: balancer.ByCookie, Policy: balancer.TwoChoices}
			}
			t.Run(fmt.Sprintf("%s/%s/tls=%v/loss=%v", strategy, s.cfg.Kind, s.tls, s.loss), func(t *testing.T) {
				want := ""
				for _, procs := range []int{1, 2, 8} {
					for range 3 {
						old := runtime.GOMAXPROCS(procs)
						got := play(t, s, traffic(t))
						runtime.GOMAXPROCS(old)
						if want == "" {
							want = got
						}
						if got != want {
							t.Fatalf("digest at GOMAXPROCS %d is %s, and was %s", procs, got, want)
						}
					}
				}
			})
		}
	}
}

// traffic lets clients fetch, post and fetch again, and expects success.
func traffic(t *testing.T) func(*rig) {
	return func(r *rig) {
		r.each(func(v *visitor) {
			v.fetch(15, "GET", 0)
			v.fetch(4, "POST", 30_000) // warm: several uploads over a new HTTP/2 connection contend for its window
			v.fetch(15, "GET", 0)
		})
		for _, v := range r.clients {
			if v.results.status[200] != 34 {
				t.Errorf("client %d: %v, %d failed", v.number, v.results.status, v.results.failed)
			}
		}
		for _, e := range r.balancer.Errors() {
			t.Error(e)
		}
	}
}
