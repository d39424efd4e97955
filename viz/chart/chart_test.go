package chart_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
	"protosim/viz/chart"
	"protosim/viz/figure"
)

// No text covers another, leaves the canvas or is missing, in any chart of any
// shipped scenario.
func TestStoredResultsHaveFlawlessCharts(t *testing.T) {
	for name, r := range stored(t) {
		drawn := 0
		for _, k := range chart.Kinds() {
			if err := k.Needs(r); err != nil {
				continue
			}
			drawn++
			flawless(t, name+", "+k.Name, figure.Layout(k.Figure(r)))
		}
		if drawn < 5 {
			t.Errorf("%s has only %d charts", name, drawn)
		}
	}
}

// The extremes: every chart of every one can be drawn, without a flaw.
func TestExtremesHaveFlawlessCharts(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pictures")
	}
	for name, r := range extremes() {
		for _, k := range chart.Kinds() {
			scene := figure.Layout(k.Figure(r))
			flawless(t, name+", "+k.Name, scene)
			wellFormed(t, name+", "+k.Name, scene.SVG())
			wellFormed(t, name+", "+k.Name+" inline", scene.InlineSVG("x"))
			if k.Name != "latency" {
				continue // the formats have tests of their own in package figure
			}
			if pdf, err := scene.PDF(); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
				t.Errorf("%s, %s: PDF: %v", name, k.Name, err)
			}
		}
	}
}

// flawless fails for texts that cover others, leave the canvas, are cut off or
// have a line through them.
func flawless(t *testing.T, what string, scene *figure.Scene) {
	t.Helper()
	for _, flaw := range scene.Flaws() {
		t.Errorf("%s: %s", what, flaw)
	}
	if cut := scene.Cut(); cut != nil {
		t.Errorf("%s: cut off: %q", what, cut)
	}
	if struck := scene.Struck(); struck != nil {
		t.Errorf("%s: a line goes through %q", what, struck)
	}
}

func wellFormed(t *testing.T, what string, svg []byte) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
	}
}

// A chart says what it shows: a title from the numbers, the parameters, and a
// description for those who cannot see it.
func TestFiguresSayWhatTheyShow(t *testing.T) {
	for name, r := range stored(t) {
		for _, k := range chart.Kinds() {
			f := k.Figure(r)
			if f.Title == "" || f.Subtitle == "" || !strings.Contains(f.Alt, f.Title) {
				t.Errorf("%s, %s: title %q, subtitle %q, alt %q", name, k.Name, f.Title, f.Subtitle, f.Alt)
			}
			notes := strings.Join(f.Notes, " ")
			for _, want := range []string{r.Scenario.Name, "seed", "RTT", "protosim ", r.Runs[0].Digest[:12]} {
				if !strings.Contains(notes, want) {
					t.Errorf("%s, %s: no %q in %q", name, k.Name, want, notes)
				}
			}
		}
	}
}

// Plots over the time of the run say so, and no others: not how long requests or
// the first page took.
func TestClocksAreOfChartsOverTime(t *testing.T) {
	for name, r := range stored(t) {
		for _, k := range chart.Kinds() {
			if k.Needs(r) != nil {
				continue
			}
			over := slices.Contains([]string{"timeline", "service", "servers", "connections", "caching"}, k.Name)
			clocks := figure.Layout(k.Figure(r)).Clocks
			if over != (len(clocks) > 0) {
				t.Errorf("%s, %s: %d plots over the time of the run", name, k.Name, len(clocks))
			}
			for _, c := range clocks {
				if end := float64(r.Scenario.Duration) / 1e6; c.From != 0 || c.To > end*1.02 {
					t.Errorf("%s, %s: from %v to %v ms in a run of %v", name, k.Name, c.From, c.To, end)
				}
			}
		}
	}
}

