package main

import (
	"strings"
	"testing"
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
