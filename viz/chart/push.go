package chart

import (
	"slices"
	"strings"

	"protosim/model/result"
)

// isPush says that the result is about events that servers push. Their
// requests cannot be compared: one strategy asks for every event, another once.
func isPush(r *result.Result) bool {
	return slices.ContainsFunc(r.Runs, func(run result.Run) bool { return run.Metrics["push.sent"] > 0 })
}

// comparable says that a metric means the same under all strategies.
func comparable(r *result.Result, name string) bool {
	return !isPush(r) || !strings.HasPrefix(name, "request_ms") && name != "bytes.overhead_per_request"
}

// subject is what the workload is made of: the metric that counts what
// succeeded, the series of it, and words for one and for all.
type subject struct{ metric, series, one, many string }

func subjectOf(r *result.Result) subject {
	if isPush(r) {
		return subject{"push.delivered", "events.delivered", "event", "events"}
	}
	return subject{"requests.total", "requests.ok", "request", "requests"}
}