func TestTitlesStateTheFinding(t *testing.T) {
	r := made([]scenarios.Strategy{"http1", "http2", "websocket"}, 1000, 10)
	for i, v := range []float64{3000, 1000, 1010} {
		r.Runs[i].Metrics["page_load_ms.p50"] = v
		r.Runs[i].Metrics["connections.opened"] = []float64{600, 98, 100}[i]
		r.Runs[i].Metrics["bytes.overhead"] = []float64{9000, 4500, 9000}[i]
		r.Runs[i].CI95 = result.Metrics{"connections.opened": 5}
		r.Runs[i].Metrics["requests.total"] = 10
		delete(r.Runs[i].Metrics, "push.sent")
	}
	for kind, want := range map[string]string{
		"latency":     "Half of all page loads take 1.01 s or less under http2 and websocket; http1 takes 3 times as long",
		"connections": "http2 and websocket open 98 to 100 connections; http1 opens 6.1 times as many",
		"bytes":       "http2 spends 450 B of overhead on each request; http1 spends 2 times as much, websocket 2 times",
	} {
		k, _ := chart.Named(kind)
		if got := k.Figure(r).Title; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// What a title says of all leaders is true of each, however far seeds move them apart.
func TestTitlesOfLeadersFarApart(t *testing.T) {
	for _, c := range []struct {
		kind    string
		metrics map[string][3]float64
		ci95    float64
		want    string
	}{
		{"service", map[string][3]float64{"unserved.peak": {0, 9, 90}, "sessions.lost": {0, 9, 90}}, 10,
			"websocket leaves up to 90 % of the clients without service, http1 and http2 0 to 9 %; websocket loses 90 sessions"},
		{"service", map[string][3]float64{"unserved.peak": {0, 0, 90}, "sessions.lost": {0, 9, 5}}, 10,
			"websocket leaves up to 90 % of the clients without service, http1 and http2 none; each loses up to 9 sessions"},
		{"connections", map[string][3]float64{"connections.opened": {10, 90, 100}}, 200, "All strategies open about 10 to 100 connections"},
		{"connections", map[string][3]float64{"connections.opened": {12000, 13500, 900000}}, 2000, "http1 and http2 open 12,000 to 13,500 connections; websocket opens 900,000"},
		{"latency", map[string][3]float64{"page_load_ms.p50": {4700, 9300, 90000}}, 6000,
			"Half of all page loads take 4.70 to 9.30 s or less under http1 and http2; websocket takes 90 s"},
		{"servers", map[string][3]float64{"servers.imbalance": {1, 1.8, 4}}, .9, "At the end the busiest server has 4 times the mean load under websocket, 1 to 1.8 times under http1 and http2"},
	} {
		r := made([]scenarios.Strategy{"http1", "http2", "websocket"}, 1000, 10)
		r.Scenario.Clients.Count = 100
		for i := range r.Runs {
			m := r.Runs[i].Metrics
			r.Runs[i].CI95 = result.Metrics{}
			for name, values := range c.metrics {
				m[name], r.Runs[i].CI95[name] = values[i], c.ci95
			}
			delete(m, "push.sent")
		}
		k, _ := chart.Named(c.kind)
		if got := k.Figure(r).Title; got != c.want {
			t.Errorf("%s: %q, want %q", c.kind, got, c.want)
		}
	}
}

// The title of the replicates and the report's headline say the same, also
// where only one that comes later is level with the best.
func TestTitlesAndFindingsAgree(t *testing.T) {
	r := made([]scenarios.Strategy{"http1", "http2", "websocket"}, 1000, 10)
	for i, v := range []struct{ mean, half float64 }{{4700, 100}, {8000, 300}, {9300, 12400}} {
		r.Runs[i].Metrics = result.Metrics{"page_load_ms.p50": v.mean}
		r.Runs[i].CI95 = result.Metrics{"page_load_ms.p50": v.half}
	}
	r.Replicates = make([]result.Replicate, 3)
	if got, want := result.Finding(r), "Page load, median: http1 and websocket are best with 4,700 to 9,300 ms; http2 has 8,000 ms."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	k, _ := chart.Named("replicates")
	if got, want := k.Figure(r).Title, "Page load, median over 3 seeds: http1 and websocket are level at 4.70 to 9.30 s; http2 has 8 s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A strategy that serves fewer has no bar that is best, and titles say what it
// serves.
func TestChartsOfWhoServesFewer(t *testing.T) {
	r := made([]scenarios.Strategy{"sse", "websocket"}, 1000, 10)
	for i := range r.Runs {
		r.Runs[i].Metrics = result.Metrics{"connect.success_ratio": 1 - .35*float64(i), "connections.opened": 100 - 35*float64(i), "requests.ok": 858 - 17*float64(i), "requests.total": 858 - 17*float64(i), "finished_ms": 1000}
	}
	scoreboard, _ := chart.Named("scoreboard")
	f := scoreboard.Figure(r)
	if want := "Clients connected: sse is best with 100 %; websocket has 65 %"; f.Title != want {
		t.Errorf("%q, want %q", f.Title, want)
	}
	labels := map[string]bool{}
	for _, row := range f.Rows {
		for _, p := range row.Panels {
			for _, l := range p.Labels {
				labels[p.Title+" "+l.Text] = true
			}
		}
	}
	if !labels["▲ Clients connected 100 % best"] || labels["Connections opened 65 best"] {
		t.Errorf("labels are %v", labels)
	}
	for kind, want := range map[string]string{
		"connections": "sse opens 100 connections; websocket opens 0.65 times as many for the 65 % that it serves",
		"timeline":    "All requests succeed, 858 under sse, 841 under websocket, within 1 s",
	} {
		k, _ := chart.Named(kind)
		if got := k.Figure(r).Title; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	r.Runs[1].Metrics["requests.failed"] = 1
	timeline, _ := chart.Named("timeline")
	if got, want := timeline.Figure(r).Title, "websocket loses 1 request, sse none"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Of more strategies than a sentence can name, titles say between what they are.
func TestTitlesAboutMany(t *testing.T) {
	const n = 7
	title := func(kind, metric string, values ...float64) string {
		r := made(scenarios.AllStrategies()[:n], 1000, 10)
		for i, v := range values {
			r.Runs[i].Metrics[metric] = v
		}
		k, _ := chart.Named(kind)
		return k.Figure(r).Title
	}
	for _, tt := range []struct {
		kind, metric string
		values       [n]float64
		want         string
	}{
		{"connections", "connections.opened", [n]float64{20, 10, 30, 40, 25, 60, 50}, "http1-close opens 10 connections; the others 2 to 6 times as many"},
		{"connections", "connections.opened", [n]float64{20, 10, 20, 20, 20, 20, 20}, "http1-close opens 10 connections; the others 2 times as many"},
		{"connections", "connections.opened", [n]float64{20, 10, 10, 10, 10, 10, 10}, "6 strategies open 10 connections; http1 opens 2 times as many"},
		{"timeline", "requests.failed", [n]float64{3, 9, 4, 5, 6}, "Requests fail, from 3 under http1 to 9 under http1-close, and none under longpoll and sse"},
		{"timeline", "requests.failed", [n]float64{3}, "http1 loses 3 requests, 6 strategies none"},
		{"connecting", "connect.success_ratio", [n]float64{.5, 1, 1, 1, 1, 1, 1}, "6 strategies get every client through, http1 50 % of them"},
	} {
		if got := title(tt.kind, tt.metric, tt.values[:]...); got != tt.want {
			t.Errorf("%s of %v: %q, want %q", tt.kind, tt.values, got, tt.want)
		}
	}
}

// Every fault that happened has its name on every chart over time, from when it
// happened on; where strategies differ, in the colour of each.
func TestChartsNameAllFaults(t *testing.T) {
	r := made([]scenarios.Strategy{"http1", "http2"}, 1000, 40) // 4 s
	for _, name := range []string{"timeline", "service", "connections", "caching"} {
		k, _ := chart.Named(name)
		f := k.Figure(r)
		texts := map[string]bool{}
		for _, text := range figure.Layout(f).Texts {
			texts[text.Text] = true
		}
		for _, want := range []string{"crash of www-1", "scale to 5 servers", "bad links of balancer"} {
			if !texts[want] {
				t.Errorf("%s: no %q", name, want)
			}
		}
		if texts["deploy"] {
			t.Errorf("%s names what did not happen", name)
		}
		var rules []float64
		inks := map[float64]figure.Ink{}
		for _, row := range f.Rows {
			for _, p := range row.Panels {
				for _, rule := range p.Rules {
					if rule.Dashed {
						rules = append(rules, rule.At)
						inks[rule.At] = rule.Ink
					}
				}
			}
		}
		for _, at := range []float64{200, 250, 270, 300} {
			if !slices.Contains(rules, at) {
				t.Errorf("%s: nothing at %v ms, but at %v", name, at, rules)
			}
		}
		if name != "timeline" && (inks[200] != figure.Ink{} || inks[250] != chart.AreaInk("http1") || inks[270] != chart.AreaInk("http2")) {
			t.Errorf("%s: lines at the faults are %v", name, inks)
		}
	}
}

// The scoreboard has the metric that its title is about, whichever it is.
func TestScoreboardShowsItsFinding(t *testing.T) {
	r := made([]scenarios.Strategy{"http1", "http2"}, 1000, 10)
	r.Scenario.Expect = []string{"http1.store.errors > 0"}
	for i := range r.Runs {
		r.Runs[i].Metrics = result.Metrics{"store.errors": 30 + float64(i), "bytes.sent": 100 * float64(1+i)}
	}
	k, _ := chart.Named("scoreboard")
	f := k.Figure(r)
	if want := "Store errors: http1 is best with 30; http2 has 31"; f.Title != want || f.Rows[0].Panels[0].Title != "Store errors" {
		t.Errorf("%q over %q, want %q", f.Title, f.Rows[0].Panels[0].Title, want)
	}
}

// What a result lacks is said, by the name of the chart.
func TestNeedsSayWhatIsMissing(t *testing.T) {
	r := made(scenarios.AllStrategies(), 1, 3)
	for i := range r.Runs {
		r.Runs[i] = result.Run{Strategy: r.Runs[i].Strategy, Digest: "00", Metrics: result.Metrics{}}
	}
	for kind, want := range map[string]string{
		"waterfall":  "no waterfall chart of made: it has no waterfall",
		"latency":    "it has no distributions",
		"timeline":   "it has no series requests.ok",
		"bytes":      "it has no bytes.overhead",
		"replicates": "--seeds N",
	} {
		k, ok := chart.Named(kind)
		if !ok {
			t.Fatalf("no %s", kind)
		}
		if err := k.Needs(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", kind, err, want)
		}
	}
	r.Scenario.Workload = "session"
	if k, _ := chart.Named("waterfall"); !strings.Contains(fmt.Sprint(k.Needs(r)), "the workload session loads no pages") {
		t.Errorf("%v", k.Needs(r))
	}
	if _, ok := chart.Named("pie"); ok {
		t.Error("there is a pie chart")
	}
}

// A strategy has one colour, which no other has, lines in it can be seen and
// text in it can be read on light and on dark paper.
func TestPalette(t *testing.T) {
	seen := map[figure.RGB]scenarios.Strategy{}
	for _, s := range append(scenarios.AllStrategies(), "of-later", "another", "quic-datagrams", "carrier-pigeon") {
		area, text := chart.AreaInk(s), chart.TextInk(s)
		if other, ok := seen[area.Light]; ok && slices.Contains(scenarios.AllStrategies(), s) {
			t.Errorf("%s and %s share a colour", s, other)
		}
		if l, d := contrast(area.Light, figure.Paper.Light), contrast(area.Dark, figure.Paper.Dark); l < 3 || d < 3 {
			t.Errorf("%s: lines have a contrast of %.1f on light paper and of %.1f on dark", s, l, d)
		}
		seen[area.Light] = s
		if c := contrast(text.Light, figure.Paper.Light); c < 4.5 {
			t.Errorf("%s: contrast %.1f on light paper", s, c)
		}
		if c := contrast(text.Dark, figure.Paper.Dark); c < 4.5 {
			t.Errorf("%s: contrast %.1f on dark paper", s, c)
		}
	}
	for _, ink := range []figure.Ink{figure.Strong, figure.Muted} {
		if contrast(ink.Light, figure.Paper.Light) < 4.5 || contrast(ink.Dark, figure.Paper.Dark) < 4.5 {
			t.Errorf("ink %v is too pale", ink)
		}
	}
}

// contrast is that of WCAG 2.
func contrast(a, b figure.RGB) float64 {
	luminance := func(c figure.RGB) float64 {
		sum := 0.0
		for i, share := range []float64{.2126, .7152, .0722} {
			v := float64(c>>(16-8*i)&255) / 255
			if v <= .04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+.055)/1.055, 2.4)
			}
			sum += share * v
		}
		return sum
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}

// The bytes of an SVG are the same every time and on every platform: their
// hashes are stored, and this test runs as WebAssembly too.
func TestSVGBytesAreTheSameEverywhere(t *testing.T) {
	var lines []string
	for name, r := range stored(t) {
		for _, k := range chart.Kinds() {
			if k.Needs(r) != nil {
				continue
			}
			svg := figure.Layout(k.Figure(r)).SVG()
			if again := figure.Layout(k.Figure(r)).SVG(); !bytes.Equal(svg, again) {
				t.Errorf("%s, %s: other bytes the second time", name, k.Name)
			}
			lines = append(lines, fmt.Sprintf("%x  %s.%s.svg\n", sha256.Sum256(svg), name, k.Name))
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[66:], b[66:]) })
	got := strings.Join(lines, "")
	const path = "testdata/svg.sha256"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (UPDATE_GOLDEN=1 accepts it). Got:\n%s", path, got)
	}
}

// However long a run and however many its requests, a picture has no more in it
// than can be seen: its size, and with it the time that drawing takes (see
// BenchmarkAllCharts), has a limit. Waterfalls grow with the page.
func TestPicturesAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("lays out large pictures")
	}
	const points, texts = 35_000, 400
	long := made(scenarios.AllStrategies(), 1000, 6_000) // as many steps as a run has at most
	for i := range long.Runs {
		long.Runs[i].Waterfall = long.Runs[i].Waterfall[:300]
		d := long.Runs[i].Distributions
		for k := range d {
			d[k].Shares, d[k].Values = d[k].Shares[:200], d[k].Values[:200]
		}
	}
	for _, k := range chart.Kinds() {
		scene := figure.Layout(k.Figure(long))
		n := 0
		for _, p := range scene.Paths {
			n += len(p.Points)
		}
		if n > points || len(scene.Texts) > texts {
			t.Errorf("%s: %d points and %d texts", k.Name, n, len(scene.Texts))
		}
	}
}

