package wasm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What is shown is of one run, whenever the next one is cancelled; and what was
// cancelled leaves no trace in what can be undone.
func TestCancel(t *testing.T) {
	once(t)
	p := open(t, address(t)+"/#first-look&set=clients.count=9&set=duration=14s&t=5.5", 1000, 700)
	p.ready(1)
	// A link with a time opens there, and keeps it.
	if at := js[string](p, "JSON.stringify([protosim.state().stage.now_ms, protosim.state().stage.playing])"); at != "[5500,false]" {
		t.Errorf("opened at %s", at)
	}
	if link := js[string](p, "location.hash"); !strings.HasSuffix(link, "&t=5.5") {
		t.Errorf("address %s", link)
	}
	p.settled()
	const shown = `JSON.stringify([protosim.state().edit, protosim.state().yaml, protosim.state().digests, protosim.state().scenario, location.hash,
		protosim.state().stage.lanes.map((l) => [l.requests, l.connections, l.lost]), document.getElementById('scoreboard').textContent])`
	js[any](p, "(protosimStage.seek(13000), null)")
	js[any](p, "document.getElementById('scrub').dispatchEvent(new Event('change')), null")
	before := js[string](p, shown)

	const turn = `(() => { const k = document.getElementById('knob-rtt'); k.value = %d; k.dispatchEvent(new Event('input')); return null; })()`
	// Cancelled when its traces are on the stage, but its sums are not done.
	js[any](p, fmt.Sprintf(`(globalThis.cancelled = new Promise((done) => {
		const text = document.getElementById('busy-text');
		const watch = new MutationObserver(() => {
			if (!text.textContent.startsWith('Adding up')) return;
			watch.disconnect();
			setTimeout(() => { document.getElementById('cancel').click(); done(true); }, 0);
		});
		watch.observe(text, {childList: true, characterData: true, subtree: true});
	}), %s)`, fmt.Sprintf(turn, 300)))
	js[bool](p, "cancelled")
	p.until("protosim.state().phase == 'ready' && protosim.state().workers == 0")
	if now := js[string](p, shown); now != before {
		t.Errorf("cancelled while it was added up:\n%s\nbefore:\n%s", now, before)
	}

	// Cancelled with a further change about to be simulated.
	js[any](p, fmt.Sprintf(turn, 200))
	p.until("protosim.state().workers > 0")
	js[any](p, "("+fmt.Sprintf(turn, 250)+", document.getElementById('cancel').click(), null)")
	js[any](p, "new Promise((done) => setTimeout(done, 600))") // longer than a change waits
	if now := js[string](p, shown); now != before || js[int](p, "protosim.state().workers") != 0 {
		t.Errorf("cancelled with a change waiting:\n%s\nbefore:\n%s", now, before)
	}
	runs := js[int](p, "protosim.state().runs")

	// What is undone is the last change that was shown.
	js[any](p, fmt.Sprintf(turn, 100))
	p.ready(runs + 1)
	p.settled()
	js[any](p, fmt.Sprintf(turn, 400))
	p.until("protosim.state().workers > 0")
	js[any](p, "document.getElementById('cancel').click(), null")
	js[any](p, "document.getElementById('undo').click(), null")
	p.ready(runs + 2)
	if set := js[string](p, "JSON.stringify(protosim.state().edit.set)"); set != `[["clients.count","9"],["duration","14s"]]` {
		t.Errorf("undone to %s", set)
	}

	// Who has waited for long is offered fewer clients.
	p.settled()
	js[any](p, "(() => { document.getElementById('field').value = 'clients.count=40'; document.getElementById('set').click(); return null; })()")
	js[any](p, "((now) => { performance.now = () => now() + 9000 * (protosim.state().workers > 0); return null; })(performance.now.bind(performance))")
	p.until("!document.getElementById('fewer').hidden && !document.getElementById('busy').hidden")
	js[any](p, "document.getElementById('fewer').click(), null")
	p.ready(runs + 3)
	if set := js[string](p, "JSON.stringify(protosim.state().edit.set)"); !strings.Contains(set, `["clients.count","4"]`) {
		t.Errorf("fewer clients are %s", set)
	}
}

// A fault at a condition is one from when the condition holds, not from the
// beginning; and servers that are added later can be poked like any other.
func TestFaultsAsTheyHappen(t *testing.T) {
	once(t)
	p := open(t, address(t)+`/#first-look&set=clients.count=9&set=duration=14s&strategies=websocket&t=1&set=`+
		`faults=[{when:+"requests.total+>+30",+kind:+crash,+target:+www-1,+for:+9s},+{at:+7s,+kind:+scale,+to:+4}]`, 1280, 900)
	p.ready(1)
	begin := js[float64](p, "JSON.parse(protosim.state().result).runs[0].faults.find((f) => f.fault == 0).from_ms")
	if begin < 2000 || begin > 13000 {
		t.Fatalf("the condition holds at %v", begin)
	}
	const seen = `[document.getElementById('caption').textContent, document.querySelector('#strike [data-strike=crash]').disabled, document.querySelector('#strike [data-strike=restart]').disabled].join('|')`
	if got := js[string](p, seen); got != "|false|true" {
		t.Errorf("before the condition holds: %s", got)
	}
	js[any](p, fmt.Sprintf("protosimStage.seek(%v + 10), null", begin))
	p.until(fmt.Sprintf("%s == '%.2f s: www-1 crashes for 9 s|true|false'", seen, begin/1000))
	marks := js[[]float64](p, "[...document.querySelectorAll('#marks span')].flatMap((m) => [parseFloat(m.style.left), parseFloat(m.style.left) + parseFloat(m.style.width)])")
	if len(marks) != 4 || marks[0] != begin/140 && marks[0]-begin/140 > 1e-3 {
		t.Errorf("marks %v, the condition holds at %v ms of 14 s", marks, begin)
	}
	for _, at := range marks {
		if at < 0 || at > 100 {
			t.Errorf("a mark at %v %% of the run", at)
		}
	}
	if targets := js[string](p, "[...document.getElementById('target').options].map((o) => o.value).join()"); targets != "www-1,www-2,www-3,www-4,balancer" {
		t.Errorf("targets %s", targets)
	}
	p.clickHost("websocket", "www-4")
	if !js[bool](p, "[...document.querySelectorAll('#menu [data-strike]')].every((b) => !b.hidden)") {
		t.Error("nothing can be done to www-4")
	}
	js[any](p, "document.getElementById('menu').close(), null")

	// The keyboard's way to a host's history.
	p.tabTo("#target")
	p.tabTo("#history")
	p.run(chromedp.KeyEvent(" "))
	p.until("document.getElementById('menu').open && document.getElementById('menu-history').textContent.includes('websocket: ')")
}
