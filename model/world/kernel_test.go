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

// modelled is the page time that the model finds.
func (r kernelRow) modelled(t testing.TB, overhead time.Duration) float64 {
	return measure(t, r.scenario(t, overhead), scenarios.Strategy(r.Protocol))["page_load_ms.max"]
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
	// Pages of which the kernel has several groups of times, a round trip or
	// more apart: what a program has read when its buffer is sized is chance.
	modes = "the receive window grows by chance, as the program keeps up with a burst; the model has one program"
	// Queues of which the kernel's and the model's losses differ.
	losses = "which packets a full queue drops decides, and how six connections share it; the model's order is not the kernel's"
)

// deviations are the rows of page-times.json that the model is known to miss,
// with the largest error in percent of the median that is tolerated. A row that
// has come to agree must leave the list.
var deviations = map[string]struct {
	most float64
	why  string
}{
	"http2 100x100000 10ms":             {8, modes},
	"http2 100x20000 50ms 50Mbps q150k": {4, losses},
	"http2 100x20000 25ms 20Mbps q40k":  {20, losses},
	"http1 100x20000 100ms 20Mbps q40k": {4, losses},
	"http1 20x100000 50ms 10Mbps q150k": {19, losses},
}

// pageTimes is what was measured through the real kernel.
type pageTimes struct {
	Overhead float64     `json:"link_overhead_us"` // of a ping, per round trip
	Rows     []kernelRow `json:"rows"`
}

func readPageTimes(t testing.TB) (p pageTimes) {
	t.Helper()
	text, err := os.ReadFile("../kernel/testdata/page-times.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// overhead is what the measuring link, and the programs at its ends, added to
// a round trip: what a ping shows, and without a rate to wait for, when hundreds
// of packets are due at one instant, what a page of small objects shows, which
// is 18 round trips over HTTP/1.1 and nothing else.
func (p pageTimes) overhead(r kernelRow) time.Duration {
	const trips = 18
	ping := time.Duration(p.Overhead * float64(time.Microsecond))
	if r.DownBps > 0 {
		return ping
	}
	for _, c := range p.Rows {
		if c.Protocol == "http1" && c.Objects == 100 && c.ObjectBytes == 1000 && c.DownBps == 0 && !c.TLS && c.OneWayMS == r.OneWayMS {
			if c.String() == r.String() {
				return ping // it would agree with itself
			}
			return time.Duration((c.MedianMS/trips - 2*c.OneWayMS) * float64(time.Millisecond))
		}
	}
	return ping
}

// TestKernelPageTimes holds the model to everything that was measured through
// the real kernel; go test -v shows the table. Random loss has a test of its own.
func TestKernelPageTimes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, with the race detector or in WebAssembly minutes")
	}
	stored := readPageTimes(t)
	var errors []float64
	seen := map[string]bool{}
	agreeing := 0
	for _, r := range stored.Rows {
		if r.Loss > 0 {
			continue
		}
		got := r.modelled(t, stored.overhead(r))
		off := 100 * (got/r.MedianMS - 1)
		errors = append(errors, math.Abs(off))
		known, listed := deviations[r.String()]
		seen[r.String()] = true
		verdict := "ok"
		switch {
		case r.agrees(got):
			agreeing++
			if listed {
				t.Errorf("%v: %.1f ms agrees with the kernel now: take it off the list of deviations", r, got)
			}
			if math.Abs(off) > 3 {
				verdict = "ok, in range"
			}
		case !listed:
			verdict = "MISS"
			t.Errorf("%v: %.1f ms is neither within 3 %% of %.1f nor inside %.1f to %.1f", r, got, r.MedianMS, r.MinMS, r.MaxMS)
		case math.Abs(off) > known.most:
			verdict = "WORSE"
			t.Errorf("%v: %.1f ms is %+.1f %% off, more than the %g %% of the list of deviations", r, got, off, known.most)
		default:
			verdict = "known: " + known.why
		}
		t.Logf("%-46s kernel %8.1f (%.1f-%.1f)  model %8.1f  %+5.1f %%  %s", r, r.MedianMS, r.MinMS, r.MaxMS, got, off, verdict)
	}
	for name := range deviations {
		if !seen[name] {
			t.Errorf("no row %q, which is on the list of deviations", name)
		}
	}
	slices.Sort(errors)
	t.Logf("%d of %d rows agree; error median %.1f %%, 90th percentile %.1f %%, worst %.1f %%",
		agreeing, len(errors), errors[len(errors)/2], errors[len(errors)*9/10], errors[len(errors)-1])
	if want := len(errors) - len(deviations); agreeing != want {
		t.Errorf("%d of %d rows agree, want %d", agreeing, len(errors), want)
	}
}
