package wasm_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"protosim/scenarios"
	"protosim/wasm/page"
	"protosim/wasm/site"
)

// Where nothing can be drawn it is said, and time, table and charts are there.
func TestWithoutWebGL(t *testing.T) {
	once(t)
	p := openAfter(t, `(() => {
		const get = HTMLCanvasElement.prototype.getContext;
		HTMLCanvasElement.prototype.getContext = function (kind, ...more) { return kind.startsWith("webgl") ? null : get.call(this, kind, ...more); };
	})()`, address(t)+small+"&t=1", 1000, 700)
	p.ready(1)
	if note := js[string](p, "document.getElementById('stage-note').textContent"); !strings.Contains(note, "WebGL 2") {
		t.Errorf("it says %q", note)
	}
	p.until("protosim.state().verdicts == 1 && document.querySelectorAll('#charts svg').length > 3")
	js[any](p, "document.getElementById('fault').click(), null")
	p.until("document.getElementById('now').textContent == '8.00 s' && document.getElementById('caption').textContent.includes('www-2 crashes')")
	// The strips say what happens without the stage.
	js[any](p, "(() => { const s = document.getElementById('scrub'); s.value = 8050; s.dispatchEvent(new Event('input')); return null; })()")
	if n := js[int](p, "Number(document.querySelector('.strip.s-websocket b').textContent)"); n == 0 {
		t.Error("the strip shows nobody without service at the crash")
	}
	js[any](p, "document.getElementById('toggle').click(), null")
	p.until("protosim.state().stage.playing && protosim.state().stage.now_ms > 8100")
	p.picture("without-webgl")
	p.accessible()
	p.workersWait()
	p.workersEnd()
}

// workersWait lets engines wait for requests, and one that cannot start be given up
// until it is asked.
func (p *tab) workersWait() {
	p.t.Helper()
	p.until("protosim.state().prepared == protosim.state().scenario.strategies.length + 1")
	got := js[string](p, `(async () => {
		const { compile, prepare, prepared, start } = await import('/engine.js');
		const engine = await compile("engine.wasm");
		prepare(engine, 2); // those of the page's own module go
		const counts = [prepared()];
		const job = start(engine, { do: "sing" });
		counts.push(prepared());
		const said = await job.done.then(() => "nothing", (e) => e.message);
		prepare(engine, 2);
		counts.push(prepared());
		const bad = await WebAssembly.compile(new Uint8Array([0,97,115,109,1,0,0,0])); // without any function
		prepare(bad, 3);
		while (prepared() > 0) await new Promise((done) => setTimeout(done, 10));
		return counts + " " + said + " " + await start(bad, {}).done.then(() => "nothing", (e) => e.message);
	})()`)
	if !strings.HasPrefix(got, "2,1,2 ") || !strings.Contains(got, `nobody here can "sing"`) || !strings.Contains(got, "ended unexpectedly") {
		p.t.Errorf("%s", got)
	}
	runs := js[int](p, "protosim.state().runs")
	set := func(field string) {
		js[any](p, fmt.Sprintf("(() => { document.getElementById('field').value = %q; document.getElementById('set').click(); return null; })()", field))
	}
	set("network.rtt=70ms")
	p.ready(runs + 1)
	p.until("protosim.state().prepared == protosim.state().scenario.strategies.length + 1")
	set("clients.count=-3") // which is refused
	p.until("protosim.state().problems.some((m) => m.includes('-3')) && protosim.state().phase == 'ready'")
	p.until("protosim.state().prepared == protosim.state().scenario.strategies.length + 1")
}

// A browser without WebAssembly is told what it lacks.
func TestWithoutWebAssembly(t *testing.T) {
	once(t)
	p := openAfter(t, "delete globalThis.WebAssembly", address(t)+small, 800, 600)
	p.until("globalThis.protosim?.state().problems.some((m) => m.includes('no WebAssembly'))")
	if phase := js[string](p, "protosim.state().phase"); phase != "failed" {
		t.Errorf("phase %s", phase)
	}
}

