package scenarios_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"protosim/scenarios"
)

func TestConstraintsMayLeaveOutTheStrategy(t *testing.T) {
	all := scenarios.AllStrategies()
	for text, want := range map[string]string{
		"requests.failed < 100": "websocket.requests.failed < 100",
		"http2.requests.failed < requests.failed and recovery_ms < 5":         "http2.requests.failed < websocket.requests.failed and websocket.recovery_ms < 5",
		"max(request_ms.p99, http1_close.request_ms.p99) <= 2*request_ms.p50": "max(websocket.request_ms.p99, http1_close.request_ms.p99) <= 2*websocket.request_ms.p50",
	} {
		c, err := scenarios.CompileConstraint(text, scenarios.WebSocket, all)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if c.String() != want {
			t.Errorf("%s became %s, want %s", text, c, want)
		}
	}
	for text, want := range map[string]string{
		"requests.fail < 100": `did you mean "requests.failed"`,
		"requests.failed":     "no yes-or-no question",
		"1 < 2":               "compares no metric",
		"requests.failed <":   "does not compile",
	} {
		if _, err := scenarios.CompileConstraint(text, scenarios.WebSocket, all); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	c, err := scenarios.CompileConstraint("http2.requests.failed < requests.failed", scenarios.WebSocket, all)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Strategies(); !slices.Equal(got, []scenarios.Strategy{scenarios.HTTP2, scenarios.WebSocket}) {
		t.Errorf("it is about %v", got)
	}
	if got := c.Metrics(); !slices.Equal(got, []string{"http2.requests.failed", "websocket.requests.failed"}) {
		t.Errorf("it compares %v", got)
	}
}

func TestViolationIsTheDistanceFromHolding(t *testing.T) {
	measured := map[scenarios.Strategy]map[string]float64{
		scenarios.HTTP1:     {"requests.failed": 50},
		scenarios.WebSocket: {"requests.failed": 200, "recovery_ms": 400, "page_load_ms.p50": math.NaN()},
	}
	for text, want := range map[string]float64{
		"requests.failed <= 200":                                0,
		"requests.failed < 100":                                 .5,
		"requests.failed < 200":                                 1e-9,
		"requests.failed > 400":                                 .5,
		"requests.failed == 150":                                .25,
		"requests.failed < 2 * http1.requests.failed":           .5,
		"requests.failed < 100 and recovery_ms < 100":           .75,
		"requests.failed < 300 and recovery_ms < 100":           .75,
		"requests.failed < 100 or recovery_ms < 100":            .5,
		"requests.failed - recovery_ms > 0 or recovery_ms > 10": 0,
		"not (requests.failed > 100)":                           1,
		"requests.ok > 100":                                     math.Inf(1),
	} {
		c, err := scenarios.CompileConstraint(text, scenarios.WebSocket, scenarios.AllStrategies())
		if err != nil {
			t.Fatal(err)
		}
		got, reason := c.Violation(measured)
		if math.Abs(got-want) > 1e-12 && got != want || reason == "" {
			t.Errorf("%s: %v (%s), want %v", text, got, reason, want)
		}
	}
}
