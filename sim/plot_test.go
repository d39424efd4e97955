package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// storedResult runs a scenario with the fake simulator and returns the file of
// its result.
func storedResult(t *testing.T, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	o := protosim(t, append([]string{"run", "page-load", "--set", "expect=[]", "--quiet", "--out", dir}, flags...)...)
	if o.code != exitOK {
		t.Fatal(o.stderr)
	}
	return filepath.Join(dir, "page-load.json")
}

func TestPlotDrawsWhatTheResultHas(t *testing.T) {
	stored, dir := storedResult(t), t.TempDir()
	o := protosim(t, "plot", stored, "--out", dir, "--format", "svg,png,pdf")
	if o.code != exitOK {
		t.Fatalf("code %d: %s", o.code, o.stderr)
	}
	for _, name := range []string{"scoreboard.svg", "scoreboard.png", "connections.pdf"} {
		path := filepath.Join(dir, "page-load."+name)
		if _, err := os.Stat(path); err != nil || !strings.Contains(o.stdout, path+"\n") {
			t.Errorf("%s: %v; printed\n%s", name, err, o.stdout)
		}
	}
	if strings.Contains(o.stdout, "replicates") {
		t.Error("one seed has replicates")
	}
}

// Nothing that is there is overwritten, unless by the same or with --force.
func TestPlotOverwritesOnlyByForce(t *testing.T) {
	stored, dir := storedResult(t), t.TempDir()
	args := []string{"plot", stored, "--out", dir, "--kind", "scoreboard,connections"}
	if o := protosim(t, args...); o.code != exitOK {
		t.Fatal(o.stderr)
	}
	if o := protosim(t, args...); o.code != exitOK {
		t.Errorf("the same again: %s", o.stderr)
	}
	mine := filepath.Join(dir, "page-load.scoreboard.svg")
	if err := os.WriteFile(mine, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, "page-load.connections.svg"))
	o := protosim(t, args...)
	if o.code != exitInput || !strings.Contains(o.stderr, mine+" exists and is different\nnothing was written; --force") {
		t.Errorf("code %d: %s", o.code, o.stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files are %v", left)
	}
	if o := protosim(t, append(args, "--force")...); o.code != exitOK {
		t.Error(o.stderr)
	}
	if data, _ := os.ReadFile(mine); string(data) == "mine" {
		t.Error("--force did not overwrite")
	}
}

func TestRunDrawsPlots(t *testing.T) {
	stored := storedResult(t, "--plots")
	for _, format := range []string{"svg", "png"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(stored), "page-load.scoreboard."+format)); err != nil {
			t.Error(err)
		}
	}
}

// What is no result is refused by the name of the field, whichever command
// reads it, and nothing is written.
func TestBadResults(t *testing.T) {
	good, err := os.ReadFile(storedResult(t))
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	for name, c := range map[string]struct{ text, want string }{
		"another schema": {strings.Replace(text, "result/1", "result/9", 1), `schema: "protosim.result/9", but this protosim reads "protosim.result/1"`},
		"cut off":        {text[:len(text)/2], "the file is cut off after"},
		"edited":         {strings.Replace(text, `"page_load_ms.p50": 1885`, `"page_load_ms.p50": "fast"`, 1), "runs.metrics"},
		"other number":   {strings.Replace(text, `"page_load_ms.p50": 1885`, `"page_load_ms.p50": 18`, 1), "sum: not that of the content: the result was edited"},
		"unknown field":  {strings.Replace(text, `"seed"`, `"sead"`, 1), `unknown field "sead"`},
		"empty":          {"", "the file is empty"},
	} {
		for _, command := range []string{"plot", "report", "compare"} {
			t.Run(name+" "+command, func(t *testing.T) {
				out := filepath.Join(t.TempDir(), "out")
				file := write(t, "result.json", c.text)
				o := protosim(t, command, file, "--out", out)
				if command == "compare" {
					o = protosim(t, command, file, file)
				}
				if o.code != exitInput || !strings.HasPrefix(o.stderr, "protosim: "+file) || !strings.Contains(o.stderr, c.want) {
					t.Errorf("code %d: %s", o.code, o.stderr)
				}
				if _, err := os.Stat(out); err == nil {
					t.Error("something was written")
				}
			})
		}
	}
}

func TestBadPlots(t *testing.T) {
	stored := storedResult(t)
	for want, args := range map[string][]string{
		`--kind cannot be "waterfal"`:                  {"plot", stored, "--kind", "waterfal"},
		`did you mean waterfall?`:                      {"plot", stored, "--kind", "waterfal"},
		`--format cannot be "gif"`:                     {"plot", stored, "--format", "gif"},
		`no waterfall chart of page-load`:              {"plot", stored, "--kind", "waterfall"},
		"are both of the scenario page-load":           {"plot", stored, stored},
		"cannot be read: no such file":                 {"plot", "absent.json"},
		"--plots needs a folder to draw into\nname it": {"run", "page-load", "--plots"},
	} {
		o := protosim(t, append(args, "--out", "")...)
		if args[0] == "plot" {
			o = protosim(t, append(args, "--out", t.TempDir())...)
		}
		if o.code != exitInput || !strings.Contains(o.stderr, want) {
			t.Errorf("%v: code %d, %s", args, o.code, o.stderr)
		}
	}
}

// shippedResults are the results of every shipped scenario as it is simulated
// now, with few clients, in the order of the names.
var shippedResults = sync.OnceValues(func() ([]*result.Result, error) {
	var results []*result.Result
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name, nil)
		if err != nil {
			return nil, err
		}
		s.Clients.Count = min(s.Clients.Count, 6)
		if len(s.Firewalls) > 0 {
			s.Clients.Count = 12 // some of them behind one
		}
		r, err := world.Simulate(context.Background(), s, world.Options{})
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
})

func shipped(t *testing.T) []*result.Result {
	t.Helper()
	if testing.Short() {
		t.Skip("simulates every scenario")
	}
	results, err := shippedResults()
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// The charts of every shipped scenario: nothing overlaps.
func TestChartsOfShippedScenarios(t *testing.T) {
	for _, r := range shipped(t) {
		for _, k := range chart.Kinds() {
			if k.Needs(r) != nil {
				continue
			}
			for _, flaw := range figure.Layout(k.Figure(r)).Flaws() {
				t.Errorf("%s, %s: %s", r.Scenario.Name, k.Name, flaw)
			}
		}
	}
}

// What every shipped scenario finds, and what its charts say, is kept in a file
// so that somebody reads it. UPDATE_GOLDEN=1 writes it anew.
func TestFindingsOfShippedScenarios(t *testing.T) {
	var b strings.Builder
	for _, r := range shipped(t) {
		fmt.Fprintf(&b, "%s, %s: %s\n", r.Scenario.Name, chart.Plural(r.Scenario.Clients.Count, "client"), result.Finding(r))
		for _, k := range chart.Kinds() {
			if k.Needs(r) == nil && k.Name != "scoreboard" {
				fmt.Fprintf(&b, "  %-12s %s\n", k.Name, k.Figure(r).Title)
			}
		}
	}
	golden(t, "findings.txt", b.String())
}
