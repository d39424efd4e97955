package world_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"protosim/scenarios"
)

// kernelRow is a page load that was measured through the real Linux kernel
// (model/kernel): equal objects, all requested at once, service time 0.
type kernelRow struct {
	Protocol    string    `json:"protocol"`
	Objects     int       `json:"objects"`
	ObjectBytes int       `json:"object_bytes"`
	OneWayMS    float64   `json:"one_way_ms"`
	UpBps       int64     `json:"up_bps"`
	DownBps     int64     `json:"down_bps"`
	QueueBytes  int       `json:"queue_bytes"`
	Loss        float64   `json:"loss"`
	TLS         bool      `json:"tls"`
	RunsMS      []float64 `json:"runs_ms"`
	MedianMS    float64   `json:"median_ms"`
	MinMS       float64   `json:"min_ms"`
	MaxMS       float64   `json:"max_ms"`
}

func (r kernelRow) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", r.Protocol)
	if r.TLS {
		b.WriteString("+tls")
	}
	fmt.Fprintf(&b, " %dx%d %gms", r.Objects, r.ObjectBytes, r.OneWayMS)
	if r.DownBps > 0 {
		fmt.Fprintf(&b, " %dMbps q%dk", r.DownBps/1e6, r.QueueBytes/1000)
	}
	if r.Loss > 0 {
		fmt.Fprintf(&b, " loss %g%%", r.Loss*100)
	}
	return b.String()
}

// scenario is the same page load in the model. overhead is what the measuring
// link added to a round trip.
func (r kernelRow) scenario(t testing.TB, overhead time.Duration) *scenarios.Scenario {
	rtt := time.Duration(2*r.OneWayMS*float64(time.Millisecond)) + overhead
	rate := func(bps int64) string {
		if bps == 0 {
			return "{}"
		}
		return fmt.Sprintf("{bandwidth: %dbps, queue: %dB, loss: %g%%}", bps, r.QueueBytes, r.Loss*100)
	}
	if r.Loss > 0 && r.DownBps == 0 {
		rate = func(int64) string { return fmt.Sprintf("{loss: %g%%}", r.Loss*100) }
	}
	return parse(t, fmt.Sprintf(`
network:
  rtt: %v
  up: %s
  down: %s
  tcp: {receive_buffer: 33554432B}
tls: {enabled: %v}
clients: {count: 1, request_headers: 200, timeout: 2m}
page:
  resources:
    - {name: o, count: %d, size: %dB}
servers: {service_time: 0s, response_headers: 150}
`, rtt, rate(r.UpBps), rate(r.DownBps), r.TLS, r.Objects, r.ObjectBytes))
}

func TestKernelRows(t *testing.T) {
	text, err := os.ReadFile("../kernel/testdata/page-times.json")
	if err != nil {
		t.Fatal(err)
	}
	var stored struct {
		Overhead float64 `json:"link_overhead_us"`
		Rows     []kernelRow
	}
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, r := range stored.Rows {
		s := r.scenario(t, time.Duration(stored.Overhead*float64(time.Microsecond)))
		began := time.Now()
		got := measure(t, s, scenarios.Strategy(r.Protocol))["page_load_ms.max"]
		e := got/r.MedianMS - 1
		mark := ""
		if math.Abs(e) > .03 {
			mark = "range"
			if got < r.MinMS || got > r.MaxMS {
				mark = "MISS"
				bad++
			}
		}
		fmt.Printf("%-50s %8.1f (%8.1f-%8.1f) model %8.1f %+6.1f%% %s   %dms\n", r, r.MedianMS, r.MinMS, r.MaxMS, got, e*100, mark, time.Since(began).Milliseconds())
	}
	t.Log(bad)
}
