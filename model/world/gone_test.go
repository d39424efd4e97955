package world_test

import (
	"testing"
	"time"

	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/scenarios"
)

// impatient is an application that works for five seconds on what its clients
// wait for a second for.
const impatient = `
workload: session
duration: 20s
strategies: [http1, http1-close, http2, websocket]
network: {rtt: 40ms}
clients: {count: 4, timeout: 1s, retry: {attempts: 1}, reconnect: {base: 100ms, cap: 100ms}}
session: {state: client, interval: 100ms}
servers: {service_time: 5s}
`

// work returns how long a server worked on each request that it began between
// two times, and the statuses with which that ended.
func work(t *testing.T, s *scenarios.Scenario, strategy scenarios.Strategy, from, to time.Duration) (longest, shortest time.Duration, statuses map[int]int) {
	t.Helper()
	events, _ := traced(t, s, strategy)
	began := map[transport.ID]time.Duration{}
	statuses = map[int]int{}
	shortest = time.Hour
	for _, e := range events {
		id := transport.ID{Client: e.Client, Serial: e.Serial}
		if e.Kind == trace.Serving && e.At >= from && e.At < to {
			began[id] = e.At
		}
		if since, ok := began[id]; ok && e.Kind == trace.Served {
			longest, shortest = max(longest, e.At-since), min(shortest, e.At-since)
			statuses[e.Code]++
		}
	}
	return longest, shortest, statuses
}

// A server ends its work when its transport tells it that the client has gone: a
// connection that closes, RST_STREAM, a socket that ends. It hears of that one
// way after the client has given up, which it does a second after it has asked.
// From a client that is cut off it hears nothing, and works to the end.
func TestWorkEndsWithItsClient(t *testing.T) {
	for _, balancer := range []string{"", "balancer: {kind: l7, upgrade: true}\n", "balancer: {kind: l4}\n"} {
		for _, strategy := range scenarios.StrategiesOf("session") {
			s := parse(t, impatient+balancer, "duration=8s")
			longest, shortest, statuses := work(t, s, strategy, 2*time.Second, 6*time.Second)
			if longest > time.Second || shortest < 900*time.Millisecond || len(statuses) != 1 || statuses[499] < 4 {
				t.Errorf("%s, %q: worked for %v to %v, statuses %v", strategy, balancer, shortest, longest, statuses)
			}
			s = parse(t, impatient+balancer+"faults: [{at: 3s, kind: degrade, target: clients, loss: 100%}]")
			longest, shortest, statuses = work(t, s, strategy, 2100*time.Millisecond, 3*time.Second)
			if longest != 5*time.Second || shortest != 5*time.Second || len(statuses) != 1 || statuses[200] < 3 {
				t.Errorf("%s, %q, of clients that are cut off: worked for %v to %v, statuses %v", strategy, balancer, shortest, longest, statuses)
			}
		}
	}
}
