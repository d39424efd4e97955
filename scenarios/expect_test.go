package scenarios_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"protosim/scenarios"
)

func ExampleExpectation_Evaluate() {
	e, _ := scenarios.CompileExpectation("http2.page_load_ms.p50 < http1.page_load_ms.p50", scenarios.AllStrategies())
	held, reason, _ := e.Evaluate(map[scenarios.Strategy]map[string]float64{
		scenarios.HTTP1: {"page_load_ms.p50": 1885},
		scenarios.HTTP2: {"page_load_ms.p50": 205},
	})
	fmt.Println(held)
	fmt.Println(reason)
	// Output:
	// true
	// http2.page_load_ms.p50 = 205, http1.page_load_ms.p50 = 1885
}

func TestEvaluate(t *testing.T) {
	metrics := map[scenarios.Strategy]map[string]float64{
		scenarios.HTTP1:      {"page_load_ms.p50": 1885.00012345678, "requests.ok": 99, "requests.total": 100, "bytes.tls": math.NaN()},
		scenarios.HTTP1Close: {"page_load_ms.p50": 3600},
		scenarios.HTTP2:      {"page_load_ms.p50": 205},
	}
	for _, test := range []struct {
		expr, reason string
		held         bool
	}{
		{"http1_close.page_load_ms.p50 > 2 * http2.page_load_ms.p50", "http1_close.page_load_ms.p50 = 3600, http2.page_load_ms.p50 = 205", true},
		{"http1.requests.ok == http1.requests.total", "http1.requests.ok = 99, http1.requests.total = 100", false},
		{"http1.requests.ok / http1.requests.total >= 0.99 and http1.requests.total == 100", "http1.requests.ok = 99, http1.requests.total = 100", true},
		{"abs(http1.page_load_ms.p50 - 1885) < 1", "http1.page_load_ms.p50 = 1885.000123", true},
		{"not (http2.page_load_ms.p50 in 100..200)", "http2.page_load_ms.p50 = 205", true},
		{"min(http1.page_load_ms.p50, http2.page_load_ms.p50) == 205", "http1.page_load_ms.p50 = 1885.000123, http2.page_load_ms.p50 = 205", true},
		{`http2["page_load_ms"].p50 < 300`, "http2.page_load_ms.p50 = 205", true},
		{"http1.bytes.tls >= 0", "http1.bytes.tls = NaN", false},
	} {
		e, err := scenarios.CompileExpectation(test.expr, scenarios.AllStrategies())
		if err != nil {
			t.Errorf("%s: %v", test.expr, err)
			continue
		}
		held, reason, err := e.Evaluate(metrics)
		if err != nil || held != test.held || reason != test.reason {
			t.Errorf("%s: %v, %q, %v", test.expr, held, reason, err)
		}
	}
}

func TestEvaluateWithoutARunOrMetric(t *testing.T) {
	e, err := scenarios.CompileExpectation("http2.page_load_ms.p50 < http1.page_load_ms.p50 and http1.requests.ok > 0", scenarios.AllStrategies())
	if err != nil {
		t.Fatal(err)
	}
	_, reason, err := e.Evaluate(map[scenarios.Strategy]map[string]float64{scenarios.HTTP2: {}})
	if !errors.Is(err, scenarios.ErrNotEvaluated) {
		t.Errorf("got %v", err)
	}
	if want := "no http2.page_load_ms.p50, no run of http1"; reason != want {
		t.Errorf("got %q, want %q", reason, want)
	}
}

func TestCompileRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "does not compile",
		"true":                             "compares no metric",
		"http2":                            "without a metric",
		"http2.page_load_ms":               "unknown metric",
		"http2.page_load_ms.p51 > 1":       `did you mean "page_load_ms.p50"?`,
		"htp2.page_load_ms.p50 > 1":        `did you mean "http2"?`,
		"http1-close.page_load_ms.p50 > 1": "without a metric",
		"http2.page_load_ms.p50":           "no yes-or-no question",
		"http2.page_load_ms.p50 > \"x\"":   "does not compile",
		"websocket.page_load_ms.p50 > 1":   "does not run",
		"let x = http2.pages.total; x > 1": "unknown strategy",
		"len([1]) > http2.pages.total":     `unknown function "len"`,
		"all(1..9, # > http2.pages.total)": `unknown function "all"`,
		strings.Repeat("(", 400) + "http2.pages.total > 1":        "fewer brackets",
		strings.Repeat("http2.pages.total > 1 or ", 100) + "true": "split it",
		strings.Repeat("!", 900) + "(http2.pages.total > 1":       "does not compile",
		"http2.pages.total > 1 \x00":                              "does not compile",
		"http2.pages.total.foo > 1":                               "unknown metric",
		"{http2.pages.total: 1}.x > 1":                            "does not compile",
		"http2?.pages?.total ?? 1 > 1":                            "does not compile",
		"http2[http1.page_load_ms.p50] > 1":                       "without a metric",
	} {
		_, err := scenarios.CompileExpectation(text, []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP1Close, scenarios.HTTP2})
		var typed *scenarios.Error
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %q", text, err, want)
		}
	}
}

func FuzzCompileExpectation(f *testing.F) {
	f.Add("http2.page_load_ms.p50 < http1.page_load_ms.p50")
	f.Add("abs(http1.requests.ok - 2) == 1 and not (http2.bytes.sent > 1 ? true : false)")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := scenarios.CompileExpectation(text, scenarios.AllStrategies())
		if err != nil {
			var typed *scenarios.Error
			if !errors.As(err, &typed) {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		metrics := make(map[scenarios.Strategy]map[string]float64)
		for i, s := range scenarios.AllStrategies() {
			metrics[s] = make(map[string]float64)
			for j, m := range scenarios.Metrics() {
				metrics[s][m.Name] = float64(i * j)
			}
		}
		held, reason, err := e.Evaluate(metrics)
		again, reason2, err2 := e.Evaluate(metrics)
		if held != again || reason != reason2 || (err == nil) != (err2 == nil) {
			t.Errorf("%q is not deterministic", text)
		}
	})
}