// workersEnd lets workers end of themselves with a code, and be given up because
// nothing is heard of them.
func (p *tab) workersEnd() {
	p.t.Helper()
	const head = "0,97,115,109,1,0,0,0,"
	// Two functions, of which the first starts the program, and does nothing.
	exports := func(first int) string {
		return fmt.Sprintf("3,3,2,0,0, 5,3,1,0,1, 7,33,3,6,...name('memory'),2,0,11,...name('_initialize'),0,%d,6,...name('answer'),0,%d,", first, first+1)
	}
	for want, module := range map[string]string{
		// (loop (br 0))
		"has not been heard of for 0.3 s": head + "1,4,1,96,0,0," + exports(0) + "10,12,2,2,0,11,7,0,3,64,12,0,11,11",
		// (call $proc_exit (i32.const 3))
		"exit code 3": head + "1,8,2,96,0,0,96,1,127,0, 2,36,1,22,...name('wasi_snapshot_preview1'),9,...name('proc_exit'),0,1," + exports(1) + "10,11,2,2,0,11,6,0,65,3,16,0,11",
	} {
		got := js[string](p, fmt.Sprintf(`(async () => {
			const name = (text) => [...new TextEncoder().encode(text)];
			const { start, workers } = await import('/engine.js');
			const job = start(await WebAssembly.compile(new Uint8Array([%s])), {}, () => {}, 300);
			const said = await job.done.then(() => "nothing", (e) => e.message);
			return said + workers().length;
		})()`, module))
		if !strings.Contains(got, want+"0") {
			p.t.Errorf("%q, expected %q and no worker", got, want)
		}
	}
}

// A page that any web server serves, with a scenario of one's own, which is the
// first that is shown; others can be opened on the page.
func TestOwnScenarios(t *testing.T) {
	once(t)
	address(t) // built, of which Open takes what there is
	text := []byte("name: my-own\ntitle: What of mine?\nworkload: session\nduration: 10s\nstrategies: [http2, websocket]\nclients: {count: 6, arrival: 1s}\nbalancer: {kind: l7, upgrade: true}\nservers: {count: 2}\n")
	s, err := scenarios.Parse("my-own.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	own, err := site.Open(t.Context(), "test", func(string) {}, page.Own{Scenario: s, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := own.Export(folder); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer server.Close()
	p := open(t, server.URL+"/", 1000, 700)
	p.ready(1)
	if title := js[string](p, "document.getElementById('title').textContent"); title != "What of mine?" {
		t.Errorf("the page begins with %q", title)
	}
	compareDigests(t, s, js[map[string]string](p, "protosim.state().digests"))

	// What is wrong with a file is said with its line.
	file := filepath.Join(folder, "another.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		p.run(chromedp.SetUploadFiles("#file", []string{file}))
	}
	write(strings.Replace(string(text), "duration: 10s", "duratoin: 10s", 1))
	p.until("protosim.state().problems.some((m) => m.includes('another.yaml:4') && m.includes('duratoin'))")
	if said := js[string](p, "document.querySelector('.problem p').innerText"); strings.Count(said, "did you mean") != 1 {
		t.Errorf("the remedy is not there once: %s", said)
	}
	write("")
	p.until("protosim.state().problems.some((m) => m.includes('another.yaml: the scenario has no name'))")
	write(strings.Replace(string(text), "my-own", "first-look", 1))
	p.until("protosim.state().problems.some((m) => m.includes('There is a scenario first-look already'))")
	write(strings.Replace(string(text), "my-own", "my-other", 1))
	p.ready(2)
	js[any](p, "(() => { document.getElementById('field').value = 'network.rtt=70ms'; document.getElementById('set').click(); return null; })()")
	p.ready(3)
	if s, err = scenarios.Parse("another.yaml", []byte(js[string](p, "protosim.state().yaml"))); err != nil {
		t.Fatal(err)
	}
	if s.Name != "my-other" || s.Network.RTT.String() != "70ms" {
		t.Errorf("%s with a round-trip time of %s", s.Name, s.Network.RTT)
	}
	compareDigests(t, s, js[map[string]string](p, "protosim.state().digests"))
}
