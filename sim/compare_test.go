package main

import (
	"context"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

func TestCompareTellsWhatChanged(t *testing.T) {
	before, after := storedResult(t, "--seeds", "5"), storedResult(t, "--seeds", "5", "--set", "network.rtt=80ms")
	o := protosim(t, "compare", before, after)
	if o.code != exitOK || !strings.Contains(o.stdout, "network.rtt: 50ms, then 80ms") || !strings.Contains(o.stdout, "No metric changed.") {
		t.Errorf("code %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	// Other seeds give other numbers, which is chance.
	o = protosim(t, "compare", before, storedResult(t, "--seeds", "5", "--seed", "3"))
	if o.code != exitOK || !strings.Contains(o.stdout, "seeds: 5 from 1, then 5 from 3") {
		t.Errorf("code %d\n%s%s", o.code, o.stdout, o.stderr)
	}
}

// slowed is the fake simulator of a version under which http2 takes some
// milliseconds more, by the seed, and opens fewer connections.
func slowed(t *testing.T, ms float64, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	simulate := func(ctx context.Context, s *scenarios.Scenario, opt world.Options) (*result.Result, error) {
		r, err := fake(ctx, s, opt)
		for i := range r.Replicates {
			for k := range r.Replicates[i].Runs {
				if run := &r.Replicates[i].Runs[k]; run.Strategy == "http2" {
					run.Metrics = maps.Clone(run.Metrics)
					run.Metrics["page_load_ms.p50"] += ms + float64(r.Replicates[i].Seed%2)
					run.Metrics["connections.opened"] -= ms / 10
				}
			}
		}
		r.Runs = result.Summarize(r.Replicates)
		return r, err
	}
	o := protosimWith(t, simulate, "", append([]string{"run", "page-load", "--set", "expect=[]", "--quiet", "--out", dir}, flags...)...)
	if o.code != exitOK {
		t.Fatal(o.stderr)
	}
	return filepath.Join(dir, "page-load.json")
}

// A change that is more than chance is told, with its interval and which way it
// went, and makes the exit code 1, seed by seed or between other seeds.
func TestCompareFindsWhatChangedSignificantly(t *testing.T) {
	before := slowed(t, 0, "--seeds", "5")
	for name, c := range map[string]struct {
		after string
		how   string
	}{
		"the same seeds": {slowed(t, 50, "--seeds", "5"), "2 of them significantly (95 %, seed by seed)"},
		"other seeds":    {slowed(t, 50, "--seeds", "5", "--seed", "100"), "2 of them significantly (95 %, Welch's test, as the seeds differ)"},
	} {
		o := protosim(t, "compare", before, c.after)
		if o.code != exitExpectation || !strings.Contains(o.stdout, c.how) || !strings.Contains(o.stderr, "2 metrics changed significantly") {
			t.Errorf("%s: code %d\n%s%s", name, o.code, o.stdout, o.stderr)
		}
		var worse, better string
		for line := range strings.Lines(o.stdout) {
			if strings.Contains(line, "page_load_ms.p50") {
				worse = line
			}
			if strings.Contains(line, "connections.opened") {
				better = line
			}
		}
		if !strings.Contains(worse, "worse") || !strings.Contains(worse, "+24") || !strings.Contains(worse, "±") {
			t.Errorf("%s: %q", name, worse)
		}
		if !strings.Contains(better, "better") || !strings.Contains(better, "-50 %") && !strings.Contains(better, "-50") {
			t.Errorf("%s: %q", name, better)
		}
		if strings.Contains(o.stdout, "http1\n") {
			t.Errorf("%s: http1 is listed, of which nothing changed\n%s", name, o.stdout)
		}
	}
	// Other seeds differ by a fraction of a millisecond, which is chance.
	o := protosim(t, "compare", before, slowed(t, 0, "--seeds", "5", "--seed", "100"), "--all")
	if o.code != exitOK || !strings.Contains(o.stdout, "may be chance") {
		t.Errorf("code %d\n%s%s", o.code, o.stdout, o.stderr)
	}
}

func TestCompareOfOneSeedProvesNothing(t *testing.T) {
	before := storedResult(t, "--seeds", "3")
	o := protosim(t, "compare", before, storedResult(t))
	if o.code != exitOK || !strings.Contains(o.stdout, "One seed proves nothing") {
		t.Errorf("code %d\n%s%s", o.code, o.stdout, o.stderr)
	}
}

func TestCompareNeedsCommonStrategies(t *testing.T) {
	o := protosim(t, "compare", storedResult(t, "--strategy", "http1"), storedResult(t, "--strategy", "http2"))
	if o.code != exitInput || !strings.Contains(o.stderr, "no strategy in common") {
		t.Errorf("code %d\n%s", o.code, o.stderr)
	}
}
