package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/world"
	"protosim/viz/report"
)

func TestClaimsCommand(t *testing.T) {
	out := filepath.Join(t.TempDir(), "claims")
	got := protosimWith(t, world.Simulate, "", "claims", "8", "2", "--quick", "--out", out)
	if got.code != exitOK {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{"1,885 ms", "205 ms", "page-load-ideal", "holds", "Of 2 claims, 2 hold."} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the table lacks %q:\n%s", want, got.stdout)
		}
	}
	for name, want := range map[string]string{
		"claims.html":  "six connections queue",
		"claims.md":    "| 8 | ",
		"claim-08.svg": "<svg",
		"claim-02.png": "\x89PNG",
	} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s lacks %q (%v)", name, want, err)
		}
	}
	var numbers report.Findings
	data, _ := os.ReadFile(filepath.Join(out, "claims.json"))
	if err := json.Unmarshal(data, &numbers); err != nil || len(numbers.Claims) != 2 || numbers.Claims[0].Figures[0].Mean != 1885 {
		t.Errorf("claims.json: %+v, %v", numbers, err)
	}
	// What was found is shown again without a simulation, in the same words.
	again := protosimWith(t, nil, "", "claims", "--from", filepath.Join(out, "claims.json"))
	if again.code != exitOK || again.stdout != got.stdout {
		t.Errorf("exit code %d: %s%s", again.code, again.stdout, again.stderr)
	}
	again = protosimWith(t, nil, "", "claims", "2", "--from", filepath.Join(out, "claims.json"), "--format", "markdown")
	markdown, _ := os.ReadFile(filepath.Join(out, "claims.md"))
	if again.code != exitOK || strings.Contains(again.stdout, "| 8 |") || !strings.Contains(string(markdown), again.stdout[strings.Index(again.stdout, "| 2 |"):]) {
		t.Errorf("exit code %d: %s%s", again.code, again.stdout, again.stderr)
	}
}

func TestShowClaim(t *testing.T) {
	got := protosimWith(t, world.Simulate, "", "claims", "show", "2", "--quick", "-q")
	if got.code != exitOK || got.stderr != "" {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{"2. A socket begins", "It holds.", "with a proxy that drops Upgrade it does not hold", "protosim run missing-upgrade --set balancer.upgrade=true"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, got.stdout)
		}
	}
}

func TestClaimsThatThereAreNot(t *testing.T) {
	for _, args := range [][]string{{"claims", "99"}, {"claims", "show", "x"}, {"claims", "--seeds", "-1"}, {"claims", "--format", "xml"}, {"claims", "--from", "nowhere.json"}, {"claims", "--from", "claims_test.go"}, {"claims", "--from", "x", "--out", "y"}} {
		if got := protosim(t, args...); got.code != exitInput || got.stdout != "" {
			t.Errorf("%v: exit code %d, %q", args, got.code, got.stderr)
		}
	}
}

func TestBetween(t *testing.T) {
	for _, test := range []struct {
		from, to string
		share    float64
		want     string
	}{
		{"10ms", "30ms", .5, "20ms"},
		{"1ms", "100ms", .5, "10ms"}, // by ratios
		{"0%", "5%", .25, "1.25%"},
		{"200ms", "0ms", .5, "100ms"},
		{"6", "100", .5, "24"},
		{"2", "5", .5, "4"},
	} {
		if got, err := between(test.from, test.to, test.share); err != nil || got != test.want {
			t.Errorf("%s to %s, %v: %q, %v, want %q", test.from, test.to, test.share, got, err, test.want)
		}
	}
}
