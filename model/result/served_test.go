package result_test

import (
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// firewalled is a result of pushes of which websocket served two thirds of the
// clients, for less.
func firewalled() *result.Result {
	r := sample()
	r.Scenario.Workload = "push"
	r.Runs = nil
	for _, run := range []struct {
		strategy                scenarios.Strategy
		clients, events, ms, kB float64
	}{{"longpoll", 1, 1000, 26, 900}, {"sse", 1, 1000, 25, 300}, {"websocket", .67, 670, 20, 100}} {
		r.Runs = append(r.Runs, result.Run{Strategy: run.strategy, Digest: "d", Metrics: result.Metrics{
			"connect.success_ratio": run.clients, "push.sent": 1000, "push.delivered": run.events, "push.latency_ms.p50": run.ms,
			"bytes.sent": run.kB * 1000, "requests.total": run.events, "requests.ok": run.events, "request_ms.p50": run.ms,
		}})
	}
	return r
}

// Who serves fewer is best by nothing that it has by that alone.
func TestServingFewerWinsNothing(t *testing.T) {
	r := firewalled()
	want := "Clients connected: longpoll and sse are best with 100 %; websocket has 67 %."
	if got := result.Finding(r); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	c := result.Compare(r)
	for name, best := range map[string]scenarios.Strategy{"push.latency_ms.p50": "sse", "bytes.sent": "sse", "requests.ok": "", "request_ms.p50": ""} {
		row := c.Row(name)
		if best == "" {
			if row.Decided || row.Best() != nil {
				t.Errorf("%s: somebody is best", name)
			}
			continue
		}
		if b := row.Best(); len(b) != 1 || c.Strategies[b[0]] != best || !row.Decided {
			t.Errorf("%s: best %v, decided %v, want %s", name, b, row.Decided, best)
		}
		if factor, over := row.Lead(); c.Strategies[over] != "longpoll" || factor <= 1 {
			t.Errorf("%s: ahead of %s by %v", name, c.Strategies[over], factor)
		}
	}
	if row := c.Row("connect.success_ratio"); !row.Decided || len(row.Best()) != 2 {
		t.Errorf("clients connected: %+v", row)
	}
	delete(r.Runs[0].Metrics, "connect.success_ratio")
	if got := result.Short(r); got[0] != 0 || got[1] != 0 || got[2] != .67 {
		t.Errorf("short are %v", got)
	}
}

// The last events of a poll are cut off by the run's end: that is no failure.
func TestEventsOnTheirWayAreNoFailure(t *testing.T) {
	r := firewalled()
	r.Runs[2].Metrics["connect.success_ratio"], r.Runs[2].Metrics["push.delivered"] = 1, 900
	want := "Event latency, median: websocket is best with 20 ms; sse has 1.25 times as much, longpoll has 1.30 times."
	if got := result.Finding(r); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A handful of failures among thousands is no headline, what the scenario
// expects something of is, before all else that tells strategies apart.
func TestHeadlineMatters(t *testing.T) {
	r := sample()
	r.Scenario.Expect = []string{"http1.servers.imbalance < 2 * http2.connections.opened"}
	for i, n := range []float64{3, 0} {
		r.Runs[i].Metrics = result.Metrics{"requests.total": 10_000, "requests.ok": 10_000 - n, "requests.failed": n, "request_ms.p50": 5 + n, "connections.opened": 2 * (1 + n)}
	}
	want := "Connections opened: http2 is best with 2; http1 has 8."
	if got := result.Finding(r); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	r.Runs[0].Metrics["requests.failed"] = 200
	want = "Requests failed: http2 is best with 0; http1 has 200."
	if got := result.Finding(r); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// Every strategy is held against the best one, not against its neighbour: one
// with a wide interval is level with it, though one with less is not.
func TestLevelWithTheBest(t *testing.T) {
	r := sample()
	r.Runs = append(r.Runs, run("websocket", "cc", 9300, 1))
	for i, v := range []struct{ mean, half float64 }{{4700, 100}, {8000, 300}, {9300, 12400}} {
		r.Runs[i].Metrics["page_load_ms.p50"] = v.mean
		r.Runs[i].CI95 = result.Metrics{"page_load_ms.p50": v.half}
	}
	row := result.Compare(r).Row("page_load_ms.p50")
	if b := row.Best(); len(b) != 2 || b[0] != 0 || b[1] != 2 || !row.Decided {
		t.Errorf("best are %v", b)
	}
}
