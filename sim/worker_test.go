package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"protosim/model/world"
	"protosim/scenarios"
)

// pool returns workers that are this test program.
func pool(t *testing.T) *workers {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &workers{program: program}
	t.Cleanup(w.close)
	return w
}

// TestWorkersAgree does what workers do in this process too: every byte of the
// result is the same.
func TestWorkersAgree(t *testing.T) {
	w := pool(t)
	for name, sets := range map[string][]string{
		"page-load":       {"clients.count=3"},
		"page-load-lossy": {"clients.count=2"},
		"server-crash":    {"clients.count=30"},
	} {
		s, err := scenarios.Load(name, sets)
		if err != nil {
			t.Fatal(err)
		}
		opt := world.Options{Seeds: 2, Parallel: 2}
		here, err := world.Simulate(t.Context(), s, opt)
		if err != nil {
			t.Fatal(err)
		}
		progress := 0
		opt.Progress = func(world.Progress) { progress++ }
		there, err := w.simulate(t.Context(), s, opt)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(here)
		b, _ := json.Marshal(there)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: workers give another result", name)
		}
		if progress < len(s.Strategies)*2 {
			t.Errorf("%s: %d reports of progress of %d runs", name, progress, len(s.Strategies)*2)
		}
	}
	if n := len(w.idle); n == 0 || n > 2 {
		t.Errorf("%d workers for 2 runs side by side", n)
	}
}

func TestWorkerPanics(t *testing.T) {
	w := pool(t)
	_, err := w.run(t.Context(), nil, scenarios.HTTP1, 1, world.Options{}) // there is no scenario to run
	if p := (*panicked)(nil); !errors.As(err, &p) || !strings.Contains(string(p.stack), "world.Run") {
		t.Errorf("error %v, want a panic with its stack", err)
	}
}

func TestWorkerDies(t *testing.T) {
	s, err := scenarios.Load("page-load", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"/bin/false", "/nowhere"} {
		w := &workers{program: program}
		if _, err := w.run(t.Context(), s, scenarios.HTTP1, 1, world.Options{}); err == nil || !strings.Contains(err.Error(), "process") {
			t.Errorf("%s: error %v", program, err)
		}
		w.close()
	}
}

// TestWorkersEndWithTheContext interrupts a run that would take minutes.
func TestWorkersEndWithTheContext(t *testing.T) {
	s, err := scenarios.Load("page-load", []string{"clients.count=2000"})
	if err != nil {
		t.Fatal(err)
	}
	w := pool(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	opt := world.Options{Progress: func(p world.Progress) {
		if p.Events > 0 {
			cancel()
		}
	}}
	r, err := w.simulate(ctx, s, opt)
	if !errors.Is(err, context.Canceled) || !r.Partial || len(r.Runs) > 0 {
		t.Errorf("error %v and %d runs, want none of the runs", err, len(r.Runs))
	}
	if len(w.idle) > 0 {
		t.Error("an interrupted worker is used again")
	}
}
