package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"protosim/model/result"
)

// small is a scenario with an expectation that holds and one that fails.
const small = `name: small
title: Which is faster?
strategies: [http1, http2]
expect:
  - http2.page_load_ms.p50 < http1.page_load_ms.p50
  - http2.connections.opened > http1.connections.opened
`

func TestRunPrintsATable(t *testing.T) {
	o := protosim(t, "run", "page-load", "--set", "expect=[http2.page_load_ms.p50 < http1.page_load_ms.p50, http2.bytes.tls < 1]")
	if o.code != exitExpectation || o.stderr != "protosim: 1 of 2 expectations failed\n" {
		t.Errorf("code %d, stderr %s", o.code, o.stderr)
	}
	golden(t, "table.txt", o.stdout)
}

func TestRunOverSeedsPrintsIntervals(t *testing.T) {
	o := protosim(t, "run", "page-load", "--seed", "7", "--seeds", "5", "--strategy", "http1,http2", "--set", "expect=[websocket.page_load_ms.p50 < 300]", "--set", "title=It's replicated")
	if o.code != exitOK {
		t.Errorf("code %d, stderr %s", o.code, o.stderr)
	}
	golden(t, "seeds.txt", o.stdout)
}

func TestRunFailsWithAnExpectation(t *testing.T) {
	file := write(t, "small.yaml", small)
	o := protosim(t, "run", file)
	if o.code != exitExpectation || o.stderr != "protosim: 1 of 2 expectations failed\n" {
		t.Errorf("code %d, stderr %s", o.code, o.stderr)
	}
	golden(t, "failed.txt", strings.ReplaceAll(o.stdout, file, "small.yaml"))
}

// What the table would show, the error does where there is no table.
func TestRunNamesFailedExpectationsWithoutATable(t *testing.T) {
	for _, flags := range [][]string{{"--format", "json"}, {"--format", "csv"}, {"--quiet"}} {
		o := protosim(t, append([]string{"run", write(t, "small.yaml", small)}, flags...)...)
		want := `protosim: 1 of 2 expectations failed
✗ small: http2.connections.opened > http1.connections.opened (http2.connections.opened = 10, http1.connections.opened = 60)
`
		if o.code != exitExpectation || o.stderr != want {
			t.Errorf("%v: code %d, stderr %s", flags, o.code, o.stderr)
		}
		if flags[0] == "--quiet" && o.stdout != "" {
			t.Errorf("--quiet printed %s", o.stdout)
		}
	}
}

// A strategy that was not asked for cannot fail an expectation.
func TestRunSkipsExpectationsOfOtherStrategies(t *testing.T) {
	o := protosim(t, "run", write(t, "small.yaml", small), "--strategy", "http2")
	if o.code != exitOK || !strings.Contains(o.stdout, "not evaluated: no run of http1") {
		t.Errorf("code %d\n%s", o.code, o.stdout)
	}
}

func TestRunPrintsJSON(t *testing.T) {
	one := protosim(t, "run", "page-load", "--format", "json")
	r, err := result.Read(strings.NewReader(one.stdout))
	if err != nil {
		t.Fatal(err)
	}
	if r.Scenario.Name != "page-load" || len(r.Runs) != 4 {
		t.Errorf("got %s with %d runs", r.Scenario.Name, len(r.Runs))
	}
	if again := protosim(t, "run", "page-load", "--format", "json"); again.stdout != one.stdout {
		t.Error("a second time, the bytes differ")
	}
	var two []json.RawMessage
	o := protosim(t, "run", "page-load", "page-load-tls", "--format", "json")
	if err := json.Unmarshal([]byte(o.stdout), &two); err != nil || len(two) != 2 {
		t.Errorf("two scenarios gave an array of %d, error %v", len(two), err)
	}
}

func TestRunPrintsCSV(t *testing.T) {
	o := protosim(t, "run", "page-load", "page-load-tls", "--format", "csv", "--seeds", "2")
	rows, err := csv.NewReader(strings.NewReader(o.stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 2*4*7; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
}

func TestRunReadsStandardInput(t *testing.T) {
	o := protosimWith(t, fake, small, "run", "-", "--set", "expect=[]")
	if o.code != exitOK || !strings.HasPrefix(o.stdout, "small: Which is faster?\n") {
		t.Errorf("code %d, stderr %s\n%s", o.code, o.stderr, o.stdout)
	}
}

func TestReproduceQuotesForAShell(t *testing.T) {
	f := &runFlags{seeds: 3, strategies: []string{"http1", "http2"}, set: []string{"title=it's", "network.down.loss=1%"}}
	want := `protosim run 'my file.yaml' --seed 9 --seeds 3 --strategy http1 --strategy http2 --set 'title=it'\''s' --set network.down.loss=1%`
	if got := reproduce(f, "my file.yaml", &result.Result{Seed: 9}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