// All charts of a result, as SVG, PNG and PDF: in less than 2 s on one core.
func BenchmarkAllCharts(b *testing.B) {
	r := stored(b)["page-load"]
	for b.Loop() {
		for _, k := range chart.Kinds() {
			if k.Needs(r) != nil {
				continue
			}
			scene := figure.Layout(k.Figure(r))
			for _, format := range figure.Formats() {
				if _, err := scene.Encode(format); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// A fault that did not happen is told, with the strategies under which it did not.
func TestNotHappened(t *testing.T) {
	r := made([]scenarios.Strategy{"http1", "http2"}, 1000, 40)
	if got := chart.NotHappened(r); len(got) != 1 || !strings.HasPrefix(got[0], "deploy") || !strings.HasSuffix(got[0], ": not under http1, http2") {
		t.Errorf("%q", got)
	}
	for i := range r.Scenario.Faults {
		r.Runs[0].Faults = append(r.Runs[0].Faults, result.Occurrence{Fault: i})
	}
	if got := chart.NotHappened(r); len(got) != 1 || !strings.HasSuffix(got[0], ": not under http2") {
		t.Errorf("%q", got)
	}
}

// A fault in words says whom it concerns, unless those are all that it can.
func TestDescribeFault(t *testing.T) {
	for text, want := range map[string]string{
		"{at: 5s, kind: crash, target: www-1, for: 2s}": "crash of www-1 at 5s for 2s",
		"{at: 5s, kind: deploy}":                        "deploy at 5s",
		"{at: 5s, kind: deploy, target: www-2}":         "deploy of www-2 at 5s",
		"{when: requests.ok > 3, kind: scale, to: 1}":   "scale to 1 server when requests.ok > 3",
	} {
		s, err := scenarios.Parse("x.yaml", []byte("name: x\nworkload: session\nstrategies: [http2]\nbalancer: {kind: l7}\nservers: {count: 3}\nfaults: ["+text+"]\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := chart.DescribeFault(s.Faults[0]); got != want {
			t.Errorf("%s: %q, expected %q", text, got, want)
		}
	}
}
