package wasm_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"protosim/scenarios"
)

// One server is deployed by a click: who is pinned to it is thrown off, and
// nobody else. What cannot be deployed is not offered to be.
func TestDeployByClick(t *testing.T) {
	once(t)
	p := open(t, address(t)+small+"&t=3", 1280, 900)
	p.ready(1)
	p.clickHost("http2", "www")
	if !js[bool](p, "document.querySelector('#menu [data-strike=deploy]').disabled && !document.querySelector('#menu [data-strike=deploy-all]').disabled") {
		t.Error("a balancer can be deployed, or servers cannot")
	}
	p.clickHost("websocket", "www-1")
	p.run(chromedp.Click("#menu [data-strike=deploy]"))
	p.ready(2)
	if faults := js[string](p, "JSON.stringify(protosim.state().edit.faults)"); faults != `[{"at":"3s","kind":"deploy","target":"www-1","drain":"5s","restart":"5s"}]` {
		t.Errorf("faults %s", faults)
	}
	js[any](p, "protosimStage.pause(), protosimStage.seek(7900), null") // before the crash of www-2
	p.until("document.getElementById('caption').textContent == '3.00 s: www-1 is deployed'")
	got := js[string](p, "JSON.stringify(protosim.state().stage.lanes.map((l) => [l.strategy, l.lost, l.failed, l.hosts.filter((h) => h.condition != 'up').map((h) => h.name)]))")
	if want := `[["http2",0,0,["www-1"]],["websocket",3,0,["www-1"]]]`; got != want {
		t.Errorf("while www-1 is deployed: %s, expected %s", got, want)
	}
	s, err := scenarios.Parse("first-look.yaml", []byte(js[string](p, "protosim.state().yaml")))
	if err != nil {
		t.Fatal(err)
	}
	compareDigests(t, s, js[map[string]string](p, "protosim.state().digests"))

	// All of them are deployed in the time that is left.
	js[any](p, "document.getElementById('undo').click(), null")
	p.ready(3)
	js[any](p, "protosimStage.seek(3000), document.querySelector('#strike [data-strike=deploy-all]').click(), null")
	p.ready(4)
	if faults := js[string](p, "JSON.stringify(protosim.state().edit.faults)"); faults != `[{"at":"3s","kind":"deploy","drain":"1833ms","restart":"1833ms"}]` {
		t.Errorf("faults %s", faults)
	}
}
