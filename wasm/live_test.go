package wasm_test

import (
	"fmt"
	"testing"
)

// A run plays while it is still being simulated, and what is seen of it early is
// what is there when it is complete.
func TestPlaysWhileSimulated(t *testing.T) {
	once(t)
	p := open(t, address(t)+"/#server-crash", 1280, 900)
	early := func() {
		t.Helper()
		p.until("globalThis.protosim?.state().phase == 'simulating' && protosim.state().stage?.now_ms > 0 && protosim.state().stage.known_ms < protosim.state().stage.end_ms")
	}
	seen := func() string {
		t.Helper()
		return js[string](p, "JSON.stringify(protosim.state().stage.lanes.map((l) => [l.strategy, l.sessions, l.lost, l.connections, l.requests, l.failed]))")
	}
	early()
	if !js[bool](p, "protosim.state().stage.playing && protosim.state().stage.end_ms >= 60000") {
		t.Error("it does not play, or not to the end of a minute")
	}
	js[any](p, "protosimStage.pause(), protosimStage.seek(1e9), null")
	at := js[float64](p, "protosim.state().stage.now_ms")
	if known := js[float64](p, "protosim.state().stage.known_ms"); at <= 0 || at > known {
		t.Errorf("it goes to %v ms, and knows %v", at, known)
	}
	if !js[bool](p, "protosim.state().stage.lanes.every((l) => l.hosts.some((h) => h.role == 'server' && h.memory_bytes > 0))") {
		t.Error("servers take no memory")
	}
	then := seen()
	p.picture("early")
	p.ready(1)
	if js[bool](p, fmt.Sprintf("protosim.state().stage.playing || protosim.state().stage.now_ms != %v", at)) {
		t.Error("it plays on, although it was paused while it was simulated")
	}
	if now := seen(); now != then {
		t.Errorf("at %v ms it was %s, and is now %s", at, then, now)
	}

	// A fault is simulated from the start, and seen before all of it is. What is
	// cancelled then gives way to what was there before.
	p.settled()
	js[any](p, "protosimStage.seek(5000), null")
	p.clickHost("websocket", "www-1")
	js[any](p, "document.querySelector('#menu [data-strike=crash]').click(), null")
	early()
	p.until("protosim.state().stage.lanes.some((l) => l.lost > 0)")
	if now := js[float64](p, "protosim.state().stage.now_ms"); now < 5000 {
		t.Errorf("it goes on at %v ms", now)
	}
	js[any](p, "document.getElementById('cancel').click(), null")
	p.until("protosim.state().phase == 'ready' && protosim.state().stage.known_ms == protosim.state().stage.end_ms && protosim.state().stage.now_ms == 5000")
	if lost := js[int](p, "protosim.state().stage.lanes.reduce((sum, l) => sum + l.lost, 0)"); lost != 0 {
		t.Errorf("%d sessions lost by a fault that was cancelled", lost)
	}
}
