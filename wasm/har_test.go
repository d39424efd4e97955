package wasm_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"protosim/model/export"
	"protosim/model/world"
	"protosim/scenarios"
)

// An archive of a page load opens in PerfCascade, a viewer of npm: a row for
// each request, by its path, none of which is an error of the viewer.
func TestHAROpensInAViewer(t *testing.T) {
	once(t)
	viewer, err := os.ReadFile("testdata/perf-cascade/perf-cascade.min.js")
	if err != nil {
		t.Fatal(err)
	}
	style, err := os.ReadFile("testdata/perf-cascade/perf-cascade.css")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Load("page-load", []string{"clients.count=1", "expect=[]"})
	if err != nil {
		t.Fatal(err)
	}
	archives := map[scenarios.Strategy]*export.Pages{}
	for _, strategy := range []scenarios.Strategy{"http1", "websocket"} {
		archives[strategy] = export.NewPages(s, strategy, 0, "test")
	}
	res, err := world.Simulate(t.Context(), s, world.Options{
		Strategies: []scenarios.Strategy{"http1", "websocket"},
		Capture: func(strategy scenarios.Strategy, _ uint64) world.Capture {
			return world.Capture{Exchange: archives[strategy].Exchange}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch name := strings.TrimPrefix(r.URL.Path, "/"); {
		case name == "":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!doctype html><html lang="en"><title>viewer</title><link rel="icon" href="data:,"><style>%s</style><script>%s</script>`, style, viewer)
		case archives[scenarios.Strategy(name)] != nil:
			var b bytes.Buffer
			if err := archives[scenarios.Strategy(name)].Write(&b); err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", "application/json")
			w.Write(b.Bytes())
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	p := open(t, server.URL+"/", 1280, 900)
	for _, run := range res.Runs {
		rows := js[[]string](p, fmt.Sprintf(`fetch(%q).then((r) => r.json()).then((har) => {
			const svg = perfCascade.fromHar(har);
			document.body.replaceChildren(svg);
			return [...svg.querySelectorAll('.row-item')].map((row) => row.textContent);
		})`, "/"+string(run.Strategy)))
		if want := int(run.Metrics["requests.total"]); len(rows) != want {
			t.Errorf("%s: %d rows for %d requests", run.Strategy, len(rows), want)
		}
		for _, load := range run.Waterfall {
			if !slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, load.Path) }) {
				t.Errorf("%s: no row shows %s, such as %q", run.Strategy, load.Path, rows[:min(len(rows), 3)])
				break
			}
		}
	}
}
