package report_test

import (
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/report"
)

// Of no scenario do boxes and texts of the drawing collide, and all can be
// read.
func TestTopologies(t *testing.T) {
	all := map[string]*scenarios.Scenario{}
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = s
	}
	full, err := scenarios.Load("shared-sessions", []string{"network.down.loss=1.5%", "network.up.loss=0.5%", "tls.enabled=true", "servers.concurrency=16"})
	if err != nil {
		t.Fatal(err)
	}
	full.Cache.Edges, full.Cache.Shield, full.Cache.Policy = 12, true, "lru"
	full.Servers.RTT = scenarios.Duration(40e6)
	full.Firewalls = []scenarios.Firewall{{Share: .33}, {Share: .12}}
	all["everything"] = full
	for name, s := range all {
		scene := report.Topology(s)
		for _, flaw := range scene.Flaws() {
			t.Errorf("%s: %s", name, flaw)
		}
		for _, text := range scene.Texts {
			if text.Size < 9 {
				t.Errorf("%s: %q in letters of %.1f points", name, text.Text, text.Size)
			}
		}
		// Boxes stand side by side.
		end := 0.0
		for _, p := range scene.Paths {
			if !p.Closed {
				continue
			}
			if p.Points[0].X < end+20 && end > 0 {
				t.Errorf("%s: a box begins at %.0f, the one before ends at %.0f", name, p.Points[0].X, end)
			}
			end = p.Points[1].X
		}
	}
}

// Facts are in words, not in YAML.
func TestFactsAreWords(t *testing.T) {
	for _, name := range scenarios.Names() {
		s, err := scenarios.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Facts(&result.Result{Scenario: s, Seed: 1}) {
			if strings.ContainsAny(f.Value, "{}[]\n") || strings.Contains(f.Value, "%!") {
				t.Errorf("%s: %s: %s", name, f.Name, f.Value)
			}
		}
	}
	s, err := scenarios.Load("page-load", []string{"workload=push", "strategies=[sse]", "expect=[]", "push.interval={uniform: {min: 1s, max: 3s}}", "faults=[{when: requests.total > 5, kind: purge}]", "cache.edges=1", "cache.purge=true"})
	if err != nil {
		t.Skip(err)
	}
	if got := report.Facts(&result.Result{Scenario: s})[0].Value; got != "events every 1s to 3s" {
		t.Error(got)
	}
}
