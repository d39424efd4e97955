package scenarios_test

import (
	"regexp"
	"strings"
	"testing"

	"protosim/scenarios"
)

func TestGlossaryIsComplete(t *testing.T) {
	snake := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	seen := make(map[string]bool)
	for _, m := range scenarios.Metrics() {
		if !snake.MatchString(m.Name) || seen[m.Name] {
			t.Errorf("bad or repeated name %q", m.Name)
		}
		seen[m.Name] = true
		if m.Unit == "" || m.Better == "" || m.Label == "" || !strings.HasSuffix(m.Meaning, ".") {
			t.Errorf("%s is not fully described: %+v", m.Name, m)
		}
		if got, ok := scenarios.MetricNamed(m.Name); !ok || got != m {
			t.Errorf("looking up %s gives %+v", m.Name, got)
		}
		for parent := m.Name; strings.Contains(parent, "."); {
			parent = parent[:strings.LastIndex(parent, ".")]
			if _, both := scenarios.MetricNamed(parent); both {
				t.Errorf("%s is a metric and a group of metrics, which expectations cannot tell apart", parent)
			}
		}
	}
	if _, ok := scenarios.MetricNamed("page_load_ms"); ok {
		t.Error("found a metric that does not exist")
	}
}
