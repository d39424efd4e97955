package chart_test

import (
	"fmt"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// swept is a sweep over n by m values in which http2 is the better the further
// to the right.
func swept(n, m int) *chart.Sweep {
	dimension := func(path string, n int) chart.Dimension {
		d := chart.Dimension{Path: path, Unit: "ms"}
		for i := range n {
			d.Values = append(d.Values, chart.Value{Text: fmt.Sprintf("%dms", 10*(i+1)), Number: float64(10 * (i + 1))})
		}
		return d
	}
	s := &chart.Sweep{Vary: []chart.Dimension{dimension("network.rtt", n)}}
	if m > 0 {
		s.Vary = append(s.Vary, dimension("clients.arrival", m))
	}
	for i := range n {
		for j := range max(m, 1) {
			r := made([]scenarios.Strategy{"http1", "http2"}, 1000, 1)
			r.Runs[0].Metrics = map[string]float64{"page_load_ms.p50": 1000 * float64(i+1), "bytes.sent": 900}
			r.Runs[1].Metrics = map[string]float64{"page_load_ms.p50": 1500 * float64(j+1), "bytes.sent": 800}
			at := []int{i}
			if m > 0 {
				at = append(at, j)
			}
			s.Points = append(s.Points, chart.SweepPoint{At: at, Result: r})
		}
	}
	return s
}

func TestSweepSaysWhoIsAheadWhere(t *testing.T) {
	f := swept(4, 0).Lines("page_load_ms.p50")
	if want := "Page load, median, best by network.rtt: http1 at 10ms, http2 from 20ms to 40ms"; f.Title != want {
		t.Errorf("%q, want %q", f.Title, want)
	}
	f = swept(4, 3).Ratio("page_load_ms.p50", "http1", "http2")
	if want := "Page load, median: http1 is ahead of http2 in 7 of 12 settings, up to 4.5 times, behind in 4 and level in 1"; f.Title != want {
		t.Errorf("%q, want %q", f.Title, want)
	}
	if got := swept(2, 0).Headlines(); got[0] != "page_load_ms.p50" {
		t.Errorf("the headlines are %s", got)
	}
	one := swept(2, 1)
	for i := range one.Points {
		one.Points[i].Result.Runs[1].Metrics["page_load_ms.p50"] = 1000 * float64(i+1)
	}
	f = one.Ratio("page_load_ms.p50", "http1", "http2")
	if want := "Page load, median: http1 and http2 are level in all 2 settings"; f.Title != want {
		t.Errorf("%q, want %q", f.Title, want)
	}
	one.Points[0].Result.Runs[1].Metrics["page_load_ms.p50"] = 3000
	f = one.Ratio("page_load_ms.p50", "http1", "http2")
	if want := "Page load, median: http1 is ahead of http2 in 1 of 2 settings, up to 3 times, and level with it in the others"; f.Title != want {
		t.Errorf("%q, want %q", f.Title, want)
	}
	for _, tt := range []struct {
		s    *chart.Sweep
		want string
	}{
		{swept(4, 3), "http1 is best, or level with who is, in 7 of 12 settings, http2 in 4, all are level in 1"},
		{swept(1, 3), "http1 is best, or level with who is, in all 3 settings"},
	} {
		if f := tt.s.Best("page_load_ms.p50"); f.Title != "Page load, median: "+tt.want {
			t.Errorf("%q, want %q", f.Title, tt.want)
		}
	}
	alone := swept(1, 3).Best("page_load_ms.p50")
	if len(alone.Key) != 1 || alone.Key[0].Text != "http1" {
		t.Errorf("the key of what http1 leads alone: %v", alone.Key)
	}
	level := swept(1, 2)
	for _, point := range level.Points {
		point.Result.Runs[1].Metrics["page_load_ms.p50"] = 1000
	}
	if f := level.Best("page_load_ms.p50"); f.Title != "Page load, median: level in all 2 settings" || f.Key != nil {
		t.Errorf("%q, key %v", f.Title, f.Key)
	}
	third := *level.Points[0].Result
	third.Runs = append(third.Runs[:2:2], result.Run{Strategy: "websocket", Metrics: result.Metrics{"page_load_ms.p50": 2000}})
	level.Points[0].Result = &third
	if boxes := level.Best("page_load_ms.p50").Rows[0].Panels[0].Boxes; len(boxes) != 3 || boxes[0].X0 != .02 || boxes[0].X1 != .5 || boxes[1].X0 != .5 || boxes[1].X1 != .98 {
		t.Errorf("two that lead do not share the cell: %v", boxes)
	}
	short := swept(1, 1)
	for i, run := range short.Points[0].Result.Runs {
		run.Metrics["page_load_ms.p50"] = 3000 / float64(2*i+1)
		run.Metrics["pages.total"], run.Metrics["pages.loaded"] = 100, 100/float64(i+1)
	}
	f = short.Best("page_load_ms.p50")
	for _, label := range f.Rows[0].Panels[0].Labels {
		if label.Text != "http1" && label.Text != "" {
			t.Errorf("a strategy that serves half of the pages is behind, by %q", label.Text)
		}
	}
	two := swept(4, 0).Lines("page_load_ms.p50", "bytes.sent")
	if len(two.Rows[0].Panels) != 2 || two.Rows[0].Panels[1].Title != "Bytes sent" || figure.Layout(two).Flaws() != nil {
		t.Errorf("two metrics: %v %v", two.Title, figure.Layout(two).Flaws())
	}
}

// Requests cannot be compared where events are pushed: a sweep is not about
// them unless it is asked to be.
func TestSweepOfPushesIsAboutEvents(t *testing.T) {
	s := swept(3, 0)
	for i, point := range s.Points {
		point.Result.Scenario.Workload = "push"
		for k, strategy := range []scenarios.Strategy{"poll", "websocket"} {
			point.Result.Runs[k].Strategy = strategy
			point.Result.Runs[k].Metrics = map[string]float64{
				"request_ms.p99": 50, "request_ms.p50": 40 * float64(k+1), "push.sent": 100, "push.delivered": 100, "push.latency_ms.p50": 25 * float64(i+2-k),
			}
		}
	}
	if got := s.Headlines(); len(got) != 1 || got[0] != "push.latency_ms.p50" {
		t.Errorf("headlines are %v", got)
	}
}

// The lead changes where the lines meet: 1500 for http2, and for http1 1000 at
// 10 ms and 2000 at 20 ms.
func TestCrossoverIsMarked(t *testing.T) {
	p := swept(4, 0).Lines("page_load_ms.p50").Rows[0].Panels[0]
	rule := p.Lines[len(p.Lines)-1]
	if !rule.Dashed || rule.Points[1] != (figure.Point{X: 15, Y: 1500}) || p.Dots[0].At != rule.Points[1] {
		t.Errorf("marked: %v, %v, want 15 ms and 1500 ms", rule, p.Dots[:1])
	}
	if got := p.Labels[len(p.Labels)-1].Text; got != "http1 meets http2 at 15 ms" {
		t.Errorf("labelled %q", got)
	}
	level := swept(4, 0)
	for _, point := range level.Points {
		point.Result.Runs[0].Metrics["page_load_ms.p50"] = 1500
	}
	if p := level.Lines("page_load_ms.p50").Rows[0].Panels[0]; len(p.Lines) != 2 {
		t.Errorf("a crossover of level lines: %v", p.Lines)
	}
}

func TestSweepsHaveFlawlessCharts(t *testing.T) {
	for n := range 12 {
		s := swept(n+1, n+1)
		for _, f := range []*figure.Figure{swept(n+1, 0).Lines("page_load_ms.p50"), s.Ratio("page_load_ms.p50", "http1", "http2"), s.Best("page_load_ms.p50")} {
			flawless(t, fmt.Sprintf("%d values", n+1), figure.Layout(f))
		}
	}
	if flaws := figure.Layout(swept(3, 0).Lines("no.such_metric")).Flaws(); flaws != nil {
		t.Error(flaws)
	}
}
