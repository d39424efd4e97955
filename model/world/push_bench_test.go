package world_test

import (
	"testing"
	"time"

	"protosim/model/processor"
	"protosim/scenarios"
)

// BenchmarkPush simulates 500 clients to whom servers push ten events a second
// for a minute: 300,000 deliveries.
func BenchmarkPush(b *testing.B) {
	for _, strategy := range scenarios.StrategiesOf("push") {
		b.Run(string(strategy), func(b *testing.B) {
			s := parse(b, `
workload: push
duration: 60s
network: {rtt: 50ms}
clients: {count: 500, arrival: 1s}
push: {interval: 100ms}`)
			delivered := 0.0
			began, busy := time.Now(), processor.Time()
			for b.Loop() {
				m := measure(b, s, strategy)
				if delivered = m["push.delivered"]; delivered < .9*m["push.sent"] || m["push.sent"] < 290_000 {
					b.Fatalf("%v of %v events were delivered", delivered, m["push.sent"])
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(time.Since(began).Seconds()/float64(b.N), "s/run")
			b.ReportMetric((processor.Time()-busy).Seconds()/float64(b.N), "cpu-s/run")
		})
	}
}
