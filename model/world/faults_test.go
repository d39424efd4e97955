package world_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"protosim/model/world"
	"protosim/scenarios"
)

// randomFaults writes up to five faults that may happen to a fleet of three.
func randomFaults(r *rand.Rand) string {
	targets := []string{"www-1", "www-2", "www-3", "servers", "balancer", "store"}
	var b strings.Builder
	fmt.Fprintln(&b, "faults:")
	deploys := 0
	for range 1 + r.IntN(5) {
		at := fmt.Sprintf("%dms", 500+r.IntN(9000))
		lasts := ""
		if r.IntN(3) > 0 {
			lasts = fmt.Sprintf(", for: %dms", 1+r.IntN(4000))
		}
		target := targets[r.IntN(len(targets))]
		switch r.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "  - {at: %s, kind: crash, target: %s%s}\n", at, target, lasts)
		case 1:
			fmt.Fprintf(&b, "  - {at: %s, kind: vanish, target: %s%s}\n", at, target, lasts)
		case 2:
			if deploys++; deploys == 1 {
				fmt.Fprintf(&b, "  - {at: %s, kind: deploy, batch: %d, drain: %dms, restart: %dms}\n", at, 1+r.IntN(3), r.IntN(1000), r.IntN(1000))
			}
		case 3:
			fmt.Fprintf(&b, "  - {at: %s, kind: scale, to: %d, drain: 1s}\n", at, 1+r.IntN(5))
		case 4:
			fmt.Fprintf(&b, "  - {at: %s, kind: slow, target: www-%d, factor: %d%s}\n", at, 1+r.IntN(3), 1+r.IntN(100), lasts)
		case 5:
			fmt.Fprintf(&b, "  - {at: %s, kind: errors, target: www-%d, rate: %d%%%s}\n", at, 1+r.IntN(3), r.IntN(101), lasts)
		case 7:
			fmt.Fprintf(&b, "  - {at: %s, kind: partition, target: www-%d, peer: balancer, one_way: %t%s}\n", at, 1+r.IntN(3), r.IntN(2) == 0, lasts)
		case 6:
			fmt.Fprintf(&b, "  - {at: %s, kind: degrade, target: clients, loss: %d%%, delay: %dms%s}\n", at, r.IntN(40), r.IntN(200), lasts)
		}
	}
	fmt.Fprintf(&b, "  - {at: 9s, kind: slow, factor: 1}\n")
	return b.String()
}

// TestRandomFaults lets faults of every kind fall together. Whatever happens,
// the run ends by itself, every goroutine with it (the bubble tells), every
// request ends once (the world tells), and as many sessions are lost as were
// begun anew or given up.
func TestRandomFaults(t *testing.T) {
	schedules := 500
	if testing.Short() {
		schedules = 20
	}
	states := []string{"auto", "memory", "store", "client"}
	strategies := scenarios.StrategiesOf("session")
	for i := range schedules {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		text := fmt.Sprintf(`
name: random-faults
workload: session
duration: 12s
seed: %d
strategies: [%s]
network: {rtt: 30ms}
clients: {count: 6, arrival: 1s, timeout: 2s, reconnect: {base: 100ms, cap: 1s}}
session: {state: %s, unsafe: %t, interval: {uniform: {min: 200ms, max: 900ms}}}
balancer: {kind: %s, policy: %s, health_interval: 500ms}
servers: {count: 3}
%s`, i+1, strategies[r.IntN(len(strategies))], states[r.IntN(len(states))], r.IntN(2) == 0,
			[]string{"l7, upgrade: true", "l4"}[r.IntN(2)], []string{"round-robin", "random", "least-connections", "two-choices"}[r.IntN(4)], randomFaults(r))
		if !strings.Contains(text, "state: store") {
			text = strings.ReplaceAll(text, "target: store", "target: www-1")
		}
		s, err := scenarios.Parse("random.yaml", []byte(text))
		if err != nil {
			t.Fatalf("schedule %d: %v\n%s", i, err, text)
		}
		res, err := world.Simulate(context.Background(), s, world.Options{})
		if err != nil {
			t.Fatalf("schedule %d: %v\n%s", i, err, text)
		}
		m := res.Runs[0].Metrics
		if m["requests.ok"]+m["requests.failed"]+m["requests.abandoned"] != m["requests.total"] {
			t.Errorf("schedule %d: requests do not add up", i)
		}
		if m["sessions.lost"] > m["sessions.total"] {
			t.Errorf("schedule %d: lost %v of %v sessions", i, m["sessions.lost"], m["sessions.total"])
		}
		if i%50 == 0 {
			again, err := world.Simulate(context.Background(), s, world.Options{})
			if err != nil || again.Runs[0].Digest != res.Runs[0].Digest {
				t.Errorf("schedule %d: another digest when repeated (%v)\n%s", i, err, text)
			}
		}
	}
}
