package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Row is one line of page-times.json: what was loaded over which link, and how
// long that took.
type Row struct {
	// Protocol is http1 (keep-alive, six connections), http1-close (a new
	// connection for each request, six at a time), http2 or websocket.
	Protocol    string  `json:"protocol"`
	Objects     int     `json:"objects"`
	ObjectBytes int     `json:"object_bytes"`
	OneWayMS    float64 `json:"one_way_ms"`
	UpBps       int64   `json:"up_bps"`   // 0: unlimited
	DownBps     int64   `json:"down_bps"` // 0: unlimited
	// QueueBytes is each direction's drop-tail queue, 0 where nothing is limited.
	QueueBytes int     `json:"queue_bytes"`
	Loss       float64 `json:"loss"` // probability, each direction
	TLS        bool    `json:"tls"`

	// RunsMS are the times from the first dial to the last byte of the last
	// object, in the order in which they were measured.
	RunsMS   []float64 `json:"runs_ms"`
	MedianMS float64   `json:"median_ms"`
	MinMS    float64   `json:"min_ms"`
	MaxMS    float64   `json:"max_ms"`
	P10MS    float64   `json:"p10_ms"`
	P90MS    float64   `json:"p90_ms"`
	// Dropped and Lost are the medians of how many packets of a run the full
	// queue refused and random loss took, both directions together.
	Dropped float64 `json:"dropped"`
	Lost    float64 `json:"lost"`
	// Connections is the median of how many connections were made.
	Connections float64 `json:"connections"`
	// LateMS is the most by which the link delivered a packet too late in any
	// run: what the machine adds to what the link asks for.
	LateMS float64 `json:"late_ms"`
}

func (r Row) page() Page {
	return Page{Protocol: r.Protocol, Objects: r.Objects, ObjectBytes: r.ObjectBytes, TLS: r.TLS}
}

func (r Row) link() Link {
	return Link{
		OneWay:     time.Duration(r.OneWayMS * float64(time.Millisecond)),
		UpBps:      r.UpBps,
		DownBps:    r.DownBps,
		QueueBytes: r.QueueBytes,
		Loss:       r.Loss,
	}
}

// String names a row by its parameters; no two rows of a file share it.
func (r Row) String() string {
	name := r.Protocol
	if r.TLS {
		name += "+tls"
	}
	return fmt.Sprintf("%s, %d x %d B, %v", name, r.Objects, r.ObjectBytes, r.link())
}

// summarize fills in what follows from the runs.
func (r *Row) summarize() {
	r.MedianMS, r.P10MS, r.P90MS = quantile(r.RunsMS, .5), quantile(r.RunsMS, .1), quantile(r.RunsMS, .9)
	r.MinMS, r.MaxMS = quantile(r.RunsMS, 0), quantile(r.RunsMS, 1)
}

// quantile interpolates linearly between the two nearest values.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low, high := int(math.Floor(at)), int(math.Ceil(at))
	return round(sorted[low]+(at-float64(low))*(sorted[high]-sorted[low]), 100)
}

func round(x, steps float64) float64 { return math.Round(x*steps) / steps }
