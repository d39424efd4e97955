package result_test

import (
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

func TestEveryMetricOfTheCatalogueHasAGroup(t *testing.T) {
	for _, m := range scenarios.Metrics() {
		if result.Group(m.Name) == "Other" {
			t.Errorf("%s belongs to no group", m.Name)
		}
	}
	if got := result.Group("no.such"); got != "Other" {
		t.Errorf("an unknown metric is in %q", got)
	}
}
