package wasm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"protosim/model/world"
	"protosim/scenarios"
)

// small is a scenario that a loaded machine simulates in a second or two.
const small = "/#first-look&set=clients.count=9&set=duration=14s"

// ready waits for a run, and for the stage to have it.
func (p *tab) ready(runs int) {
	p.t.Helper()
	p.until(fmt.Sprintf("globalThis.protosim?.state().phase == 'ready' && protosim.state().runs >= %d", runs))
	p.until("protosim.state().stage?.lanes.every((l) => l.loaded)")
}

// settled waits until nothing is under way, so that nothing moves on the page.
func (p *tab) settled() {
	p.t.Helper()
	p.until("protosim.state().verdicts == protosim.state().runs && protosim.state().workers == 0")
}

// Somebody opens the page, looks, crashes a server by clicking it, sees who
// loses sessions, downloads the scenario, and runs it on the command line.
func TestCrashByClick(t *testing.T) {
	once(t)
	p := open(t, address(t)+"/", 1280, 900)
	p.ready(1)
	t.Logf("the first run plays after %.1f s", js[float64](p, "performance.now()")/1000)
	p.until("protosim.state().stage.playing && protosim.state().stage.now_ms > 0")
	p.settled()
	p.picture("first")

	js[any](p, "document.getElementById('toggle').click(), null")
	p.until("!protosim.state().stage.playing")
	js[any](p, "protosimStage.seek(5000), null")
	before := js[string](p, "JSON.stringify(protosim.state().stage.lanes.map((l) => [l.lost, l.sessions, l.failed]))")
	p.clickHost("websocket", "www-1")
	if title := js[string](p, "document.getElementById('menu-title').textContent"); title != "www-1, websocket" {
		t.Errorf("the menu is of %q", title)
	}
	p.picture("menu")
	p.run(chromedp.Click("#menu [data-strike=crash]"))
	p.ready(2)
	if faults := js[string](p, "JSON.stringify(protosim.state().edit.faults)"); faults != `[{"at":"5s","kind":"crash","target":"www-1","for":"5s"}]` {
		t.Errorf("faults %s", faults)
	}

	// Until the crash nothing is different, and after it the sockets' sessions
	// are gone.
	js[any](p, "protosimStage.pause(), protosimStage.seek(4999), null")
	if now := js[string](p, "JSON.stringify(protosim.state().stage.lanes.map((l) => [l.lost, l.sessions, l.failed]))"); now != before {
		t.Errorf("before the crash %s, without it %s", now, before)
	}
	js[any](p, "protosimStage.seek(7000), null")
	p.until("protosim.state().stage.now_ms == 7000")
	lost := js[map[string]int](p, "Object.fromEntries(protosim.state().stage.lanes.map((l) => [l.strategy, l.lost]))")
	if lost["websocket"] != 15 || lost["http2"] != 0 {
		t.Errorf("sessions lost %v, expected the 15 of the websocket lane", lost)
	}
	p.until("document.querySelector('.s-websocket .bad dd').textContent == '15' && !document.querySelector('.s-http2 .bad')")
	p.picture("crashed")
	p.clickHost("websocket", "www-1")
	if history := js[string](p, "document.getElementById('menu-history').textContent"); !strings.Contains(history, "crash of www-1") {
		t.Errorf("what happened last to the crashed server: %q", history)
	}
	p.run(chromedp.Click("#menu-close"))
	if crashed, well := p.red("websocket", "www-1"), p.red("websocket", "www-3"); crashed < 200 || well > crashed/10 {
		t.Errorf("%d red pixels where a server has crashed, %d where none has", crashed, well)
	}

	// The file gives the same run natively.
	folder := t.TempDir()
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder}); err != nil {
		t.Fatal(err)
	}
	js[any](p, "document.getElementById('download').click(), null")
	file := filepath.Join(folder, "first-look.yaml")
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			break
		}
		if time.Since(began) > limit {
			t.Fatal("no file is downloaded")
		}
	}
	s, err := scenarios.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	compareDigests(t, s, js[map[string]string](p, "protosim.state().digests"))

	// The address brings the same to whoever gets it.
	if link := js[string](p, "location.hash"); !strings.Contains(link, "fault=at:5s,kind:crash,target:www-1,for:5s") {
		t.Errorf("address %s", link)
	}
	other := open(t, js[string](p, "location.href"), 800, 600)
	other.ready(1)
	if own, theirs := js[map[string]string](p, "protosim.state().digests"), js[map[string]string](other, "protosim.state().digests"); !maps.Equal(own, theirs) {
		t.Errorf("digests %v, and %v by the link", own, theirs)
	}
	if n := js[int](p, "document.querySelectorAll('#scoreboard td.best').length"); n < 10 {
		t.Errorf("%d best values in the scoreboard", n)
	}
	p.until("protosim.state().verdicts > 0")
	if n := js[int](p, "document.querySelectorAll('#charts svg').length"); n < 4 {
		t.Errorf("%d charts", n)
	}
	p.accessible()

	// The charts over time say where the run is, and lead there.
	p.until("document.querySelector('#charts .plot')")
	js[any](p, "protosimStage.seek(10000), null")
	p.until("[...document.querySelectorAll('#charts .hand')].every((h) => !h.hidden && Math.abs(parseFloat(h.style.left) - 50) < 1)")
	at := js[[]float64](p, `(() => {
		const plot = document.querySelector('#charts .plot');
		plot.scrollIntoView({block: 'center', behavior: 'instant'});
		const r = plot.getBoundingClientRect();
		return [r.x + r.width / 4, r.y + r.height / 2];
	})()`)
	p.run(chromedp.MouseClickXY(at[0], at[1]))
	p.until("Math.abs(protosim.state().stage.now_ms - 5000) < 100")
	p.until("[...document.querySelectorAll('#charts .hand')].every((h) => Math.abs(parseFloat(h.style.left) - 25) < 1)")
}

