package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// outcome is what one run of the command did.
type outcome struct {
	code           int
	stdout, stderr string
}

// protosim runs the command in this process with the fake simulator.
func protosim(t *testing.T, args ...string) outcome {
	t.Helper()
	return protosimWith(t, fake, "", args...)
}

// protosimWith runs the command with a simulator and standard input.
func protosimWith(t *testing.T, simulate simulator, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &process{
		stdin:    strings.NewReader(stdin),
		stdout:   &stdout,
		stderr:   &stderr,
		env:      func(string) string { return "" },
		simulate: simulate,
	}
	code := p.main(args)
	return outcome{code, stdout.String(), stderr.String()}
}

// typical are the numbers that the fake simulator gives, about those of 100
// objects over 100 ms.
var typical = map[scenarios.Strategy]result.Metrics{
	scenarios.HTTP1:      {"page_load_ms.p50": 1885, "page_load_ms.p95": 1885, "connections.opened": 60, "bytes.received": 21_345_678},
	scenarios.HTTP1Close: {"page_load_ms.p50": 3485, "page_load_ms.p95": 3485.5, "connections.opened": 1000, "bytes.received": 21_745_678},
	scenarios.HTTP2:      {"page_load_ms.p50": 205, "page_load_ms.p95": 205.25, "connections.opened": 10, "bytes.received": 20_945_678},
	scenarios.WebSocket:  {"page_load_ms.p50": 305, "page_load_ms.p95": 305, "connections.opened": 10, "bytes.received": 20_845_678},
}

// fake is a simulator that measures typical numbers, a little different for
// each seed, and does not take notice of the scenario.
func fake(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
	strategies := opt.Strategies
	if len(strategies) == 0 {
		strategies = s.Strategies
	}
	r := &result.Result{Schema: result.Schema, Version: "test", Scenario: s, Seed: opt.Seed, Fidelity: "wire"}
	for i := range max(opt.Seeds, 1) {
		seed := opt.Seed + uint64(i)
		replicate := result.Replicate{Seed: seed}
		for _, strategy := range strategies {
			run := result.Run{
				Strategy: strategy,
				Digest:   fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, strategy, seed))),
				Metrics:  result.Metrics{"requests.total": 1000, "requests.ok": 1000, "requests.failed": 0},
				Series:   []result.Series{{Name: "connections.open", StepMS: 100, Values: []float64{6, 6, 0}}},
			}
			for name, v := range typical[strategy] {
				run.Metrics[name] = v
				if name == "page_load_ms.p50" {
					run.Metrics[name] += float64(i)
				}
			}
			replicate.Runs = append(replicate.Runs, run)
			if opt.Progress != nil {
				opt.Progress(world.Progress{Strategy: strategy, Seed: seed, Done: true})
			}
		}
		r.Replicates = append(r.Replicates, replicate)
	}
	r.Runs = result.Summarize(r.Replicates)
	if opt.Seeds <= 1 {
		r.Replicates = nil
	}
	return r, ctx.Err()
}

// golden compares text with a file in testdata, which UPDATE_GOLDEN=1 writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (UPDATE_GOLDEN=1 accepts it). Got:\n%s", path, got)
	}
}

// write makes a file in a temporary folder and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
