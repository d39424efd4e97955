package world

import (
	"fmt"

	"protosim/model/memory"
	"protosim/model/result"
	"protosim/scenarios"
)

const (
	memoryEach = "server.memory_bytes_per_connection"
	memoryPeak = "server.memory_bytes_peak"
)

// followMemory follows what the connections that servers have accepted take of
// their memory. On the conductor, when one more is established.
func (w *world) followMemory() {
	if w.strategy == scenarios.Fallback {
		return // connections are of kinds that depend on the client
	}
	sockets := 0
	if w.strategy == scenarios.Hybrid {
		for _, m := range w.machines {
			sockets += m.sockets()
		}
	}
	kinds := w.connectionKinds()
	now := w.accepted * w.memoryOf(kinds[:1])
	if len(kinds) > 1 {
		now = max(w.accepted-sockets, 0)*w.memoryOf(kinds[:1]) + sockets*w.memoryOf(kinds[1:])
	}
	w.memory = max(w.memory, now)
}

// memoryMetrics tells what connections take of servers' memory, by what was
// measured of real servers (package memory).
func (w *world) memoryMetrics(m result.Metrics) {
	if w.strategy == scenarios.Fallback {
		return
	}
	m[memoryEach] = w.memoryPerConnection()
	m[memoryPeak] = float64(w.memory)
}

// MemoryPerConnection is what a connection takes of a server's memory in the
// scenario under a strategy, in bytes; 0 if connections are of kinds that depend on
// the client.
func MemoryPerConnection(s *scenarios.Scenario, strategy scenarios.Strategy) float64 {
	if strategy == scenarios.Fallback {
		return 0
	}
	return (&world{scenario: s, strategy: strategy}).memoryPerConnection()
}

func (w *world) memoryPerConnection() float64 {
	kinds := w.connectionKinds()
	return float64(w.memoryOf(kinds)) / float64(len(kinds))
}

// sources tells where the metrics come from that rest on what was measured
// beforehand.
func (w *world) sources() map[string]string {
	if w.strategy == scenarios.Fallback {
		return nil
	}
	text := ""
	for _, kind := range w.connectionKinds() {
		for _, p := range kind {
			f := memory.PerConnection(p, w.encrypts())
			if text != "" {
				text += "; "
			}
			text += fmt.Sprintf("%s %d bytes (%s, %s/%s; %s)", p, f.Bytes, f.GoVersion, f.GOOS, f.GOARCH, f.Source)
		}
	}
	return map[string]string{memoryEach: text, memoryPeak: text}
}

// memoryOf is what a connection of each kind takes, in all.
func (w *world) memoryOf(kinds [][]memory.Protocol) int {
	sum := 0
	for _, kind := range kinds {
		for _, p := range kind {
			sum += memory.PerConnection(p, w.encrypts()).Bytes
		}
	}
	return sum
}

// encrypts reports whether servers speak TLS: balancers and caches in front of
// them do it for them.
func (w *world) encrypts() bool {
	return w.scenario.TLS.Enabled && w.scenario.Balancer.Kind == "none" && !w.scenario.Cache.Caches()
}

// connectionKinds are the kinds of connections that servers have open while
// their clients wait, each by what it consists of. Reverse proxies speak
// HTTP/1.1 with servers, whatever their clients speak.
func (w *world) connectionKinds() [][]memory.Protocol {
	multiplexed := w.carrier() == scenarios.HTTP2 && w.scenario.Balancer.Kind != "l7" && !w.scenario.Cache.Caches()
	http := []memory.Protocol{memory.HTTP1}
	waiting := w.strategy == scenarios.LongPoll || w.strategy == scenarios.SSE // for an answer that is held back
	switch {
	case multiplexed && waiting:
		http = []memory.Protocol{memory.HTTP2, memory.HTTP2Stream}
	case multiplexed:
		http = []memory.Protocol{memory.HTTP2}
	case waiting:
		http = []memory.Protocol{memory.HTTP1Waiting}
	}
	switch w.strategy {
	case scenarios.Hybrid:
		return [][]memory.Protocol{http, {memory.WebSocket}}
	case scenarios.WebSocket:
		return [][]memory.Protocol{{memory.WebSocket}}
	}
	return [][]memory.Protocol{http}
}