// clickHost clicks a host of a lane, whose menu opens in the window without moving
// the page.
func (p *tab) clickHost(strategy, name string) {
	p.t.Helper()
	at := js[[]float64](p, fmt.Sprintf(`(() => {
		const f = document.querySelector('#stage iframe');
		f.scrollIntoView({block: 'end', behavior: 'instant'});
		const r = f.getBoundingClientRect();
		const h = protosim.state().stage.lanes.find((l) => l.strategy == %q).hosts.find((h) => h.name == %q);
		return [r.x + h.x + h.w / 2, r.y + h.y + h.h / 2, scrollY];
	})()`, strategy, name))
	p.run(chromedp.MouseClickXY(at[0], at[1]))
	p.until("document.getElementById('menu').open")
	if y := js[float64](p, "scrollY"); y != at[2] {
		p.t.Errorf("a click on %s moves the page from %v to %v", name, at[2], y)
	}
	if !js[bool](p, `(() => { const m = document.getElementById('menu').getBoundingClientRect(); return m.left >= 0 && m.top >= 0 && m.right <= innerWidth && m.bottom <= innerHeight; })()`) {
		p.t.Errorf("the menu of %s leaves the window: %s", name, js[string](p, "JSON.stringify(document.getElementById('menu').getBoundingClientRect())"))
	}
}

// red counts the pixels of a host on the stage that have the colour of failure.
func (p *tab) red(strategy, host string) int {
	p.t.Helper()
	box := js[[]float64](p, fmt.Sprintf(`(() => {
		const f = document.querySelector('#stage iframe');
		f.scrollIntoView({block: 'center', behavior: 'instant'});
		const r = f.getBoundingClientRect();
		const h = protosim.state().stage.lanes.find((l) => l.strategy == %q).hosts.find((h) => h.name == %q);
		return [r.x + h.x, r.y + h.y, r.x + h.x + h.w, r.y + h.y + h.h];
	})()`, strategy, host))
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		p.t.Fatal(err)
	}
	n := 0
	for y := int(box[1]); y < int(box[3]); y++ {
		for x := int(box[0]); x < int(box[2]); x++ {
			if r, g, b, _ := picture.At(x, y).RGBA(); r > g+0x4000 && r > b+0x4000 {
				n++
			}
		}
	}
	return n
}

