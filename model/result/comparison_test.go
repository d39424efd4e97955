package result_test

import (
	"reflect"
	"slices"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// row compares four strategies by one metric.
func row(metric string, values ...float64) *result.Row {
	r := sample()
	r.Runs = nil
	for i, strategy := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP1Close, scenarios.HTTP2, scenarios.WebSocket} {
		m := result.Metrics{}
		if i < len(values) {
			m[metric] = values[i]
		}
		r.Runs = append(r.Runs, result.Run{Strategy: strategy, Digest: "d", Metrics: m})
	}
	return result.Compare(r).Row(metric)
}

func TestCompareFindsTheBest(t *testing.T) {
	for _, c := range []struct {
		metric  string
		values  []float64
		best    []int
		decided bool
	}{
		{"page_load_ms.p50", []float64{1885, 11000, 205, 305}, []int{2}, true},
		{"pages.loaded", []float64{10, 12, 12, 3}, []int{1, 2}, true}, // more is better
		{"requests.failed", []float64{0, 0, 0, 0}, []int{0, 1, 2, 3}, false},
		{"requests.failed", []float64{0, 5, 0, 1}, []int{0, 2}, true},
		{"requests.total", []float64{100, 101, 99, 98}, nil, false},         // neither is better
		{"later.version", []float64{1, 2, 3, 4}, nil, false},                // unknown: not judged
		{"page_load_ms.p50", []float64{1885, 11000}, []int{0}, true},        // not measured by all
		{"page_load_ms.p50", []float64{0.1 + 0.2, 0.3}, []int{0, 1}, false}, // equal but for rounding
	} {
		r := row(c.metric, c.values...)
		if got := r.Best(); !slices.Equal(got, c.best) || r.Decided != c.decided {
			t.Errorf("%s %v: best %v, decided %v; want %v, %v", c.metric, c.values, got, r.Decided, c.best, c.decided)
		}
	}
}

func TestCompareRatios(t *testing.T) {
	var ratios []float64
	for _, cell := range row("page_load_ms.p50", 410, 615, 205).Cells {
		ratios = append(ratios, cell.Ratio)
	}
	if want := []float64{2, 3, 1, 0}; !slices.Equal(ratios, want) {
		t.Errorf("ratios %v, want %v", ratios, want)
	}
	for _, cell := range row("requests.failed", 0, 5, 0, 1).Cells {
		if cell.Ratio != 0 {
			t.Errorf("a ratio of %v to a best of 0", cell.Ratio)
		}
	}
}

func TestRowLead(t *testing.T) {
	for _, c := range []struct {
		metric string
		values []float64
		factor float64
		over   int
	}{
		{"page_load_ms.p50", []float64{1000, 600, 200, 300}, 1.5, 3},
		{"pages.loaded", []float64{100, 50, 20, 10}, 2, 1},
		{"requests.failed", []float64{0, 5, 0, 1}, 0, -1},
		{"requests.failed", []float64{3, 3, 3, 3}, 0, -1},
	} {
		if factor, over := row(c.metric, c.values...).Lead(); factor != c.factor || over != c.over {
			t.Errorf("%s %v: %v ahead of %d, want %v of %d", c.metric, c.values, factor, over, c.factor, c.over)
		}
	}
}

// With several seeds, strategies whose confidence intervals overlap are level.
func TestCompareWithConfidence(t *testing.T) {
	r := sample()
	r.Runs[0].Metrics["page_load_ms.p50"], r.Runs[1].Metrics["page_load_ms.p50"] = 110, 100
	for _, c := range []struct {
		half    float64
		decided bool
	}{{4, true}, {5, false}, {20, false}} {
		for i := range r.Runs {
			r.Runs[i].CI95 = result.Metrics{"page_load_ms.p50": c.half}
		}
		row := result.Compare(r).Row("page_load_ms.p50")
		if row.Decided != c.decided || row.Cells[0].CI95 != c.half {
			t.Errorf("110 and 100, each ± %v: decided %v, want %v", c.half, row.Decided, c.decided)
		}
	}
}

func TestCompareOrdersByGroupAndCatalogue(t *testing.T) {
	r := sample()
	for _, name := range []string{"zzz", "finished_ms", "bytes.sent", "requests.ok", "requests.later", "page_load_ms.p99", "requests.total"} {
		r.Runs[1].Metrics[name] = 1
	}
	var names []string
	for _, row := range result.Compare(r).Rows {
		names = append(names, row.Metric.Name)
	}
	want := []string{
		"page_load_ms.p50", "page_load_ms.p99", "finished_ms",
		"requests.total", "requests.ok", "requests.later",
		"connections.opened", "bytes.sent", "zzz",
	}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("rows %v, want %v", names, want)
	}
}

func TestComparisonRowOfNoName(t *testing.T) {
	if row := result.Compare(sample()).Row("no.such"); row != nil {
		t.Errorf("got %v", row)
	}
}
