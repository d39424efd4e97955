package world_test

import (
	"testing"

	"protosim/model/processor"
	"protosim/scenarios"
)

// BenchmarkFleet takes 2,000 sticky clients through a crash and a rolling deploy
// of all three servers, under each strategy. cpu-s/run is the processor time of the
// run: on so many idle cores as there are, all strategies together take the sum
// divided by the cores.
func BenchmarkFleet(b *testing.B) {
	for _, strategy := range scenarios.StrategiesOf("session") {
		b.Run(string(strategy), func(b *testing.B) {
			s := parse(b, `
workload: session
duration: 90s
strategies: [http1, http1-close, http2, websocket]
network: {rtt: 50ms}
clients: {count: 2000, arrival: 5s, timeout: 5s}
session: {state: memory, interval: {uniform: {min: 1s, max: 3s}}}
balancer: {kind: l7, affinity: cookie, upgrade: true}
servers: {count: 3}
faults:
  - {at: 15s, kind: crash, target: www-2, for: 5s}
  - {at: 30s, kind: deploy, drain: 5s, restart: 5s}
`)
			var requests float64
			began := processor.Time()
			for b.Loop() {
				m := measure(b, s, strategy)
				if m["sessions.lost"] < 2000 { // by each server once at least
					b.Fatalf("%v sessions lost", m["sessions.lost"])
				}
				requests += m["requests.total"]
			}
			took := processor.Time() - began
			b.ReportMetric(took.Seconds()/float64(b.N), "cpu-s/run")
			b.ReportMetric(took.Seconds()*1e6/requests, "cpu-µs/req")
		})
	}
}
