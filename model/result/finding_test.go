package result_test

import (
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

func TestFinding(t *testing.T) {
	for _, c := range []struct {
		metric string
		values map[scenarios.Strategy]float64
		want   string
	}{
		{"page_load_ms.p50", map[scenarios.Strategy]float64{"http1": 1885, "http2": 205, "websocket": 305},
			"Page load, median: http2 is best with 205 ms; websocket has 1.49 times as much, http1 has 9.2 times."},
		{"page_load_ms.p50", map[scenarios.Strategy]float64{"http1": 200, "http2": 100, "websocket": 100},
			"Page load, median: http2 and websocket are best with 100 ms; http1 has 2.0 times as much."},
		{"page_load_ms.p50", map[scenarios.Strategy]float64{"http1": 200, "http2": 100, "websocket": 101.9},
			"Page load, median: http2 and websocket are best with 100.0 to 101.9 ms; http1 has 2.0 times as much."},
		{"connect.success_ratio", map[scenarios.Strategy]float64{"http1": .67, "http2": .983, "websocket": 1},
			"Clients connected: http2 and websocket are best with 98.3 to 100 %; http1 has 67 %."},
		{"pages.loaded", map[scenarios.Strategy]float64{"http1": 50, "http2": 100, "websocket": 75},
			"Pages loaded: http2 is best with 100; websocket has 75, http1 has 50."},
		{"requests.failed", map[scenarios.Strategy]float64{"http1": 5, "http2": 0, "websocket": 7},
			"Requests failed: http2 is best with 0; http1 has 5, websocket has 7."},
		{"page_load_ms.p50", map[scenarios.Strategy]float64{"http1": 10, "http2": 10, "websocket": 10},
			"No metric tells http1, http2 and websocket apart."},
		{"page_load_ms.p50", map[scenarios.Strategy]float64{"http1": 10}, ""},
	} {
		r := sample()
		r.Runs = nil
		for _, strategy := range []scenarios.Strategy{"http1", "http2", "websocket"} {
			if v, ok := c.values[strategy]; ok {
				r.Runs = append(r.Runs, result.Run{Strategy: strategy, Digest: "d", Metrics: result.Metrics{c.metric: v}})
			}
		}
		if got := result.Finding(r); got != c.want {
			t.Errorf("%s %v:\n got %s\nwant %s", c.metric, c.values, got, c.want)
		}
	}
}

// Of many strategies behind the best a finding says between what they are.
func TestFindingAboutMany(t *testing.T) {
	r := sample()
	r.Runs = nil
	behind := func(values ...float64) string {
		for i, v := range append(values, 1) {
			r.Runs = append(r.Runs, result.Run{Strategy: scenarios.AllStrategies()[i], Digest: "d", Metrics: result.Metrics{"page_load_ms.p50": v}})
		}
		_, text, _ := strings.Cut(result.Finding(r), "; ")
		return text
	}
	if got, want := behind(40, 20, 30, 50, 60), "the others have 20 to 60 ms."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Runs = nil
	if got, want := behind(20, 20, 20, 20, 20), "the others have 20 ms."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The headline is the page load, even where other metrics come first.
func TestFindingPrefersTheHeadline(t *testing.T) {
	r := sample()
	r.Runs[0].Metrics["page_load_ms.mean"], r.Runs[1].Metrics["page_load_ms.mean"] = 1, 2
	want := "Page load, median: http2 is best with 205 ms; http1 has 9.2 times as much."
	if got := result.Finding(r); got != want {
		t.Errorf("got %s", got)
	}
}

func TestFactor(t *testing.T) {
	for ratio, want := range map[float64]string{
		1: "1", 1.00001: "1", 1.0042: "1.0042", 0.995: "0.995", 1.02: "1.02", 0.5: "0.50", 9.195: "9.2", 17: "17.0", 120.4: "120", 12345: "12,345",
	} {
		if got := result.Factor(ratio); got != want {
			t.Errorf("Factor(%v) = %q, want %q", ratio, got, want)
		}
	}
}
