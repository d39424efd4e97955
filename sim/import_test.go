package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorded is a HAR of two pages, about as small as one can be.
const recorded = `{"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"},
  "pages": [{"id": "page_1", "title": "Shop", "startedDateTime": "2026-01-01T00:00:00.000Z", "pageTimings": {}},
            {"id": "page_2", "title": "Cart", "startedDateTime": "2026-01-01T00:01:00.000Z", "pageTimings": {}}],
  "entries": [
    {"pageref": "page_1", "startedDateTime": "2026-01-01T00:00:00.000Z", "time": 120,
     "request": {"method": "GET", "url": "http://shop.example/", "httpVersion": "HTTP/1.1", "headers": [], "headersSize": 400, "bodySize": 0},
     "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "content": {"size": 5000, "mimeType": "text/html"}, "headersSize": 300, "bodySize": 5000},
     "timings": {"connect": 40, "send": 0, "wait": 60, "receive": 20, "ssl": -1}},
    {"pageref": "page_2", "startedDateTime": "2026-01-01T00:01:00.000Z", "time": 120,
     "request": {"method": "GET", "url": "http://cart.example/", "httpVersion": "HTTP/1.1", "headers": [], "headersSize": 400, "bodySize": 0},
     "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "content": {"size": 5000, "mimeType": "text/html"}, "headersSize": 300, "bodySize": 5000},
     "timings": {"connect": 40, "send": 0, "wait": 60, "receive": 20, "ssl": -1}}]}}`

func TestImportedHARRuns(t *testing.T) {
	imported := protosim(t, "import", "har", write(t, "shop.har", recorded), "--page", "2", "--name", "my-cart")
	if imported.code != exitOK || !strings.Contains(imported.stdout, "name: my-cart\n") || !strings.Contains(imported.stderr, "protosim: took page 2 of 2: Cart\n") {
		t.Errorf("code %d, stderr %s\n%s", imported.code, imported.stderr, imported.stdout)
	}
	if o := protosimWith(t, fake, imported.stdout, "run", "-"); o.code != exitOK {
		t.Errorf("the scenario does not run: %s", o.stderr)
	}
}

func TestImportHARWritesAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.yaml")
	o := protosimWith(t, fake, recorded, "import", "har", "-", "-o", path)
	if o.code != exitOK || o.stdout != "" {
		t.Errorf("code %d, stdout %s, stderr %s", o.code, o.stdout, o.stderr)
	}
	if o := protosim(t, "validate", path); o.code != exitOK {
		t.Errorf("not valid: %s", o.stderr)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	o = protosimWith(t, fake, recorded, "import", "har", "-", "-o", path)
	if o.code != exitInput || !strings.HasPrefix(o.stderr, "protosim: "+path+" exists") || strings.Count(o.stderr, "\n") != 2 {
		t.Errorf("over another file: code %d, stderr %s", o.code, o.stderr)
	}
	if text, _ := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("the file is now %s", text)
	}
	if o := protosimWith(t, fake, recorded, "import", "har", "-", "-o", path, "--force"); o.code != exitOK {
		t.Errorf("with --force: code %d, stderr %s", o.code, o.stderr)
	}
}

func TestImportHARRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":    {"", "page.har"},
		"no JSON":    {"<html>", "page.har"},
		"no HAR":     {"{}", "page.har"},
		"no entries": {`{"log": {"entries": []}}`, "page.har"},
	} {
		out := filepath.Join(t.TempDir(), "out.yaml")
		o := protosim(t, "import", "har", write(t, "page.har", c.text), "-o", out)
		first, rest, _ := strings.Cut(o.stderr, "\n")
		if o.code != exitInput || !strings.Contains(first, c.want) || rest == "" {
			t.Errorf("%s: code %d, stderr %s", name, o.code, o.stderr)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: a file was written", name)
		}
	}
	for _, args := range [][]string{
		{"import", "pcap"},
		{"import", "har"},
		{"import", "har", "no-such.har"},
		{"import", "har", write(t, "shop.har", recorded), "--page", "3"},
		{"import", "har", write(t, "shop.har", recorded), "--name", "Not A Name"},
		{"import", "har", write(t, "shop.har", recorded), "-o", "/dev/null/x.yaml"},
	} {
		o := protosim(t, args...)
		first, rest, _ := strings.Cut(o.stderr, "\n")
		if o.code != exitInput || !strings.HasPrefix(first, "protosim: ") || rest == "" || o.stdout != "" {
			t.Errorf("%v: code %d, stdout %s, stderr %s", args, o.code, o.stdout, o.stderr)
		}
	}
}
