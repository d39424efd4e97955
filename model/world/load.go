package world

import (
	"context"
	"time"

	"protosim/model/result"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// loadKey orders the looks at the servers' load behind all else.
var loadKey = vtime.Key{A: ^uint64(0)}

// followLoad takes the loads of the servers at the run's end: the sockets that
// each holds where clients keep them, and otherwise the requests of the run's
// last tenth. It returns when the run ends.
func (w *world) followLoad(ctx context.Context) {
	f := w.fleets[0]
	if !w.balances() {
		return
	}
	end := w.scenario.Duration.Std()
	if w.clock.Sleep(ctx, loadKey, end-end/10) != nil {
		return
	}
	before := map[*machine]int64{}
	for _, m := range f.machines {
		before[m] = m.requests.Load()
	}
	if w.clock.Sleep(ctx, loadKey, end-w.clock.Now()-time.Millisecond) != nil {
		return
	}
	for _, m := range f.wanted() {
		n := float64(m.requests.Load() - before[m])
		if w.keeps() {
			n = float64(m.sockets())
		}
		w.loads = append(w.loads, n)
	}
}

// balances reports whether a balancer spreads clients over servers, whose loads
// can be compared.
func (w *world) balances() bool {
	return (w.scenario.Workload == "session" || w.scenario.Workload == "chat") && w.fleets[0].host != nil
}

// keeps reports whether clients keep sockets to the servers.
func (w *world) keeps() bool {
	return w.strategy == scenarios.WebSocket || w.strategy == scenarios.Hybrid
}

// loadMetrics tells how evenly the load was spread: the largest over the mean,
// and Jain's index (Jain, Chiu and Hawe, 1984).
func (w *world) loadMetrics(m result.Metrics) {
	var sum, squares, most float64
	for _, n := range w.loads {
		sum += n
		squares += n * n
		most = max(most, n)
	}
	if sum == 0 {
		return
	}
	n := float64(len(w.loads))
	m["servers.imbalance"] = most * n / sum
	if w.scales() {
		m["servers.rebalance_ms"] = result.Milliseconds(w.balance.after)
	}
	m["servers.jain"] = sum * sum / (n * squares)
}
