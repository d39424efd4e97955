package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"protosim/wasm/modules"
)

// sample is a site with a module that is not one.
func sample(t *testing.T) (*Site, []byte) {
	t.Helper()
	module := bytes.Repeat([]byte("\x00asm and so on "), 1000)
	packed, err := modules.Compress(module, 5)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSite("v1", map[string]modules.File{"engine.wasm": {Brotli: packed}, "wasm_exec.js": {Plain: []byte("go")}})
	if err != nil {
		t.Fatal(err)
	}
	return s, module
}

func ask(s *Site, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// Every form of a file is the same file, and has a tag of its own.
func TestForms(t *testing.T) {
	s, module := sample(t)
	tags := map[string]bool{}
	for _, test := range []struct{ accept, coding string }{
		{"", ""}, {"identity", ""}, {"gzip, deflate, br, zstd", "br"}, {"gzip", "gzip"}, {"br;q=0, gzip;q=0.5", "gzip"}, {"br;q=0", ""}, {"BR", "br"},
	} {
		res := ask(s, "GET", "/engine.wasm", "Accept-Encoding", test.accept)
		if c := res.Header.Get("Content-Encoding"); c != test.coding {
			t.Errorf("Accept-Encoding %q gives %q, expected %q", test.accept, c, test.coding)
		}
		var body io.Reader = res.Body
		switch test.coding {
		case "br":
			body = brotli.NewReader(res.Body)
		case "gzip":
			z, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, module) {
			t.Errorf("Accept-Encoding %q: %d bytes, %v", test.accept, len(got), err)
		}
		tag := res.Header.Get("ETag")
		tags[tag] = true
		if again := ask(s, "GET", "/engine.wasm", "Accept-Encoding", test.accept, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("asked again: %s", again.Status)
		}
	}
	if len(tags) != 3 {
		t.Errorf("%d tags of three forms", len(tags))
	}
}

func TestHeaders(t *testing.T) {
	s, _ := sample(t)
	for path, kind := range map[string]string{
		"/": "text/html; charset=utf-8", "/index.html": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8",
		"/style.css": "text/css; charset=utf-8", "/catalogue.json": "application/json", "/engine.wasm": "application/wasm",
	} {
		res := ask(s, "GET", path)
		h := res.Header
		if res.StatusCode != 200 || h.Get("Content-Type") != kind || h.Get("Cache-Control") != "no-cache" || h.Get("Vary") != "Accept-Encoding" ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';") {
			t.Errorf("%s: %s %v", path, res.Status, h)
		}
	}
	for path, status := range map[string]int{"/nothing": 404, "/../site.go": 404, "/page.go": 404} {
		if res := ask(s, "GET", path); res.StatusCode != status {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	if res := ask(s, "POST", "/"); res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %s", res.Status)
	}
	if res := ask(s, "HEAD", "/engine.wasm"); res.StatusCode != 200 || res.Header.Get("Content-Length") != "15000" {
		t.Errorf("HEAD: %s, %v", res.Status, res.Header)
	}
	// The page holds itself to the same policy wherever it is exported to.
	html, err := os.ReadFile("../page/index.html")
	if err != nil {
		t.Fatal(err)
	}
	if inHead, _ := strings.CutSuffix(Policy, "; frame-ancestors 'self'"); !strings.Contains(string(html), inHead) {
		t.Error("index.html has another policy")
	}
}

func TestExport(t *testing.T) {
	s, module := sample(t)
	folder := filepath.Join(t.TempDir(), "public")
	if err := s.Export(folder); err != nil {
		t.Fatal(err)
	}
	for _, name := range s.Names() {
		plain, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "engine.wasm" && !bytes.Equal(plain, module) {
			t.Error("another module")
		}
		packed, err := os.Open(filepath.Join(folder, name+".br"))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(brotli.NewReader(packed)); err != nil || !bytes.Equal(back, plain) {
			t.Errorf("%s.br: %v", name, err)
		}
		packed.Close()
		if _, err := os.Stat(filepath.Join(folder, name+".gz")); err != nil {
			t.Error(err)
		}
	}
}
