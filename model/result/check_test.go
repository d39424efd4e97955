package result_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"protosim/model/result"
)

func TestCheckAccepts(t *testing.T) {
	partial := sample()
	partial.Partial, partial.Runs = true, nil
	for name, r := range map[string]*result.Result{"one seed": sample(), "three seeds": replicated(), "interrupted at once": partial} {
		if err := r.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckNamesTheField(t *testing.T) {
	for field, spoil := range map[string]func(*result.Result){
		"schema":                              func(r *result.Result) { r.Schema = "protosim.result/0" },
		"scenario":                            func(r *result.Result) { r.Scenario = nil },
		"fidelity":                            func(r *result.Result) { r.Fidelity = "" },
		"runs":                                func(r *result.Result) { r.Runs = nil },
		"runs[1].strategy":                    func(r *result.Result) { r.Runs[1].Strategy = r.Runs[0].Strategy },
		"runs[0].digest":                      func(r *result.Result) { r.Runs[0].Digest = "" },
		`runs[0].metrics["page_load_ms.p50"]`: func(r *result.Result) { r.Runs[0].Metrics["page_load_ms.p50"] = math.NaN() },
		`runs[1].ci95["no.such"]`:             func(r *result.Result) { r.Runs[1].CI95 = result.Metrics{"no.such": 1} },
		"runs[0].series[0].step_ms":           func(r *result.Result) { r.Runs[0].Series[0].StepMS = 0 },
		"runs[0].series[0].values[1]":         func(r *result.Result) { r.Runs[0].Series[0].Values[1] = math.Inf(1) },
		"runs[0].sessions_lost: 3 in all":     func(r *result.Result) { r.Runs[0].Lost = map[string]float64{"www-1 crashed": 2, "unknown": 1} },
		`runs[0].sessions_lost["unknown"]`:    func(r *result.Result) { r.Runs[0].Lost = map[string]float64{"unknown": -1} },
		"runs[0].metrics: no bytes.headers":   func(r *result.Result) { r.Runs[0].Metrics["bytes.framing"] = 1 },
		"runs[1].metrics: requests.total: 10, but requests.ok + requests.failed + requests.abandoned: 9": func(r *result.Result) {
			r.Runs[1].Metrics = result.Metrics{"requests.total": 10, "requests.ok": 7, "requests.failed": 2, "requests.abandoned": 0}
		},
		"runs[0].metrics: bytes.sent + bytes.received: 9, but bytes.payload + bytes.overhead: 8": func(r *result.Result) {
			r.Runs[0].Metrics = result.Metrics{"bytes.sent": 4, "bytes.received": 5, "bytes.payload": 1, "bytes.overhead": 7}
		},
		"runs[0].metrics: push.sent: 8, but push.delivered + push.missed + push.undelivered: 7": func(r *result.Result) {
			r.Runs[0].Metrics = result.Metrics{"push.sent": 8, "push.delivered": 1, "push.missed": 2, "push.undelivered": 4}
		},
		"runs[0].metrics: bytes.overhead: 30, but bytes.headers + bytes.framing + bytes.tls + bytes.tcp_ip + bytes.retransmitted: 31": func(r *result.Result) {
			r.Runs[0].Metrics = result.Metrics{"bytes.overhead": 30, "bytes.headers": 1, "bytes.framing": 2, "bytes.tls": 4, "bytes.tcp_ip": 8, "bytes.retransmitted": 16}
		},
		"replicates[0].runs[0].digest":           func(r *result.Result) { *r = *replicated(); r.Replicates[0].Runs[0].Digest = "" },
		"replicates[2].seed":                     func(r *result.Result) { *r = *replicated(); r.Replicates[2].Seed = 1 },
		`runs[1].metrics["page_load_ms.p50"]: 5`: func(r *result.Result) { *r = *replicated(); r.Runs[1].Metrics["page_load_ms.p50"] = 5 },
		`runs[1].digest`:                         func(r *result.Result) { *r = *replicated(); r.Runs[1].Digest = "edited" },
	} {
		r := sample()
		spoil(r)
		err := r.Check()
		if err == nil || !strings.HasPrefix(err.Error(), field) {
			t.Errorf("want an error about %s, got %v", field, err)
		}
		var buf bytes.Buffer
		if err := r.Write(&buf); err == nil || buf.Len() > 0 {
			t.Errorf("%s: Write wrote %d bytes, error %v", field, buf.Len(), err)
		}
	}
}
