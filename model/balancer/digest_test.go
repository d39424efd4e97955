package balancer_test

import (
	"fmt"
	"runtime"
	"testing"

	"protosim/model/balancer"
	"protosim/scenarios"
)

// sameDigest plays the same again and again at several numbers of cores, and
// expects the same run each time.
func sameDigest(t *testing.T, s setup, f func(*rig)) {
	t.Helper()
	cores := []int{1, 2, 8, 2, 8}
	if testing.Short() {
		cores = []int{1, 2, 8}
	}
	if runtime.GOARCH == "wasm" { // one core, and slow
		cores = []int{1, 1}
	}
	want := ""
	for _, n := range cores {
		old := runtime.GOMAXPROCS(n)
		got := play(t, s, f)
		runtime.GOMAXPROCS(old)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("digest at GOMAXPROCS %d is %s, and was %s", n, got, want)
			return
		}
	}
	t.Log("digest", want)
}

// A run is the same on each of its repetitions, whatever the number of cores.
func TestDigests(t *testing.T) {
	l7 := balancer.Config{Kind: balancer.L7, Upgrade: true, Affinity: balancer.ByCookie, Policy: balancer.TwoChoices}
	for _, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2, scenarios.WebSocket} {
		for _, s := range []setup{
			{cfg: l7},
			{cfg: l7, loss: 0.02},
			{cfg: l7, tls: true},
			{cfg: l7, tls: true, loss: 0.02},
			{cfg: balancer.Config{Kind: balancer.L4}, loss: 0.02},
		} {
			s.strategy, s.clients, s.seed = strategy, 4, 3
			t.Run(fmt.Sprintf("%s/%s/tls=%v/loss=%v", strategy, s.cfg.Kind, s.tls, s.loss), func(t *testing.T) {
				sameDigest(t, s, func(r *rig) { traffic(t, r) })
			})
		}
	}
}

// traffic lets clients fetch, post and fetch again, and expects success.
func traffic(t *testing.T, r *rig) {
	r.each(func(v *visitor) {
		v.fetch(10, "GET", 0)
		v.fetch(3, "POST", 30_000) // warm: several uploads over a new HTTP/2 connection contend for its window
		v.fetch(10, "GET", 0)
	})
	for _, v := range r.clients {
		if v.results.status[200] != 23 {
			t.Errorf("client %d: %v, %d failed", v.number, v.results.status, v.results.failed)
		}
	}
	for _, e := range r.balancer.Errors() {
		t.Error(e)
	}
}