// compareDigests simulates natively and compares.
func compareDigests(t *testing.T, s *scenarios.Scenario, got map[string]string) {
	t.Helper()
	res, err := world.Simulate(t.Context(), s, world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(res.Runs) {
		t.Errorf("%s: %d digests of %d runs", s.Name, len(got), len(res.Runs))
	}
	for _, run := range res.Runs {
		if d := got[string(run.Strategy)]; d != run.Digest {
			t.Errorf("%s, %s: digest %s in the browser, %s natively", s.Name, run.Strategy, d, run.Digest)
		}
	}
}

// Every shipped scenario gives in the browser the digests that are kept of it
// natively (model/world), each strategy in a worker of its own, as on the page, where
// nothing is drawn meanwhile.
func TestDigests(t *testing.T) {
	kept, err := os.ReadFile("../model/world/testdata/digests.txt")
	if err != nil {
		t.Fatal(err)
	}
	natively := map[string]map[string]string{}
	for line := range strings.Lines(string(kept)) {
		f := strings.Fields(line)
		if natively[f[0]] == nil {
			natively[f[0]] = map[string]string{}
		}
		natively[f[0]][f[1]] = f[2]
	}

	type job struct {
		Scenario string             `json:"scenario"`
		Strategy scenarios.Strategy `json:"strategy"`
		Set      []string           `json:"set"`
	}
	var jobs []job
	add := func(s *scenarios.Scenario, set ...string) {
		for _, strategy := range s.Strategies {
			jobs = append(jobs, job{s.Name, strategy, append([]string{}, set...)})
		}
	}
	count := map[string]int{}
	for _, name := range scenarios.Names() {
		if testing.Short() && name != "first-look" {
			continue
		}
		s, err := scenarios.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		count[name] = len(s.Strategies)
		add(s)
	}
	// A fault that waits for a condition takes the large engine.
	set := `faults=[{at: 2s, when: "requests.total > 10", kind: crash, target: www-1, for: 2s}]`
	conditional, err := scenarios.Load("first-look", []string{set})
	if err != nil {
		t.Fatal(err)
	}
	add(conditional, set)

	list, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, address(t)+"/catalogue.json", 800, 600)
	js[any](p, fmt.Sprintf(`(() => {
		const digests = {}, failed = [], jobs = %s;
		globalThis.tested = { digests, failed };
		const run = async () => {
			const { compile, start } = await import("/engine.js");
			const engines = {};
			const one = async () => {
				for (let job = jobs.shift(); job; job = jobs.shift()) {
					const { scenario, strategy, set } = job;
					const name = scenario + set, engine = set.length > 0 ? "engine-whole.wasm" : "engine.wasm";
					const module = await (engines[engine] ??= compile(engine));
					await start(module, { do: "simulate", scenario, set, only: [strategy] }, ({ kind, body }) => {
						if (kind === "result") (digests[name] ??= {})[strategy] = JSON.parse(body).runs[0].digest;
					}).done;
				}
			};
			await Promise.all([one(), one()]);
		};
		run().catch((e) => failed.push(String(e)));
		return null;
	})()`, list))
	found := func(name string, strategies int) map[string]string {
		p.until(fmt.Sprintf("tested.failed.length > 0 || Object.keys(tested.digests[%q] ?? {}).length == %d", name, strategies))
		for _, why := range js[[]string](p, "tested.failed") {
			t.Fatal(why)
		}
		return js[map[string]string](p, fmt.Sprintf("tested.digests[%q]", name))
	}
	for name, strategies := range count {
		if got, want := found(name, strategies), natively[name]; !maps.Equal(got, want) {
			t.Errorf("%s: digests %v in the browser, %v natively", name, got, want)
		}
	}
	compareDigests(t, conditional, found("first-look"+set, len(conditional.Strategies)))
	p.forget() // that this page has no icon
}

// All that a mouse does the keyboard does too, on a small dark screen.
func TestKeyboard(t *testing.T) {
	once(t)
	p := open(t, address(t)+small, 390, 844)
	p.dark()
	p.ready(1)
	p.until("protosim.state().verdicts > 0")
	p.picture("small")
	if wide := js[int](p, "document.documentElement.scrollWidth"); wide > 390 {
		t.Errorf("the page is %d pixels wide", wide)
	}
	p.accessible()

	p.tabTo("#toggle")
	playing := js[bool](p, "protosim.state().stage.playing")
	p.run(chromedp.KeyEvent(" "))
	p.until(fmt.Sprintf("protosim.state().stage.playing == %v", !playing))
	js[any](p, "protosimStage.pause(), null")
	p.tabTo("#fault")
	p.run(chromedp.KeyEvent(kb.Enter))
	p.until("Math.abs(protosim.state().stage.now_ms - 8000) < 1")
	p.until("document.getElementById('caption').textContent.includes('www-2 crashes')")
	p.tabTo("#scrub")
	p.run(chromedp.KeyEvent(kb.ArrowLeft))
	p.until("protosim.state().stage.now_ms < 8000")
	p.wordsAndKeys()
	p.tabTo("#knob-rtt")
	p.run(chromedp.KeyEvent(kb.ArrowRight))
	p.ready(3)
	if set := js[string](p, "JSON.stringify(protosim.state().edit.set)"); !strings.Contains(set, `["network.rtt","55ms"]`) {
		t.Errorf("set %s", set)
	}
	p.tabTo(".term")
	p.until("document.getElementById('meaning').matches(':popover-open') && document.getElementById('meaning').textContent.length > 20")
	p.run(chromedp.KeyEvent(kb.Escape))
	p.until("!document.getElementById('meaning').matches(':popover-open')")
}

