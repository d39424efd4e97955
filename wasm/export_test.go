package wasm_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// What serve --export writes needs a web server that knows nothing of it.
func TestExported(t *testing.T) {
	once(t)
	address(t) // opens the site
	folder := t.TempDir()
	if err := served.site.Export(folder); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer server.Close()
	p := open(t, server.URL+small, 1280, 900)
	p.ready(1)
	p.until("protosim.state().stage.now_ms > 500") // it plays
	p.until("protosim.state().verdicts > 0")
}
