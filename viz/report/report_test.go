package report_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/report"
)

// stored is a result that the tests of the charts keep.
func stored(t *testing.T, name string) *result.Result {
	t.Helper()
	f, err := os.Open("../chart/testdata/" + name + ".json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := result.Read(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func written(t *testing.T, results ...*result.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, results...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// attributes calls f for each element.
func elements(t *testing.T, page string, f func(name string, attributes map[string]string)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attributes := map[string]string{}
		for _, a := range n.Attr {
			attributes[a.Key] = a.Val
		}
		f(n.Data, attributes)
	}
}

// The page holds the question, the answer, what was expected, what the metrics
// mean, and how to get the same again.
func TestReportSaysWhatAReviewNeeds(t *testing.T) {
	r := stored(t, "page-load-lossy")
	page := html.UnescapeString(written(t, r))
	for _, want := range []string{
		r.Scenario.Title, result.Finding(r), "What was simulated", "Who wins by which metric", "What was expected",
		"What the model leaves out", "Means over 3 seeds", "protosim run page-load-lossy", "--seeds 3",
		r.Runs[0].Digest, r.Expectations[0].Expr, "Half of the visitors wait no longer",
	} {
		if !strings.Contains(strings.ToLower(page), strings.ToLower(want)) {
			t.Errorf("no %q", want)
		}
	}
}

// What is to be saved as a file is on paper, too: it is open, and only what is
// closed is left out there.
func TestScenarioToSaveIsPrinted(t *testing.T) {
	shipped := stored(t, "page-load")
	s, err := scenarios.Load("page-load", nil)
	if err != nil {
		t.Fatal(err)
	}
	changed := *shipped
	shipped.Scenario = s
	for open, r := range map[string]*result.Result{"no": shipped, "yes": &changed} {
		page := written(t, r)
		if got := strings.Contains(page, "<details open>"); got != (open == "yes") {
			t.Errorf("open: %t, want %s", got, open)
		}
		if !strings.Contains(page, "details:not([open]) { display: none; }") {
			t.Error("details that are open are not printed")
		}
	}
}

// Nothing is fetched, ids are unique, links within the page lead somewhere,
// pictures have descriptions.
func TestReportStandsAlone(t *testing.T) {
	page := written(t, stored(t, "page-load"), stored(t, "server-crash"))
	ids := map[string]bool{}
	var links []string
	pictures, described := 0, 0
	elements(t, page, func(name string, a map[string]string) {
		if id := a["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements are called %s", id)
			}
			ids[id] = true
		}
		for _, key := range []string{"src", "href", "action", "srcset", "xlink:href"} {
			if v := a[key]; v != "" && !strings.HasPrefix(v, "#") && v != "data:," {
				t.Errorf("%s has %s=%s", name, key, v)
			}
		}
		if name == "a" {
			links = append(links, strings.TrimPrefix(a["href"], "#"))
		}
		if name == "svg" {
			pictures++
			if a["role"] == "img" && a["aria-labelledby"] != "" {
				described++
			}
		}
		if name == "script" {
			t.Error("there is a script")
		}
	})
	for _, link := range links {
		if !ids[link] {
			t.Errorf("#%s leads nowhere", link)
		}
	}
	if pictures < 12 || described != pictures {
		t.Errorf("%d of %d pictures are described", described, pictures)
	}
	if outside := regexp.MustCompile(`url\(|@import|https?://`).FindAllString(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), -1); outside != nil {
		t.Errorf("the page refers to %v", outside)
	}
}

// Every colour of a chart is defined for light and for dark paper.
func TestReportDefinesItsColours(t *testing.T) {
	page := written(t, stored(t, "page-load"))
	for _, m := range regexp.MustCompile(`var\((--c[0-9a-f]{6})`).FindAllStringSubmatch(page, -1) {
		if n := strings.Count(page, m[1]+":"); n != 2 {
			t.Fatalf("%s is defined %d times, want for light and for dark", m[1], n)
		}
	}
}

// What a scenario's author writes is text, never markup.
func TestReportEscapes(t *testing.T) {
	r := stored(t, "page-load")
	r.Scenario.Title = `<script>alert(1)</script>`
	r.Scenario.Description = `</style><img src=x onerror=alert(1)>`
	page := written(t, r)
	if strings.Contains(page, "<script>") || strings.Contains(page, "<img") {
		t.Error("markup got through")
	}
	var b bytes.Buffer
	if err := report.Markdown(&b, r); err != nil {
		t.Fatal(err)
	}
	prose := regexp.MustCompile("(?s)`````.*`````").ReplaceAllString(b.String(), "") // code is shown as it is
	if strings.Contains(prose, "<script>") || strings.Contains(prose, "<img") {
		t.Error("markup got through to Markdown")
	}
}

func TestReportOfTheExtremes(t *testing.T) {
	partial := stored(t, "page-load")
	partial.Partial, partial.Runs = true, nil
	if page := written(t, partial); !strings.Contains(page, "This result is partial") {
		t.Error("it does not say that it is partial")
	}
	bare := stored(t, "page-load")
	bare.Scenario = scenarios.Default()
	bare.Scenario.Name = "bare"
	bare.Runs = []result.Run{{Strategy: "http2", Digest: "00", Metrics: result.Metrics{"later.metric": 1}}}
	if page := written(t, bare); !strings.Contains(page, "later.metric") || !strings.Contains(page, "bare.yaml") {
		t.Error("a metric of a later version is missing, or the scenario")
	}
}

func TestMarkdownHasTheTable(t *testing.T) {
	var b bytes.Buffer
	if err := report.Markdown(&b, stored(t, "page-load")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| | http1 | http1-close | http2 | websocket | best |", "|---|---:|", "| Connections opened |", "✅", "```sh\nprotosim run page-load"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	rows := regexp.MustCompile(`(?m)^\|.*\|$`).FindAllString(b.String(), -1)
	for _, row := range rows {
		if strings.Count(strings.ReplaceAll(row, `\|`, ""), "|") != 7 {
			t.Errorf("columns of %s", row)
		}
	}
}

func TestReportIsTheSameTwice(t *testing.T) {
	r := stored(t, "rolling-deploy")
	if first, second := written(t, r), written(t, r); first != second {
		t.Error("other bytes the second time")
	}
}

// The report says why sessions were lost, and where figures come from that were
// measured beforehand.
func TestReportSaysWhyAndWhereFrom(t *testing.T) {
	r := stored(t, "rolling-deploy")
	for i := range r.Runs {
		r.Runs[i].Sources = map[string]string{"server.memory_bytes_peak": "measured of go1.26.8"}
	}
	r.Runs[0].Lost = map[string]float64{"www-2 crashed at 20s": 12, "the server asked does not know it": 3}
	page := written(t, r)
	for _, want := range []string{
		string(r.Runs[0].Strategy) + ": 3, the server asked does not know it; 12, www-2 crashed at 20s",
		": measured of go1.26.8",
	} {
		if strings.Count(page, want) != 1 {
			t.Errorf("%q is in the report %d times", want, strings.Count(page, want))
		}
	}
}
