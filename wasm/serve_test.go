package wasm_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"protosim/wasm/modules"
)

// built is protosim itself as make build makes it, with the page's modules in it.
var built struct {
	once   sync.Once
	folder string
	err    error
}

// protosim is the command with arguments, not yet started.
func protosim(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	built.once.Do(func() { built.folder, built.err = buildCommand(t.Context()) })
	if built.err != nil {
		t.Fatal(built.err)
	}
	c := exec.Command(filepath.Join(built.folder, "protosim"), args...)
	c.Stderr = os.Stderr
	return c
}

// buildCommand builds it in a folder of its own.
func buildCommand(ctx context.Context) (folder string, err error) {
	if folder, err = os.MkdirTemp("", "protosim"); err != nil {
		return folder, err
	}
	parts, err := modules.Open(ctx, "test", func(string) {}) // as the other tests have it
	if err != nil {
		return folder, err
	}
	embedded, err := filepath.Abs("modules/built")
	if err != nil {
		return folder, err
	}
	replace := map[string]string{}
	for name, part := range parts {
		const quick = 1
		packed, err := modules.Compress(part.Plain, quick)
		if err != nil {
			return folder, err
		}
		name += ".br"
		replace[filepath.Join(embedded, name)] = filepath.Join(folder, name)
		if err := os.WriteFile(filepath.Join(folder, name), packed, 0o666); err != nil {
			return folder, err
		}
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return folder, err
	}
	if err := os.WriteFile(filepath.Join(folder, "overlay.json"), overlay, 0o666); err != nil {
		return folder, err
	}
	build := exec.Command("go", "build", "-tags=embedded", "-overlay="+filepath.Join(folder, "overlay.json"), "-o", filepath.Join(folder, "protosim"), "protosim/sim")
	if out, err := build.CombinedOutput(); err != nil {
		return folder, fmt.Errorf("%w\n%s", err, out)
	}
	return folder, nil
}

// What protosim serve serves plays, under the policy that it sends, compressed, and
// is not sent again to whoever has it.
func TestServe(t *testing.T) {
	once(t)
	c := protosim(t, "serve", "--listen", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	said, err := bufio.NewReader(out).ReadString('\n')
	_, url, found := strings.Cut(strings.TrimSpace(said), "listening on ")
	url, _, _ = strings.Cut(url, " ")
	if err != nil || !found {
		t.Fatalf("it says %q, %v", said, err)
	}
	p := open(t, strings.TrimSuffix(url, "/")+small, 1280, 900)
	plays := func() {
		t.Helper()
		p.ready(1)
		p.until("protosim.state().stage.playing && protosim.state().stage.now_ms > 100")
		p.until("protosim.state().verdicts > 0")
	}
	plays()
	// The stage's frame and the workers are under the policy of their own responses.
	for _, name := range []string{"", "stage.html", "worker.js"} {
		if policy := js[string](p, "fetch('"+name+"').then((r) => r.headers.get('content-security-policy'))"); !strings.HasPrefix(policy, "default-src 'none';") || !strings.Contains(policy, "frame-ancestors 'self'") {
			t.Errorf("/%s comes with the policy %q", name, policy)
		}
	}
	if !js[bool](p, "new Promise((done) => { addEventListener('securitypolicyviolation', () => done(true)); const s = document.createElement('script'); s.textContent = 'globalThis.foreign = true'; document.head.append(s); setTimeout(() => done(false), 2000); })") || js[bool](p, "Boolean(globalThis.foreign)") {
		t.Error("a foreign script runs")
	}
	p.forget() // the console says what the policy forbade

	// Nothing of what is large is sent in full, and once only.
	const large = "performance.getEntriesByType('resource').filter((r) => r.decodedBodySize > 100000)"
	if names := js[string](p, large+".filter((r) => r.encodedBodySize > r.decodedBodySize / 2).map((r) => r.name).join()"); names != "" || js[int](p, large+".length") < 3 {
		t.Errorf("sent without being compressed: %s", names)
	}
	p.run(chromedp.Reload())
	plays()
	if names := js[string](p, large+".filter((r) => r.transferSize > 1000).map((r) => r.name).join()"); names != "" || js[int](p, large+".length") < 3 {
		t.Errorf("sent again: %s", names)
	}

	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
}

// What serve --export writes needs a web server that knows nothing of it.
func TestExported(t *testing.T) {
	once(t)
	folder := filepath.Join(t.TempDir(), "public")
	if err := protosim(t, "serve", "--export", folder).Run(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer server.Close()
	p := open(t, server.URL+small, 1280, 900)
	p.ready(1)
	p.until("protosim.state().stage.now_ms > 500") // it plays
	p.until("protosim.state().verdicts > 0")
}
