package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// counted is the fake simulator, and how often it was asked.
func counted(n *atomic.Int32) simulator {
	return func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
		n.Add(1)
		return faked(ctx, s, opt)
	}
}

// faked is the fake simulator with the version that it is told, as the real one.
func faked(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
	r, err := fake(ctx, s, opt)
	r.Version = opt.Version
	return r, err
}

func TestSweepDrawsAndKeepsItsPoints(t *testing.T) {
	dir := t.TempDir()
	var simulated atomic.Int32
	sweep := func(more ...string) outcome {
		return protosimWith(t, counted(&simulated), "", append([]string{"sweep", "page-load", "--set", "expect=[]", "--out", dir, "--format", "svg"}, more...)...)
	}
	o := sweep("--vary", "network.rtt=10ms..40ms:4")
	if o.code != exitOK || simulated.Load() != 4 || !strings.Contains(o.stderr, "4 of 4") {
		t.Fatalf("code %d, %d simulated\n%s%s", o.code, simulated.Load(), o.stdout, o.stderr)
	}
	for _, name := range []string{"sweep.csv", "sweep.page_load_ms.p50.svg", "network.rtt=20ms.json"} {
		if _, err := os.Stat(filepath.Join(dir, "page-load."+name)); err != nil {
			t.Error(err)
		}
	}
	first, _ := os.ReadFile(filepath.Join(dir, "page-load.sweep.csv"))
	// The same again uses what is stored; a longer one adds to it.
	if o := sweep("--vary", "network.rtt=10ms..40ms:4"); o.code != exitOK || simulated.Load() != 4 || !strings.Contains(o.stderr, "(stored)") {
		t.Errorf("code %d, %d simulated\n%s", o.code, simulated.Load(), o.stderr)
	}
	if again, _ := os.ReadFile(filepath.Join(dir, "page-load.sweep.csv")); string(again) != string(first) {
		t.Error("stored points give another table")
	}
	if o := sweep("--vary", "network.rtt=10ms..50ms:5"); o.code != exitOK || simulated.Load() != 5 {
		t.Errorf("code %d, %d simulated", o.code, simulated.Load())
	}
	// What is of another seed is simulated again, what is no result is left alone.
	if o := sweep("--vary", "network.rtt=10ms,20ms", "--seed", "9"); o.code != exitOK || simulated.Load() != 7 {
		t.Errorf("code %d, %d simulated", o.code, simulated.Load())
	}
	if err := os.WriteFile(filepath.Join(dir, "page-load.network.rtt=30ms.json"), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	o = sweep("--vary", "network.rtt=30ms,40ms")
	if o.code != exitInput || simulated.Load() != 7 || !strings.Contains(o.stderr, "network.rtt=30ms.json exists and is not a result as protosim writes it") {
		t.Errorf("code %d, %d simulated, %s", o.code, simulated.Load(), o.stderr)
	}
	if o := sweep("--vary", "network.rtt=30ms,40ms", "--force"); o.code != exitOK || simulated.Load() != 8 {
		t.Errorf("code %d, %d simulated", o.code, simulated.Load())
	}
}

// A sweep leaves alone what is called as its table would be, where there are no
// points of it.
// A range of a field that counts something has whole numbers only, each once.
func TestSweepKeepsWholeNumbersWhole(t *testing.T) {
	for vary, want := range map[string]string{
		"clients.count=2..20:7":          "2 5 8 11 14 17 20",
		"clients.count=1..3:7":           "1 2 3",
		"clients.count=1..100:4:log":     "1 5 22 100",
		"network.rtt=1ms..2ms:3":         "1ms 1.5ms 2ms",
		"network.down.loss=1%..2%:3":     "1% 1.5% 2%",
		"page.resources[1].count=1..4:3": "1 3 4",
	} {
		dir := t.TempDir()
		o := protosim(t, "sweep", "page-load", "--set", "expect=[]", "--out", dir, "--format", "svg", "--vary", vary)
		if o.code != exitOK {
			t.Errorf("%s: %s", vary, o.stderr)
			continue
		}
		table, err := os.ReadFile(filepath.Join(dir, "page-load.sweep.csv"))
		if err != nil {
			t.Fatal(err)
		}
		var values []string
		for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
			value, _, _ := strings.Cut(line, ",")
			values = append(values, value)
		}
		if got := strings.Join(slices.Compact(values), " "); got != want {
			t.Errorf("%s: %s, want %s", vary, got, want)
		}
	}
}

func TestSweepReplacesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "page-load.sweep.csv")
	if err := os.WriteFile(mine, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"sweep", "page-load", "--set", "expect=[]", "--out", dir, "--format", "svg", "--vary", "network.rtt=10ms,20ms"}
	o := protosim(t, args...)
	if data, _ := os.ReadFile(mine); o.code != exitInput || string(data) != "mine" || !strings.Contains(o.stderr, mine+" exists, without points") {
		t.Errorf("code %d, %s", o.code, o.stderr)
	}
	if o := protosim(t, append(args, "--force")...); o.code != exitOK {
		t.Error(o.stderr)
	}
}

func TestSweepOverTwoFieldsDrawsAMap(t *testing.T) {
	dir := t.TempDir()
	o := protosim(t, "sweep", "page-load", "--set", "expect=[]", "--out", dir, "--format", "svg", "--ratio", "http1,http2",
		"--vary", "network.rtt=10ms..40ms:2", "--vary", "network.down.loss=0%,1%,2%")
	if o.code != exitOK || !strings.Contains(o.stdout, "http2 is ahead of http1 in all 6 settings, up to 9.2 times") {
		t.Errorf("code %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	o = protosim(t, "sweep", "page-load", "--set", "expect=[]", "--out", dir, "--format", "svg",
		"--vary", "network.rtt=10ms..40ms:2", "--vary", "network.down.loss=0%,1%,2%")
	if o.code != exitOK || !strings.Contains(o.stdout, "http2 is best, or level with who is, in all 6 settings") {
		t.Errorf("code %d\n%s%s", o.code, o.stdout, o.stderr)
	}
}

// What is complete when Ctrl-C comes is kept, and the next run goes on there.
func TestSweepInterrupted(t *testing.T) {
	dir := t.TempDir()
	var simulated atomic.Int32
	stopped := func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
		if simulated.Add(1) == 3 {
			interrupt(t)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return faked(ctx, s, opt)
	}
	args := []string{"sweep", "page-load", "--set", "expect=[]", "--out", dir, "--format", "svg", "--parallel", "1", "--vary", "network.rtt=10ms..50ms:5"}
	o := protosimWith(t, stopped, "", args...)
	if o.code != exitInterrupted || !strings.Contains(o.stderr, "interrupted: 2 of 5 points are in "+dir) {
		t.Fatalf("code %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	simulated.Store(0)
	if o := protosimWith(t, counted(&simulated), "", args...); o.code != exitOK || simulated.Load() != 3 {
		t.Errorf("code %d, %d simulated\n%s", o.code, simulated.Load(), o.stderr)
	}
}

func TestBadSweeps(t *testing.T) {
	for _, c := range []struct {
		want string
		args []string
	}{
		{`did you mean "rtt"`, []string{"--vary", "network.rt=10ms,20ms"}},
		{"out of range", []string{"--vary", "network.rtt=10ms,2h"}},
		{"needs the number of values", []string{"--vary", "network.rtt=10ms..20ms"}},
		{"ends are of different kinds", []string{"--vary", "network.rtt=10ms..20kB:3"}},
		{"ratios need ends above 0", []string{"--vary", "network.rtt=0..20ms:3:log"}},
		{`"fast" is no number`, []string{"--vary", "network.rtt=fast"}},
		{"needs a field, = and values", []string{"--vary", "network.rtt"}},
		{"0 fields vary", nil},
		{"3 fields vary", []string{"--vary", "seed=1,2", "--vary", "network.rtt=1ms,2ms", "--vary", "clients.count=1,2"}},
		{`there is no metric "page_load_ms.p5"`, []string{"--vary", "network.rtt=1ms,2ms", "--metric", "page_load_ms.p5"}},
		{`there is only http1`, []string{"--vary", "network.rtt=1ms,2ms", "--vary", "clients.count=1,2", "--strategy", "http1"}},
		{`--ratio names 1 strategies`, []string{"--vary", "network.rtt=1ms,2ms", "--vary", "clients.count=1,2", "--ratio", "http1"}},
		{`--ratio names "h3"`, []string{"--vary", "network.rtt=1ms,2ms", "--vary", "clients.count=1,2", "--ratio", "h3,http1"}},
	} {
		o := protosim(t, append([]string{"sweep", "page-load", "--out", filepath.Join(t.TempDir(), "out")}, c.args...)...)
		if o.code != exitInput || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%v: code %d, want %s\n%s", c.args, o.code, c.want, o.stderr)
		}
	}
}
