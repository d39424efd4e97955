package result

import (
	"fmt"
	"slices"
	"strings"
)

// A strategy that serves fewer users, or answers fewer of what they ask, has
// less to do: its bytes, its connections and the times of those that it did
// serve say nothing beside those of strategies that served everybody.
type shares [4]float64 // of clients, events, pages and requests

// enough is which share of the best strategy's share another must have served
// to have served as much. It is lower for events, as the run's end cuts off those
// that the next poll would have fetched.
var enough = shares{.95, .8, .95, .95}

// serving are the metrics that no strategy improves by serving fewer, as they
// count who and what is served.
var serving = []string{
	"connect.success_ratio", "push.delivered", "pages.loaded", "requests.failed",
	"sessions.lost", "unserved.peak", "recovery_ms", "slo.error_budget_spent",
}

// served are the shares of what there was to serve that the run served: of the
// clients that tried, of the events that were sent to them, of the pages, and of
// the requests.
func (run *Run) served(ofPushes bool) shares {
	m := run.Metrics
	of := func(part, whole float64) float64 {
		if whole <= 0 {
			return 1
		}
		return min(part/whole, 1)
	}
	s := shares{1, of(m["push.delivered"], m["push.sent"]), of(m["pages.loaded"], m["pages.total"]), 1}
	if ratio, ok := m["connect.success_ratio"]; ok {
		s[0] = min(ratio, 1)
	}
	if !ofPushes {
		s[3] = of(m["requests.ok"], m["requests.ok"]+m["requests.failed"])
	}
	return s
}

// Short reports for each run how much of what there was to serve it served,
// at most 1, if that is less than another run did, and 0 if it is not.
func Short(r *Result) []float64 {
	var best shares
	for i := range r.Runs {
		for k, s := range r.Runs[i].served(ofPushes(r)) {
			best[k] = max(best[k], s)
		}
	}
	short := make([]float64, len(r.Runs))
	for i := range r.Runs {
		for k, s := range r.Runs[i].served(ofPushes(r)) {
			if s < enough[k]*best[k] && (short[i] == 0 || s < short[i]) {
				short[i] = max(s, leastShare)
			}
		}
	}
	return short
}

// leastShare stands for serving nobody at all, as 0 means not to be short.
const leastShare = 1e-9

// ForWhom says behind a number that it is of a strategy that was Short.
func ForWhom(short float64) string {
	switch whom := Whom(short); {
	case short <= 0:
		return ""
	case whom == nobody:
		return " and serves nobody"
	default:
		return fmt.Sprintf(" for the %s that it serves", whom)
	}
}

// Whom is the share that a strategy serves which was Short.
func Whom(short float64) string {
	if short < .005 {
		return nobody
	}
	return fmt.Sprintf("%.0f %%", 100*short)
}

const nobody = "nobody"

// HasPushes says that the result is about events that servers push.
func HasPushes(r *Result) bool {
	return slices.ContainsFunc(r.Runs, func(run Run) bool { return run.Metrics["push.sent"] > 0 })
}

// ofPushes says that listening to events is all that clients do. Their requests
// cannot be compared: one strategy asks for every event, another once.
func ofPushes(r *Result) bool {
	return r.Scenario.Workload == "push" || HasPushes(r) && r.Scenario.Workload != "chat"
}

// Comparable says that a metric means the same under all strategies of the
// result.
func Comparable(r *Result, name string) bool {
	switch {
	case strings.HasPrefix(name, "request_ms"), strings.HasPrefix(name, "requests.") && name != "requests.failed":
		return !ofPushes(r)
	case name == "bytes.overhead_per_request":
		return !HasPushes(r)
	}
	return true
}
