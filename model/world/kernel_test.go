package world_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
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

// modelled is the page time that the model finds: with random loss the median
// over as many seeds as there were runs, up to 15.
func (r kernelRow) modelled(t testing.TB, overhead time.Duration) float64 {
	s := r.scenario(t, overhead)
	seeds := 1
	if r.Loss > 0 {
		seeds = min(len(r.RunsMS), 15)
	}
	var times []float64
	for seed := range seeds {
		s.Seed = uint64(seed + 1)
		times = append(times, measure(t, s, scenarios.Strategy(r.Protocol))["page_load_ms.max"])
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// agrees reports whether a time is within 3 % of the kernel's median or inside
// the range of its runs.
func (r kernelRow) agrees(ms float64) bool {
	return math.Abs(ms/r.MedianMS-1) <= .03 || ms >= r.MinMS && ms <= r.MaxMS
}

// TestKernelFigures holds the model to FIGURES 15.
func TestKernelFigures(t *testing.T) {
	const overhead = 750 * time.Microsecond // the measuring link added 0.5 to 1 ms a round trip
	link := kernelRow{Objects: 100, OneWayMS: 50}
	small, large := link, link
	small.ObjectBytes, large.ObjectBytes = 1000, 20_000
	narrow := large
	narrow.UpBps, narrow.DownBps, narrow.QueueBytes = 10e6, 10e6, 150_000
	for _, tt := range []struct {
		row              kernelRow
		protocol         string
		median, min, max float64
	}{
		{small, "http1", 1817.7, 1816.2, 1832.6},
		{small, "http2", 507.3, 507.1, 508.8},
		{small, "websocket", 605.7, 604.7, 606.1},
		{large, "http1", 1929.5, 1926.4, 1934.4},
		{large, "http2", 920.6, 911.3, 1015.8},
		{large, "websocket", 1115.3, 1009.6, 1216.3},
		{narrow, "http1", 2283.5, 2257.4, 2287.9},
		{narrow, "http2", 2088.6, 2087.6, 2091.0},
		{narrow, "websocket", 2178.9, 2177.9, 2181.1},
	} {
		r := tt.row
		r.Protocol, r.MedianMS, r.MinMS, r.MaxMS = tt.protocol, tt.median, tt.min, tt.max
		got := r.modelled(t, overhead)
		t.Logf("%-34s kernel %7.1f (%.1f-%.1f)  model %7.1f  %+5.1f %%", r, r.MedianMS, r.MinMS, r.MaxMS, got, 100*(got/r.MedianMS-1))
		if !r.agrees(got) {
			t.Errorf("%v: %.1f ms is neither within 3 %% of %.1f nor inside %.1f to %.1f", r, got, r.MedianMS, r.MinMS, r.MaxMS)
		}
	}
}

// Why some rows miss. They stay listed until the mechanism is modelled.
const (
	readerLag   = "the receive window grows by chance, as the program keeps up with a burst; the model has one lag for all programs"
	firstFlight = "the kernel's runs fall into two modes a round trip apart: the server's small HEADERS segments fill the first flight, or DATA does; the model always sends DATA"
	losses      = "which packets a full queue drops decides, and how six connections share it; the model's order is not the kernel's"
)

// deviations are the rows of page-times.json that the model is known to miss.
var deviations = map[string]string{
	"http2 100x5000 100ms":               firstFlight,
	"http1 100x100000 25ms 50Mbps q150k": losses,
	"http2 100x100000 10ms":              readerLag,
	"websocket 100x100000 10ms":          readerLag,
	"websocket 100x100000 50ms":          readerLag,
	"http2 100x20000 50ms 50Mbps q150k":  losses,
	"http1 100x20000 10ms 20Mbps q40k":   losses,
	"http2 100x20000 25ms 20Mbps q40k":   losses,
	"http1 100x20000 100ms 20Mbps q40k":  losses,
	"websocket 20x20000 50ms":            readerLag,
	"http1 20x100000 50ms 10Mbps q150k":  losses,
	"websocket+tls 100x20000 50ms":       readerLag,
}

// TestKernelPageTimes holds the model to everything that was measured through
// the real kernel; go test -v shows the table.
func TestKernelPageTimes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, with the race detector or in WebAssembly minutes")
	}
	text, err := os.ReadFile("../kernel/testdata/page-times.json")
	if err != nil {
		t.Fatal(err)
	}
	var stored struct {
		Overhead float64     `json:"link_overhead_us"`
		Rows     []kernelRow `json:"rows"`
	}
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	var errors []float64
	agreeing := 0
	for _, r := range stored.Rows {
		got := r.modelled(t, time.Duration(stored.Overhead*float64(time.Microsecond)))
		off := 100 * (got/r.MedianMS - 1)
		errors = append(errors, math.Abs(off))
		reason, known := deviations[r.String()]
		verdict := "ok"
		switch {
		case r.agrees(got) && math.Abs(off) > 3:
			verdict = "ok, in range"
			agreeing++
		case r.agrees(got):
			agreeing++
		case known:
			verdict = "known: " + reason
		default:
			verdict = "MISS"
			t.Errorf("%v: %.1f ms is neither within 3 %% of %.1f nor inside %.1f to %.1f", r, got, r.MedianMS, r.MinMS, r.MaxMS)
		}
		t.Logf("%-46s kernel %8.1f (%.1f-%.1f)  model %8.1f  %+5.1f %%  %s", r, r.MedianMS, r.MinMS, r.MaxMS, got, off, verdict)
	}
	slices.Sort(errors)
	t.Logf("%d of %d rows agree; error median %.1f %%, 90th percentile %.1f %%, worst %.1f %%",
		agreeing, len(errors), errors[len(errors)/2], errors[len(errors)*9/10], errors[len(errors)-1])
}
