package wasm_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/viz/report"
)

// The report needs nothing but itself, on wide and small screens and on paper:
// one of a fault, one of four strategies over several seeds, and one of clients
// behind firewalls.
func TestReport(t *testing.T) {
	once(t)
	for name, c := range map[string]struct {
		set   []string
		seeds int
	}{
		"first-look":         {[]string{"clients.count=9"}, 1},
		"page-load-ideal":    {nil, 2},
		"corporate-firewall": {[]string{"clients.count=20", "duration=10s"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Load(name, c.set)
			if err != nil {
				t.Fatal(err)
			}
			res, err := world.Simulate(t.Context(), s, world.Options{Version: "test", Seeds: c.seeds})
			if err != nil {
				t.Fatal(err)
			}
			if err := res.Judge(); err != nil {
				t.Fatal(err)
			}
			reportIsReadable(t, res)
		})
	}
}

// reportIsReadable opens the report at both widths, in light and dark, and prints
// it.
func reportIsReadable(t *testing.T, res *result.Result) {
	var page bytes.Buffer
	if err := report.HTML(&page, res); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page.Bytes())
	}))
	defer server.Close()
	p := open(t, server.URL+"/", 1280, 900)
	fits := func(width int) {
		t.Helper()
		if wide := js[int](p, "document.documentElement.scrollWidth"); wide > width {
			t.Errorf("%d pixels wide on a screen of %d", wide, width)
		}
	}
	fits(1280)
	p.picture("report-" + res.Scenario.Name)
	p.accessible()
	p.run(chromedp.EmulateViewport(390, 844))
	fits(390)
	p.dark()
	p.accessible()
	p.mu.Lock()
	asked := len(p.requests)
	p.mu.Unlock()
	if asked != 1 {
		t.Errorf("%d requests for one file", asked)
	}
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		t.Fatal(err)
	}
	boxes := regexp.MustCompile(`/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]`).FindAllSubmatch(pdf, -1)
	if len(boxes) < 2 {
		t.Fatalf("%d pages", len(boxes))
	}
	for _, box := range boxes {
		w, _ := strconv.ParseFloat(string(box[1]), 64)
		h, _ := strconv.ParseFloat(string(box[2]), 64)
		if w < 594 || w > 597 || h < 840 || h > 843 {
			t.Fatalf("a page of %s by %s points, expected A4", box[1], box[2])
		}
	}
}
