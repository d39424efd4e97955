package chart

import "protosim/model/result"

// subject is what the workload is made of: the metric that counts what
// succeeded, the series of it, and words for one and for all.
type subject struct{ metric, series, one, many string }

func subjectOf(r *result.Result) subject {
	if result.HasPushes(r) {
		return subject{"push.delivered", "events.delivered", "event", "events"}
	}
	return subject{"requests.total", "requests.ok", "request", "requests"}
}
