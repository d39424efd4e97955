package scenarios_test

import (
	"strings"
	"testing"

	"protosim/scenarios"
)

func TestSharesAreExact(t *testing.T) {
	s := scenarios.Default()
	for _, shares := range [][]scenarios.Ratio{{}, {1}, {.5, .5}, {.67, .09, .06, .04, .09, .05}, {.333, .333, .333}, {.005, .004}, {.1}} {
		s.Firewalls = nil
		for _, r := range shares {
			s.Firewalls = append(s.Firewalls, scenarios.Firewall{Kind: "pass", Share: r})
		}
		for _, clients := range []int{1, 3, 7, 100, 1000} {
			s.Clients.Count = clients
			count := map[int]int{}
			for _, i := range s.Behind(func(int, func(i, j int)) {}) {
				count[i]++
			}
			sum := count[-1]
			for i, r := range shares {
				sum += count[i]
				if exact := float64(r) * float64(clients); float64(count[i]) <= exact-1 || float64(count[i]) >= exact+1 {
					t.Errorf("%v of %d clients: %d", r, clients, count[i])
				}
			}
			if sum != clients {
				t.Errorf("%v: %d of %d clients are somewhere", shares, sum, clients)
			}
		}
	}
}

func TestFirewallsThatCannotBe(t *testing.T) {
	for text, want := range map[string]string{
		"firewalls: [{kind: block, share: 10%}]":                          "blocks nothing",
		"firewalls: [{kind: pass}]":                                       "nobody is behind",
		"firewalls: [{kind: pass, share: 60%}, {kind: pass, share: 60%}]": "add up to 1.2",
		"firewalls: [{kind: no-upgrade, share: 10%, upgrade: kill}]":      "in its name",
		"firewalls: [{kind: pass, share: 10%, allowed: [0]}]":             "0 is no port",
		"firewalls: [{kind: pass, share: 10%, connect: [80]}]":            "CONNECT",
		"firewalls: [{kind: pass, share: 10%, buffer: true}]":             "reads no responses",
		"firewalls: [{kind: wall, share: 10%}]":                           "unknown firewalls[0].kind",
		"cache: {edges: 1}\nfirewalls: [{kind: explicit, share: 1%}]":     "finds the servers by itself",
		"workload: push\ncache: {edges: 1}":                               "nothing to store",
		"cache: {shield: true}":                                           "without edges",
		"cache: {edges: 1, purge: true}":                                  "nothing changes",
		"faults: [{at: 1s, kind: purge}]":                                 "without caches",
		"cache: {edges: 1}\nfaults: [{at: 1s, kind: purge, target: www}]": "concerns all caches",
		"catalogue: {alpha: x}":                                           "a number",
		"catalogue: {alpha: 4}":                                           "out of range",
		"workload: push\nstrategies: [hybrid]":                            "has no strategy",
		"workload: page\nstrategies: [fallback]":                          "has no strategy",
	} {
		_, err := scenarios.Parse("test.yaml", []byte("name: test\n"+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
