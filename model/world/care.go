package world

import (
	"protosim/model/measure"
	"protosim/model/result"
)

// careMetrics tells what clients did so as not to make an outage worse, or to
// notice it, and what is left of the service's promise.
func (w *world) careMetrics(m result.Metrics) {
	r, c := w.recorder, w.scenario.Clients
	if w.scenario.Workload == "session" {
		m["retries.denied"] = float64(r.Care.RetriesDenied)
		m["clients.gave_up"] = float64(r.Care.GaveUp)
		m["sessions.resumed"] = float64(r.Care.Resumed)
		if c.Breaker.Failures > 0 {
			m["breaker.short_circuits"] = float64(r.Care.ShortCircuits)
		}
	}
	if c.Heartbeat.Interval > 0 {
		m["heartbeats.missed"] = float64(r.Care.HeartbeatsMissed)
	}
	if slo := w.scenario.SLO; slo.Target > 0 {
		bad := r.Ended[measure.Failed] + r.TooLate
		if all := bad + r.Ended[measure.OK] - r.TooLate; all > 0 {
			m["slo.error_budget_spent"] = float64(bad) / ((1 - float64(slo.Target)) * float64(all))
		}
	}
}
