package world_test

import (
	"strings"
	"testing"

	"protosim/model/memory"
	"protosim/scenarios"
)

// What connections take of servers is counted where servers hold them: clients'
// own ones without a balancer, and its pool in clear behind one of kind l7.
func TestMemoryIsThatOfTheServersConnections(t *testing.T) {
	text := "workload: session\nduration: 10s\nstrategies: [http1, http2, websocket]\nclients: {count: 20, arrival: 5s}\ntls: {enabled: true}\nsession: {interval: 2s}\n"
	behind := text + "servers: {count: 3}\nbalancer: {health_interval: 0s, "
	for _, c := range []struct {
		text  string
		s     scenarios.Strategy
		each  memory.Protocol
		tls   bool
		conns [2]float64 // at least and at most at once
	}{
		{text, scenarios.HTTP1, memory.HTTP1, true, [2]float64{20, 20}},
		{text, scenarios.HTTP2, memory.HTTP2, true, [2]float64{20, 20}},
		{text, scenarios.WebSocket, memory.WebSocket, true, [2]float64{20, 20}},
		{behind + "kind: l4}", scenarios.HTTP2, memory.HTTP2, false, [2]float64{20, 20}},
		{behind + "kind: l7, upgrade: true}", scenarios.HTTP1, memory.HTTP1, false, [2]float64{1, 10}},
		{behind + "kind: l7, upgrade: true}", scenarios.HTTP2, memory.HTTP1, false, [2]float64{1, 10}},
		{behind + "kind: l7, upgrade: true}", scenarios.WebSocket, memory.WebSocket, false, [2]float64{20, 20}},
	} {
		run := simulate(t, parse(t, c.text), c.s).Runs[0]
		f := memory.PerConnection(c.each, c.tls)
		if got := run.Metrics["server.memory_bytes_per_connection"]; got != float64(f.Bytes) {
			t.Errorf("%s of %q: %v bytes for each connection, want %d", c.s, c.text, got, f.Bytes)
		}
		if n := run.Metrics["server.memory_bytes_peak"] / float64(f.Bytes); n < c.conns[0] || n > c.conns[1] {
			t.Errorf("%s of %q: memory of %v connections, want %v", c.s, c.text, n, c.conns)
		}
		for _, name := range []string{"server.memory_bytes_per_connection", "server.memory_bytes_peak"} {
			if source := run.Sources[name]; !strings.Contains(source, f.GoVersion) || !strings.Contains(source, f.Source) {
				t.Errorf("%s: %s comes from %q", c.s, name, source)
			}
		}
	}
}
