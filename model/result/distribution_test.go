package result_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"protosim/model/result"
	"protosim/scenarios"
)

// oneTo is a latency of 1 to n milliseconds, each once.
func oneTo(n int) *result.Latency {
	var l result.Latency
	for i := n; i > 0; i-- {
		l.Record(time.Duration(i) * time.Millisecond)
	}
	return &l
}

func TestDistributeTabulatesQuantiles(t *testing.T) {
	d := result.Distribute("page_load_ms", oneTo(1000))
	if d.Count != 1000 || len(d.Shares) != 103 {
		t.Fatalf("count %d, %d shares", d.Count, len(d.Shares))
	}
	for at, want := range map[int]float64{0: 1, 50: 500, 95: 950, 99: 990, 100: 995, 101: 999, 102: 1000} {
		if d.Values[at] != want {
			t.Errorf("share %v: %v ms, want %v", d.Shares[at], d.Values[at], want)
		}
	}
	if empty := result.Distribute("request_ms", &result.Latency{}); empty.Count != 0 || empty.Values != nil {
		t.Errorf("of nothing: %+v", empty)
	}
}

func TestSummarizeAveragesDistributions(t *testing.T) {
	replicate := func(seed uint64, l *result.Latency, path string) result.Replicate {
		r := run(scenarios.HTTP2, "d", 1, 1)
		r.Distributions = []result.Distribution{result.Distribute("page_load_ms", l)}
		r.Waterfall = []result.Load{{Path: path}}
		return result.Replicate{Seed: seed, Runs: []result.Run{r}}
	}
	sum := result.Summarize([]result.Replicate{
		replicate(1, oneTo(100), "/first"), replicate(2, oneTo(300), "/second"), replicate(3, &result.Latency{}, "/third"),
	})
	d := sum[0].Distributions[0]
	if d.Count != 400 || d.Values[50] != 100 {
		t.Errorf("count %d, median %v, want 400 and the mean of 50 and 150", d.Count, d.Values[50])
	}
	if w := sum[0].Waterfall; len(w) != 1 || w[0].Path != "/first" {
		t.Errorf("waterfall %v, want the first seed's", w)
	}
}

func TestReadChecksDistributionsAndWaterfalls(t *testing.T) {
	good := sample()
	good.Runs[0].Distributions = []result.Distribution{{Name: "page_load_ms", Count: 2, Shares: []float64{0, 1}, Values: []float64{3, 4}}}
	good.Runs[0].Waterfall = []result.Load{{Resource: "images", Host: "www", Path: "/images/1", StartMS: 1, SentMS: 2, FirstByteMS: 3, EndMS: 4, OK: true}}
	text := written(t, good)
	if _, err := result.Read(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	for edit, want := range map[[2]string]string{
		{`"values": [3, 4]`, `"values": [4, 3]`}:     "runs[0].distributions[0].values[1]: 3",
		{`"shares": [0, 1]`, `"shares": [0, 2]`}:     "runs[0].distributions[0].shares[1]: 2",
		{`"values": [3, 4]`, `"values": [3]`}:        "runs[0].distributions[0]: 2 shares, but 1 values",
		{`"end_ms": 4`, `"end_ms": 2.5`}:             "runs[0].waterfall[0].end_ms: 2.5, but 3 had passed",
		{`"name": "page_load_ms"`, `"name": ""`}:     "runs[0].distributions[0].name: missing",
		{`"start_ms": 1`, `"start_ms": -1`}:          "runs[0].waterfall[0].start_ms: -1",
		{`"resource": "images"`, `"recource": "im"`}: `unknown field "recource"`,
	} {
		edited := strings.Replace(text, edit[0], edit[1], 1)
		if edited == text {
			t.Fatalf("no %s in\n%s", edit[0], text)
		}
		if _, err := result.Read(bytes.NewBufferString(edited)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", edit[1], err, want)
		}
	}
}

func TestSortLoadsIsTheOrderOfAWaterfall(t *testing.T) {
	loads := []result.Load{{Path: "/c", StartMS: 2, EndMS: 3}, {Path: "/b", StartMS: 1, EndMS: 9}, {Path: "/a", StartMS: 1, EndMS: 9}, {Path: "/d", StartMS: 1, EndMS: 5}}
	result.SortLoads(loads)
	var order string
	for _, l := range loads {
		order += l.Path
	}
	if order != "/d/a/b/c" {
		t.Errorf("order %s", order)
	}
}
