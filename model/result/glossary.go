package result

import (
	"slices"
	"strings"

	"protosim/scenarios"
)

// groups puts metrics under headings, by the first part of their names, in
// the order of a report.
var groups = []struct {
	title    string
	prefixes []string
}{
	{"Time", []string{"page_load_ms", "request_ms", "finished_ms"}},
	{"Requests", []string{"pages", "requests", "retries", "breaker", "clients", "slo", "content"}},
	{"Connections", []string{"connections", "connect", "disconnects", "reconnects", "heartbeats", "fallbacks", "tls"}},
	{"Sessions", []string{"sessions", "recovery_ms", "unserved"}},
	{"Pushes", []string{"push"}},
	{"Bytes", []string{"bytes"}},
	{"Packets", []string{"packets"}},
	{"Servers", []string{"server", "servers", "store", "balancer"}},
	{"Caches", []string{"cache", "origin"}},
}

// Group is the heading under which a report lists the metric called name.
func Group(name string) string {
	if i := groupIndex(name); i < len(groups) {
		return groups[i].title
	}
	return "Other"
}

func groupIndex(name string) int {
	prefix, _, _ := strings.Cut(name, ".")
	for i, g := range groups {
		if slices.Contains(g.prefixes, prefix) {
			return i
		}
	}
	return len(groups)
}

// glossary looks metrics up in the catalogue, which it reads once.
type glossary struct {
	metrics []scenarios.Metric
}

// describe is the catalogue's entry for a name. A metric that the catalogue
// does not know, as from a later version, is shown but not judged.
func (g glossary) describe(name string) scenarios.Metric {
	if i := g.index(name); i < len(g.metrics) {
		return g.metrics[i]
	}
	return scenarios.Metric{Name: name, Label: name, Better: scenarios.Neither}
}

// index is the position of name in the catalogue, its length if not there.
func (g glossary) index(name string) int {
	i := slices.IndexFunc(g.metrics, func(m scenarios.Metric) bool { return m.Name == name })
	if i < 0 {
		return len(g.metrics)
	}
	return i
}
