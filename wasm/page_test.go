package wasm_test

import "testing"

func TestPlay(t *testing.T) {
	p := open(t, address(t), 1280, 900)
	p.until("protosim.state().phase == 'ready'")
	p.until("protosim.state().verdicts > 0")
	p.picture("first")
	t.Log(js[string](p, "JSON.stringify(protosim.state().digests)+JSON.stringify(protosim.state().problems)+performance.now()"))
}
