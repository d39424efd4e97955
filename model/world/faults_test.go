package world_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"protosim/model/world"
	"protosim/scenarios"
)

// schedule draws scenarios of a fleet of three to which up to five faults happen.
type schedule struct{ *rand.Rand }

func (r schedule) one(of ...string) string { return of[r.IntN(len(of))] }

// perhaps returns text, in one of n cases.
func (r schedule) perhaps(n int, text string) string {
	if r.IntN(n) == 0 {
		return text
	}
	return ""
}

// scenario draws what happens, under one strategy.
func (r schedule) scenario(seed int) string {
	balancer := r.one("l7, upgrade: true", "l4")
	affinities := []string{"none", "none", "source"}
	if balancer != "l4" {
		affinities = append(affinities, "cookie")
	}
	state := r.one("auto", "memory", "store", "client")
	return fmt.Sprintf(`
name: random-faults
workload: session
duration: 12s
seed: %d
strategies: [%s]
network: {rtt: 30ms}
clients: {count: 6, arrival: 1s, timeout: 2s, reconnect: {base: 100ms, cap: 1s}%s%s%s%s}
session: {state: %s, unsafe: %t, interval: {uniform: {min: 200ms, max: 900ms}}%s%s}
balancer: {kind: %s, policy: %s, affinity: %s, health_interval: %s%s}
servers: {count: 3, service_time: {exponential: {mean: 20ms}}}
%sfaults:
%s`, seed, r.one(strategyNames("session")...),
		r.perhaps(4, ", heartbeat: {interval: 700ms, timeout: 300ms}"), r.perhaps(4, ", retry_budget: {window: 4s}, retry_tokens: {capacity: 5}"),
		r.perhaps(4, ", reconnect_budget: {attempts: 3, window: 2s}"), r.perhaps(4, ", breaker: {failures: 3, open: 500ms}"),
		state, r.IntN(2) == 0, r.perhaps(5, ", length: 4s"), r.perhaps(5, ", resume: false"),
		balancer, r.one("round-robin", "random", "least-connections", "two-choices", "consistent-hash"), r.one(affinities...),
		r.one("0s", "500ms"), r.perhaps(4, ", slow_start: 2s"),
		r.perhaps(6, "tls: {enabled: true}\n"), r.faults(state == "store"))
}

func strategyNames(workload string) (names []string) {
	for _, s := range scenarios.StrategiesOf(workload) {
		names = append(names, string(s))
	}
	return names
}