// wordsAndKeys reads how the hosts are, a little before the crash of www-2, and
// crashes another one from there.
func (p *tab) wordsAndKeys() {
	p.t.Helper()
	const www2 = "document.activeElement.closest('table').rows[3].innerText.split('\\t').map((s) => s.trim()).join('|')"
	p.tabTo("#hosts summary")
	p.run(chromedp.KeyEvent(kb.Enter))
	p.until("document.querySelector('#hosts td button')") // it is told that it is open a little after
	p.tabTo("#hosts td button")                           // the balancer under the first strategy
	p.accessible()
	if got, want := js[string](p, www2), js[string](p, `['www-2', ...protosim.state().stage.lanes.map((l) => l.hosts.find((h) => h.name == 'www-2')).map((h) =>
		h.condition + ', ' + h.connections + (h.connections == 1 ? ' connection, ' : ' connections, ') + h.sessions + (h.sessions == 1 ? ' session' : ' sessions'))].join('|')`); got != want || !strings.Contains(got, "|up, ") {
		p.t.Errorf("it says %q, and the stage %q", got, want)
	}
	for range 3 { // past the two balancers to www-1 of the second strategy
		p.run(chromedp.KeyEvent("\t"))
	}
	p.run(chromedp.KeyEvent(kb.Enter))
	p.until("document.getElementById('menu').open && document.getElementById('menu-title').textContent == 'www-1, websocket'")
	p.picture("words")
	p.run(chromedp.KeyEvent(kb.Escape))
	p.until("!document.getElementById('menu').open && document.activeElement.matches('#hosts td button')")
	p.run(chromedp.KeyEvent(kb.Enter))
	p.tabTo("#menu [data-strike=crash]")
	p.run(chromedp.KeyEvent(kb.Enter))
	p.ready(2)
	if faults := js[string](p, "JSON.stringify(protosim.state().edit.faults.map(({at, ...f}) => f))"); faults != `[{"kind":"crash","target":"www-1","for":"5s"}]` {
		p.t.Errorf("faults %s", faults)
	}
	js[any](p, "protosimStage.pause(), protosimStage.seek(8100), null")
	p.until("[...document.querySelectorAll('#hosts tr')].filter((r) => /^www-[12]/.test(r.innerText)).every((r) => r.innerText.match(/crashed, 0 connections, 0 sessions/g)?.length == 2)")
}

