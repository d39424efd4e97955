package result_test

import (
	"slices"
	"testing"
	"time"

	"protosim/model/result"
)

func TestMetricsSetLatency(t *testing.T) {
	var l result.Latency
	for ms := range 1000 {
		l.Record(time.Duration(ms+1) * time.Millisecond)
	}
	m := result.Metrics{}
	m.SetLatency("page_load_ms", &l, .5, .95, .99, .999)
	want := []string{"page_load_ms.p50", "page_load_ms.p95", "page_load_ms.p99", "page_load_ms.p999"}
	if !slices.Equal(m.Names(), want) {
		t.Errorf("names %v, want %v", m.Names(), want)
	}
	if m["page_load_ms.p50"] != 500 || m["page_load_ms.p999"] != 999 {
		t.Errorf("got %v", m)
	}
}

func TestMetricsSetLatencyOfNothing(t *testing.T) {
	m := result.Metrics{}
	m.SetLatency("page_load_ms", new(result.Latency), .5)
	if len(m) != 0 {
		t.Errorf("an empty Latency set %v", m)
	}
}

func TestMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]float64{
		1885 * time.Millisecond:                  1885,
		1885001 * time.Microsecond:               1885.001,
		1499 * time.Nanosecond:                   0.001,
		100*time.Hour + time.Microsecond:         360000000.001,
		264*time.Millisecond + 5*time.Nanosecond: 264,
	} {
		if got := result.Milliseconds(d); got != want {
			t.Errorf("Milliseconds(%v) = %v, want %v", d, got, want)
		}
	}
}
