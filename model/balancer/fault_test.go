package balancer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"protosim/model/balancer"
	"protosim/model/random"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// crash ends a backend's process, which starts again later.
func (b *backend) crash(t testing.TB) {
	b.rig.onConductor(b.host.Crash)
	b.server.Close()
	b.rig.sleep(time.Second)
	b.start(t)
}

// disturb does n random things to the backends, one after the other.
func (r *rig) disturb(t testing.TB, draw *rand.Rand, n int) {
	for range n {
		r.sleep(time.Duration(draw.IntN(400)) * ms)
		b := r.backends[draw.IntN(len(r.backends))]
		back := balancer.Backend{Name: b.name, Address: b.name + ":80"}
		switch draw.IntN(6) {
		case 0:
			b.crash(t)
		case 1:
			r.balancer.Drain(b.name, time.Duration(draw.IntN(200))*ms)
			r.sleep(300 * ms)
			r.balancer.Add(back)
		case 2:
			r.balancer.Remove(b.name)
			r.sleep(100 * ms)
			r.balancer.Add(back)
		case 3:
			r.balancer.SetDown(b.name, true)
			r.sleep(200 * ms)
			r.balancer.SetDown(b.name, false)
		case 4:
			r.onConductor(b.host.Vanish)
			r.sleep(time.Duration(draw.IntN(3000)) * ms)
			r.onConductor(b.host.Return)
		case 5:
			r.balancer.Drain(b.name, 10*time.Second)
			r.balancer.Add(back)
		}
	}
}

// faults runs clients while backends come and go, and checks what must hold
// whatever happens.
func faults(t testing.TB, r *rig, seed uint64) {
	draw := random.New(seed, "faults")
	disturbed := make(chan struct{})
	r.clock.Go(vtime.Key{A: 1 << 51}, func() {
		defer close(disturbed)
		r.disturb(t, draw, 6)
	})
	const rounds = 8
	r.each(func(v *visitor) {
		for i := range rounds {
			v.fetch(3, "GET", 0)
			v.fetch(1, "POST", 2000)
			v.rig.sleep(time.Duration(100*i) * ms)
		}
	})
	<-disturbed
	for _, v := range r.clients {
		total := v.results.failed
		for _, n := range v.results.status {
			total += n
		}
		if total != rounds*4 {
			t.Errorf("client %d: %d of %d requests ended", v.number, total, rounds*4)
		}
	}
	// Every fourth request of a client is a POST: none arrives twice.
	for _, v := range r.clients {
		for serial := uint32(4); serial <= v.serial; serial += 4 {
			seen := 0
			for _, b := range r.backends {
				for id, n := range b.seen {
					if id.Client == v.number && id.Serial == serial {
						seen += n
					}
				}
			}
			if seen > 1 {
				t.Errorf("client %d's POST %d arrived %d times", v.number, serial, seen)
			}
		}
	}
	r.each(func(v *visitor) { v.Close() })
	r.sleep(2 * time.Minute) // what is silent is given up
	stats := r.balancer.Stats()
	for _, b := range stats.Backends {
		if b.Active != 0 {
			t.Errorf("%s: %d still active", b.Name, b.Active)
		}
	}
	for _, e := range r.balancer.Errors() {
		t.Error(e)
	}
}

var everyConfig = []setup{
	{strategy: scenarios.HTTP1, cfg: balancer.Config{Affinity: balancer.ByCookie, SlowStart: 2 * time.Second}},
	{strategy: scenarios.HTTP1, cfg: balancer.Config{Policy: balancer.LeastConnections, Health: balancer.HealthConfig{Interval: 200 * ms}}},
	{strategy: scenarios.HTTP2, cfg: balancer.Config{Policy: balancer.TwoChoices, IdleTimeout: time.Second}},
	{strategy: scenarios.HTTP2, tls: true, cfg: balancer.Config{Health: balancer.HealthConfig{Interval: 500 * ms}}},
	{strategy: scenarios.WebSocket, cfg: balancer.Config{Upgrade: true, Policy: balancer.Random, ConnectTimeout: time.Second}},
	{strategy: scenarios.WebSocket, tls: true, cfg: balancer.Config{Upgrade: true, Affinity: balancer.BySource, IdleTimeout: time.Second}},
	{strategy: scenarios.HTTP1, cfg: balancer.Config{Kind: balancer.L4, Policy: balancer.LeastConnections}},
	{strategy: scenarios.WebSocket, cfg: balancer.Config{Kind: balancer.L4, IdleTimeout: time.Second, Health: balancer.HealthConfig{Interval: 200 * ms}}},
}

// Runs with faults are repeatable too.
func TestDigestsWithFaults(t *testing.T) {
	for i, s := range everyConfig {
		s.clients, s.seed, s.loss = 4, 5, 0.01
		t.Run(fmt.Sprintf("%d/%s/%s", i, s.strategy, s.cfg.Kind), func(t *testing.T) {
			sameDigest(t, s, func(r *rig) { faults(t, r, 5) })
		})
	}
}

// Random faults break none of what must hold.
func TestRandomFaults(t *testing.T) {
	n := uint64(60) // RANDOM_FAULTS=500 takes a few minutes
	if more, err := strconv.ParseUint(os.Getenv("RANDOM_FAULTS"), 10, 64); err == nil {
		n = more
	}
	if testing.Short() {
		n = uint64(len(everyConfig)) / 2
	}
	for seed := range n {
		s := everyConfig[seed%uint64(len(everyConfig))]
		s.clients, s.seed = 3, seed
		s.loss = float64(seed%3) / 100
		play(t, s, func(r *rig) { faults(t, r, seed) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
