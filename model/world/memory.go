package world

import (
	"protosim/model/memory"
	"protosim/model/result"
	"protosim/scenarios"
)

// memoryMetrics tells what the clients' connections take of servers' memory, by
// what was measured of real servers (package memory).
func (w *world) memoryMetrics(m result.Metrics) {
	if w.strategy == scenarios.Fallback {
		return // connections are of kinds that depend on the client
	}
	each := w.memoryPerConnection()
	m["server.memory_bytes_per_connection"] = float64(each)
	m["server.memory_bytes_peak"] = float64(each * w.peak)
}

// memoryPerConnection is what a connection takes in the state in which clients
// keep it while they wait.
func (w *world) memoryPerConnection() int {
	size := func(p memory.Protocol) int { return memory.PerConnection(p, w.scenario.TLS.Enabled).Bytes }
	waiting := w.strategy == scenarios.LongPoll || w.strategy == scenarios.SSE // for an answer that is held back
	switch {
	case w.strategy == scenarios.Hybrid: // one of each kind
		http := memory.HTTP2
		if w.carrier() == scenarios.HTTP1 {
			http = memory.HTTP1
		}
		return (size(memory.WebSocket) + size(http)) / 2
	case w.strategy == scenarios.WebSocket:
		return size(memory.WebSocket)
	case w.carrier() == scenarios.HTTP2 && waiting:
		return size(memory.HTTP2) + size(memory.HTTP2Stream)
	case w.carrier() == scenarios.HTTP2:
		return size(memory.HTTP2)
	case waiting:
		return size(memory.HTTP1Waiting)
	}
	return size(memory.HTTP1)
}
