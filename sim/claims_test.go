package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/world"
)

func TestClaimsCommand(t *testing.T) {
	out := filepath.Join(t.TempDir(), "claims")
	got := protosimWith(t, world.Simulate, "", "claims", "8", "2", "--quick", "--out", out)
	if got.code != exitOK {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{"1,885 ms", "page-load-ideal", "holds"} {
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
	var numbers claimsJSON
	data, _ := os.ReadFile(filepath.Join(out, "claims.json"))
	if err := json.Unmarshal(data, &numbers); err != nil || len(numbers.Claims) != 2 || numbers.Claims[0].Figures[0].Mean != 1885 {
		t.Errorf("claims.json: %+v, %v", numbers, err)
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
	for _, args := range [][]string{{"claims", "99"}, {"claims", "show", "x"}, {"claims", "--seeds", "-1"}, {"claims", "--format", "xml"}} {
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
