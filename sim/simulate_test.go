package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// A panic of the simulator is protosim's fault, and says how to report it.
func TestPanicIsReported(t *testing.T) {
	broken := func(context.Context, *scenarios.Scenario, world.Options) (*result.Result, error) {
		panic("two events at once")
	}
	o := protosimWith(t, broken, "", "run", "page-load", "--seed", "42")
	if o.code != exitBug {
		t.Errorf("exit code %d, want %d", o.code, exitBug)
	}
	for _, want := range []string{
		"protosim: the simulation failed: panic: two events at once\n",
		"Please report it",
		"  protosim run page-load --seed 42\n",
		"go1.",
		"simulate_test.go:", // the stack
	} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("no %q in:\n%s", want, o.stderr)
		}
	}
}

func TestErrorOfTheSimulatorIsReported(t *testing.T) {
	broken := func(context.Context, *scenarios.Scenario, world.Options) (*result.Result, error) {
		return nil, errors.New("3 requests are unaccounted for")
	}
	o := protosimWith(t, broken, "", "run", "page-load")
	if o.code != exitBug || !strings.HasPrefix(o.stderr, "protosim: the simulation failed: 3 requests are unaccounted for\n") {
		t.Errorf("code %d, stderr %s", o.code, o.stderr)
	}
}

// interruptedAfter is a simulator that is interrupted when it has simulated
// the first runs.
func interruptedAfter(t *testing.T, runs int) simulator {
	return func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
		r, _ := fake(ctx, s, opt)
		interrupt(t)
		<-ctx.Done()
		r.Runs = r.Runs[:runs]
		r.Partial = true
		return r, ctx.Err()
	}
}

func TestInterruptPrintsWhatThereIs(t *testing.T) {
	dir := t.TempDir()
	o := protosimWith(t, interruptedAfter(t, 2), "", "run", "page-load", "--out", dir)
	if o.code != exitInterrupted || o.stderr != "protosim: interrupted: the results are partial\n" {
		t.Errorf("code %d, stderr %s", o.code, o.stderr)
	}
	if !strings.Contains(o.stdout, "\nPARTIAL: ") || !strings.Contains(o.stdout, "http1-close") || strings.Contains(o.stdout, "websocket") {
		t.Errorf("got %s", o.stdout)
	}
	if _, err := os.Stat(filepath.Join(dir, "page-load.partial.json")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "page-load.json")); err == nil {
		t.Error("a partial result has the name of a complete one")
	}
}

func TestInterruptMarksJSON(t *testing.T) {
	o := protosimWith(t, interruptedAfter(t, 1), "", "run", "page-load", "--format", "json")
	r, err := result.Read(strings.NewReader(o.stdout))
	if err != nil {
		t.Fatal(err)
	}
	if o.code != exitInterrupted || !r.Partial || len(r.Runs) != 1 {
		t.Errorf("code %d, partial %v, %d runs", o.code, r.Partial, len(r.Runs))
	}
}

func TestInterruptBeforeAnythingIsComplete(t *testing.T) {
	o := protosimWith(t, interruptedAfter(t, 0), "", "run", "page-load", "page-load-tls")
	if o.code != exitInterrupted || o.stdout != "" || !strings.Contains(o.stderr, "there are no results") {
		t.Errorf("code %d, stdout %s, stderr %s", o.code, o.stdout, o.stderr)
	}
}
