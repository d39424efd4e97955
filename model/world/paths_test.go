package world_test

import (
	"testing"

	"protosim/scenarios"
)

// TestPathsThatLookAlike: queries, methods and repetitions tell objects apart,
// as in pages that were recorded: a redirect and the document have one address.
func TestPathsThatLookAlike(t *testing.T) {
	s := parse(t, `
clients: {count: 2, visits: 2}
page:
  resources:
    - {name: a, path: "/x?v=1", size: 100B}
    - {name: b, path: "/x?v=2", size: 200B}
    - {name: c, path: /x, size: 300B}
    - {name: d, path: /x, size: 0B, after: [c]}
    - {name: e, path: /x, size: 500B, method: HEAD}
    - {name: f, path: /x, size: 600B, method: POST, body: 10B}
    - {name: g, path: "/y?z=1", size: 700B, count: 3}`)
	for _, run := range simulate(t, s).Runs {
		if m := run.Metrics; m["pages.loaded"] != 4 {
			t.Errorf("%s: %v of 4 pages loaded, %v of %v requests ok", run.Strategy, m["pages.loaded"], m["requests.ok"], m["requests.total"])
		}
	}
}

// TestImportedPages: what is imported from a browser's recording loads under
// every strategy.
func TestImportedPages(t *testing.T) {
	for _, browser := range []string{"chrome", "firefox", "safari"} {
		s, err := scenarios.Load("../../scenarios/testdata/har/"+browser+".yaml", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range simulate(t, s).Runs {
			if m := run.Metrics; m["pages.loaded"] != m["pages.total"] || m["pages.total"] == 0 {
				t.Errorf("%s, %s: %v of %v pages loaded, %v of %v requests ok", browser, run.Strategy, m["pages.loaded"], m["pages.total"], m["requests.ok"], m["requests.total"])
			}
		}
	}
}
