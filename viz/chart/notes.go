package chart

import (
	"fmt"
	"strings"

	"protosim/model/result"
	"protosim/scenarios"
)

// Notes are the small print under a chart: what was simulated, and what
// identifies it.
func Notes(r *result.Result) []string {
	s := r.Scenario
	parts := []string{s.Name, Seeds(r)}
	n := s.Network
	parts = append(parts, "RTT "+n.RTT.String())
	if n.Jitter > 0 {
		parts = append(parts, "jitter up to "+n.Jitter.String())
	}
	parts = append(parts, fmt.Sprintf("%s down, %s up", bandwidth(n.Down), bandwidth(n.Up)))
	if n.Down.Loss > 0 || n.Up.Loss > 0 {
		parts = append(parts, fmt.Sprintf("loss %s down, %s up", n.Down.Loss, n.Up.Loss))
	}
	encryption := "no TLS"
	if s.TLS.Enabled {
		encryption = "TLS 1.3"
	}
	parts = append(parts, encryption, Plural(s.Clients.Count, "client"))
	if s.Clients.Visits > 1 {
		parts = append(parts, Plural(s.Clients.Visits, "visit"))
	}
	if b := s.Balancer; b.Kind != "none" && b.Kind != "" {
		parts = append(parts, fmt.Sprintf("%s balancer, %s, %s", b.Kind, b.Policy, Plural(s.Servers.Count, "server")))
	}
	for _, f := range s.Faults {
		parts = append(parts, DescribeFault(f))
	}
	if r.Partial {
		parts = append(parts, "PARTIAL: interrupted")
	}
	var digests []string
	for _, run := range r.Runs {
		digests = append(digests, fmt.Sprintf("%s %s", run.Strategy, run.Digest[:min(len(run.Digest), 12)]))
	}
	return []string{strings.Join(parts, " · "), "protosim " + r.Version + " · digests " + strings.Join(digests, ", ")}
}

// bandwidth of a link in words.
func bandwidth(l scenarios.Link) string {
	if l.Bandwidth == 0 {
		return "unlimited"
	}
	return l.Bandwidth.String()
}

// Seeds says which seeds a result covers.
func Seeds(r *result.Result) string {
	if n := len(r.Replicates); n > 1 {
		return fmt.Sprintf("seeds %d to %d", r.Replicates[0].Seed, r.Replicates[n-1].Seed)
	}
	return fmt.Sprintf("seed %d", r.Seed)
}

// Plural writes a number of things.
func Plural(n int, thing string) string {
	text := result.Scale{Divisor: 1}.Number(float64(n)) + " " + thing
	if n != 1 {
		text += "s"
	}
	return text
}
