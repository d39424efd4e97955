package wasm_test

import "testing"

// The page that comes without a link plays its first run.
func TestFirstRun(t *testing.T) {
	p := open(t, address(t), 1280, 900)
	p.until("protosim.state().phase == 'ready'")
	p.until("protosim.state().verdicts > 0")
	p.picture("first")
	if n := js[int](p, "document.querySelectorAll('#scoreboard td.best').length"); n < 10 {
		t.Errorf("%d best values in the scoreboard", n)
	}
	if n := js[int](p, "document.querySelectorAll('#charts svg').length"); n < 4 {
		t.Errorf("%d charts", n)
	}
	t.Logf("ready after %.0f ms", js[float64](p, "performance.now()"))
}