// What goes wrong is said, and the page goes on.
func TestTroubles(t *testing.T) {
	once(t)
	p := open(t, address(t)+"/#no-such-scenario&set=clients.count=9&set=duration=14s&nonsense=%zz&t=soon&seed=-1&fault=now", 1000, 700)
	p.ready(1)
	said := js[string](p, "protosim.state().problems.join(' ')")
	for _, want := range []string{"no-such-scenario", "nonsense=%zz", "a time cannot be “soon”", "a seed cannot be “-1”", "fault=now"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	js[any](p, "document.querySelectorAll('.problem button').forEach((b) => b.click()), null")

	// A change that cannot be is refused in the engine's words, and taken back.
	js[any](p, "location.hash = '#first-look&set=clients.count=9&set=duration=14s&set=network.rtt=fast', null")
	p.until("protosim.state().problems.some((m) => m.includes('network.rtt'))")
	p.until("protosim.state().phase == 'ready' && !protosim.state().edit.set.some(([path]) => path == 'network.rtt')")

	// Many edits at once: the last one counts, and no worker stays.
	runs := js[int](p, "protosim.state().runs")
	js[any](p, `(() => { const k = document.getElementById('knob-rtt'); for (const v of [100, 150, 200, 250, 120]) { k.value = v; k.dispatchEvent(new Event('input')); } return null; })()`)
	p.until("protosim.state().workers > 0")
	js[any](p, `(() => { const k = document.getElementById('knob-rtt'); k.value = 80; k.dispatchEvent(new Event('input')); return null; })()`)
	p.until(fmt.Sprintf("protosim.state().phase == 'ready' && protosim.state().runs > %d && protosim.state().verdicts == protosim.state().runs && protosim.state().workers == 0", runs))
	if set := js[string](p, "JSON.stringify(protosim.state().edit.set)"); !strings.Contains(set, `["network.rtt","80ms"]`) {
		t.Errorf("set %s", set)
	}

	// Cancelled, at once, with what was there before.
	js[any](p, "(document.getElementById('switch-store').click(), null)")
	p.until("protosim.state().workers > 0")
	js[any](p, "(document.getElementById('cancel').click(), null)")
	if n := js[int](p, "protosim.state().workers"); n != 0 {
		t.Errorf("%d workers after a cancel", n)
	}
	if phase := js[string](p, "protosim.state().phase"); phase != "ready" {
		t.Errorf("%s after a cancel", phase)
	}

	// A worker that dies is missed, and the next run has another.
	js[any](p, "(document.getElementById('switch-store').click(), null)")
	p.until("protosim.state().workers > 0")
	js[any](p, "(protosim.workers()[0].terminate(), protosim.workers()[0].dispatchEvent(new ErrorEvent('error', {message: 'out of memory', cancelable: true})), null)")
	p.until("protosim.state().problems.some((m) => m.includes('ended unexpectedly: out of memory')) && protosim.state().phase == 'ready' && protosim.state().workers == 0")
	runs = js[int](p, "protosim.state().runs")
	js[any](p, "(document.getElementById('switch-store').click(), null)")
	p.ready(runs + 1)
	if state := js[string](p, "protosim.state().scenario.session.state"); state != "store" {
		t.Errorf("sessions in %s", state)
	}

	// A reload in the middle of a run brings it all back.
	js[any](p, "(document.getElementById('switch-store').click(), null)")
	p.until("protosim.state().workers > 0")
	p.run(chromedp.Reload())
	p.ready(1)
	if set := js[string](p, "JSON.stringify(protosim.state().edit.set)"); !strings.Contains(set, `["session.state","store"]`) {
		t.Errorf("after the reload: %s", set)
	}
}

// A run that is over before its time: the strips under the scrubber are of the same
// time as it is, so that the hand stands below the thumb.
func TestStripsAreAsLongAsTheScrubber(t *testing.T) {
	once(t)
	p := open(t, address(t)+"/#page-load-ideal&t=1", 800, 900)
	p.ready(1)
	p.until("document.querySelector('.strip svg')")
	if ends := js[[]float64](p, `[document.querySelector('.strip svg').viewBox.baseVal.width, Number(document.getElementById('scrub').max)]`); ends[0] != ends[1] || ends[0] > 20_000 {
		t.Errorf("the strips end after %v ms, the scrubber after %v", ends[0], ends[1])
	}
	if shown := js[float64](p, "document.getElementById('caption').offsetHeight"); shown != 0 {
		t.Errorf("%v pixels are kept for faults, of which there are none", shown)
	}
	p.picture("strips")

	// Where there is little room the description is cut, and a button away.
	height := func() int { return js[int](p, "document.getElementById('description').clientHeight") }
	if js[bool](p, "!document.getElementById('more').hidden") {
		t.Error("a button for the rest, where all of it is there")
	}
	p.run(chromedp.EmulateViewport(390, 844))
	p.until("!document.getElementById('more').hidden")
	brief := height()
	p.picture("brief")
	js[any](p, "document.getElementById('more').click(), null")
	if whole := height(); whole < brief*3/2 || js[string](p, "document.getElementById('more').ariaExpanded") != "true" {
		t.Errorf("the description is %d pixels high after it was %d", whole, brief)
	}
	js[any](p, "document.getElementById('more').click(), null")
	if height() != brief {
		t.Error("the description stays long")
	}
	p.accessible()
}