// faults draws what happens to the fleet. A deploy does not end after the run.
func (r schedule) faults(store bool) string {
	var b strings.Builder
	deploys := 0
	for range 1 + r.IntN(5) {
		at := fmt.Sprintf("at: %dms", 500+r.IntN(9000))
		if r.IntN(4) == 0 {
			at = fmt.Sprintf("at: 1s, when: %s", r.one("requests.ok >= 40", "clients.unserved > 0", "sessions.lost > 0", "connections.open < 6", "requests.failed > 2"))
		}
		lasts := ""
		if r.IntN(3) > 0 {
			lasts = fmt.Sprintf(", for: %dms", 1+r.IntN(4000))
		}
		server := r.one("www-1", "www-2", "www-3", "servers")
		target := r.one(server, server, "balancer")
		if store {
			target = r.one(target, "store")
		}
		switch r.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "  - {%s, kind: crash, target: %s%s}\n", at, target, lasts)
		case 1:
			fmt.Fprintf(&b, "  - {%s, kind: vanish, target: %s%s}\n", at, target, lasts)
		case 2:
			if deploys++; deploys > 1 {
				break
			}
			from, target := 500+r.IntN(3000), r.one("servers", "servers", server)
			fmt.Fprintf(&b, "  - {at: %dms, kind: deploy, target: %s, batch: %d, drain: %dms, restart: %dms%s}\n", from, target, 1+r.IntN(3), r.IntN(700), r.IntN(600),
				r.one("", "", ", surge: 1, max_unavailable: 0", ", surge: 2", ", max_unavailable: 1"))
			if target != "servers" { // with less capacity meanwhile, and another one in its turn
				fmt.Fprintf(&b, "  - {at: 500ms, when: time >= %g, kind: scale, to: %d, drain: %dms}\n", float64(from+r.IntN(1500))/1000, 1+r.IntN(3), r.IntN(1000))
				for _, other := range []string{"www-1", "www-2", "www-3"} {
					if other != target {
						b.WriteString(r.perhaps(2, fmt.Sprintf("  - {at: %dms, kind: deploy, target: %s, drain: %dms, restart: %dms, max_unavailable: 1}\n", from+r.IntN(1000), other, r.IntN(700), r.IntN(600))))
					}
				}
			}
		case 3:
			fmt.Fprintf(&b, "  - {at: 500ms, when: time >= %d, kind: scale, to: %d, drain: 1s}\n", 1+r.IntN(8), 1+r.IntN(4))
		case 4:
			if store {
				server = r.one(server, "store")
			}
			fmt.Fprintf(&b, "  - {%s, kind: slow, target: %s, factor: %d%s}\n", at, server, 1+r.IntN(100), lasts)
		case 5:
			fmt.Fprintf(&b, "  - {%s, kind: errors, target: %s, rate: %d%%%s}\n", at, server, r.IntN(101), lasts)
		case 6:
			fmt.Fprintf(&b, "  - {%s, kind: degrade, target: %s, loss: %d%%, delay: %dms%s}\n", at, r.one("clients", target), r.IntN(40), r.IntN(200), lasts)
		case 7:
			fmt.Fprintf(&b, "  - {%s, kind: partition, target: %s, peer: %s, one_way: %t%s}\n", at, server, r.one("balancer", "balancer", "clients"), r.IntN(2) == 0, lasts)
		}
	}
	fmt.Fprintf(&b, "  - {at: 9s, kind: slow, factor: 1}\n")
	return b.String()
}

// A balancer that is cut off ends connections without its clients' hearing of it.
// One that a client has reset a stream on is not idle to net/http until the server
// answers, which it never does. The run ends all the same.
func TestRunEndsWithHalfOpenConnections(t *testing.T) {
	s := parse(t, `
workload: session
duration: 12s
seed: 724
strategies: [http2]
network: {rtt: 30ms}
clients: {count: 6, arrival: 1s, timeout: 2s}
session: {state: memory, unsafe: true, interval: {uniform: {min: 200ms, max: 900ms}}}
balancer: {kind: l4}
servers: {count: 3, service_time: {exponential: {mean: 20ms}}}
faults:
  - {at: 3191ms, kind: vanish, target: balancer, for: 3807ms}
  - {at: 1746ms, kind: deploy, target: servers, batch: 1, drain: 471ms, restart: 277ms, surge: 1, max_unavailable: 0}`)
	first, again := measure(t, s, scenarios.HTTP2), measure(t, s, scenarios.HTTP2)
	if !maps.Equal(first, again) {
		t.Error("another result when repeated")
	}
}

// TestRandomFaults lets faults of every kind fall together. Whatever happens,
// the run ends by itself, every goroutine and every connection with it, every
// request ends once, none that must not be repeated is carried out twice, and
// every session is in use, has ended, or was lost for a reason: a run that breaks
// one of these is an error (check.go).
func TestRandomFaults(t *testing.T) {
	schedules := 500
	if testing.Short() {
		schedules = 20
	}
	for i := range schedules {
		text := schedule{rand.New(rand.NewPCG(uint64(i), 1))}.scenario(i + 1)
		s, err := scenarios.Parse("random.yaml", []byte(text))
		if err != nil {
			t.Fatalf("schedule %d: %v\n%s", i, err, text)
		}
		res, err := world.Simulate(context.Background(), s, world.Options{})
		if err != nil {
			t.Errorf("schedule %d: %v\n%s", i, err, text)
			continue
		}
		if m := res.Runs[0].Metrics; m["requests.total"] == 0 {
			t.Errorf("schedule %d: nothing was asked\n%s", i, text)
		}
		if i%50 == 0 {
			again, err := world.Simulate(context.Background(), s, world.Options{})
			if err != nil || again.Runs[0].Digest != res.Runs[0].Digest {
				t.Errorf("schedule %d: another digest when repeated (%v)\n%s", i, err, text)
			}
		}
	}
}
