package result_test

import (
	"reflect"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

func TestJudge(t *testing.T) {
	r := sample()
	r.Scenario.Strategies = []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2, scenarios.WebSocket}
	r.Scenario.Expect = []string{
		"http2.page_load_ms.p50 < http1.page_load_ms.p50",
		"http1.connections.opened < 6",
		"websocket.page_load_ms.p50 > http2.page_load_ms.p50",
		"http2.page_load_ms.p99 < http1.page_load_ms.p50", // not measured: as if no page was loaded
	}
	for range 2 { // it can be repeated
		if err := r.Judge(); err != nil {
			t.Fatal(err)
		}
	}
	want := []result.Expectation{
		{Expr: r.Scenario.Expect[0], Held: true, Reason: "http2.page_load_ms.p50 = 205, http1.page_load_ms.p50 = 1885"},
		{Expr: r.Scenario.Expect[1], Held: false, Reason: "http1.connections.opened = 6"},
		{Expr: r.Scenario.Expect[2], Held: false, Skipped: true, Reason: "no run of websocket"},
		{Expr: r.Scenario.Expect[3], Held: false, Reason: "no http2.page_load_ms.p99"},
	}
	if !reflect.DeepEqual(r.Expectations, want) {
		t.Errorf("got  %+v\nwant %+v", r.Expectations, want)
	}
	if failed := r.Failed(); !reflect.DeepEqual(failed, []result.Expectation{want[1], want[3]}) {
		t.Errorf("failed: %+v", failed)
	}
}

func TestJudgeReportsWhatItCannotRead(t *testing.T) {
	r := sample()
	r.Scenario.Expect = []string{"1 +"}
	if err := r.Judge(); err == nil {
		t.Error("no error")
	}
}
