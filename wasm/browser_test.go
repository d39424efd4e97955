package wasm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"protosim/wasm/chromium"
	"protosim/wasm/site"
)

// limit is how long one thing may take in a browser that draws in software on
// a machine that is busy with other tests.
const limit = 240 * time.Second

// once leaves a test to the long pass: the race detector sees nothing of what
// happens in a browser.
func once(t *testing.T) {
	if testing.Short() {
		t.Skip("once is enough, without -short")
	}
}

// shared is the browser of all tests, started by the first.
var shared struct {
	once   sync.Once
	ctx    context.Context
	cancel func()
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.cancel != nil {
		shared.cancel()
	}
	if served.server != nil {
		served.server.Close()
	}
	if built.folder != "" {
		os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

// browserOf returns the context of the browser. A machine without one fails.
func browserOf(t *testing.T) context.Context {
	t.Helper()
	shared.once.Do(func() {
		shared.ctx, shared.cancel, shared.err = chromium.Start(limit, chromedp.WindowSize(1280, 900))
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.ctx
}

// served is the page of this checkout, built by the first test that needs it.
var served struct {
	once   sync.Once
	site   *site.Site
	server *httptest.Server
	err    error
}

func address(t testing.TB) string {
	t.Helper()
	served.once.Do(func() {
		served.site, served.err = site.Open(context.Background(), "test", func(string) {})
		if served.err == nil {
			served.server = httptest.NewServer(served.site)
		}
	})
	if served.err != nil {
		t.Fatal(served.err)
	}
	return served.server.URL
}

// tab is a page in the browser, and what must not happen in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	errors   []string // of the console
	requests []string
}

// open opens a tab of its own. The test fails if the page writes errors to the
// console, throws, or asks for anything that is not at the allowed address.
func open(t *testing.T, url string, width, height int64) *tab {
	t.Helper()
	return openAfter(t, "", url, width, height)
}

// openAfter opens a tab in which a script runs before those of the page.
func openAfter(t *testing.T, script, url string, width, height int64) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browserOf(t))
	p := &tab{t: t, ctx: ctx}
	t.Cleanup(func() {
		if t.Failed() {
			p.picture("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, e := range p.errors {
			t.Errorf("in the console: %s", e)
		}
		for _, r := range p.requests {
			if !strings.HasPrefix(r, url) && !strings.HasPrefix(r, origin(url)) && !strings.HasPrefix(r, "data:") && !strings.HasPrefix(r, "blob:") {
				t.Errorf("a request leaves the page: %s", r)
			}
		}
	})
	err := chromedp.Listen(ctx, func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			p.errors = append(p.errors, fmt.Sprintf("%+v", e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				said, _ := json.Marshal(e.Args)
				p.errors = append(p.errors, string(said))
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError {
				p.errors = append(p.errors, e.Entry.Text+" "+e.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			p.requests = append(p.requests, e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if script != "" {
		if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
			t.Fatal(err)
		}
	}
	p.run(chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	return p
}

// forget forgives what the console has said so far.
func (p *tab) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errors = nil
}

func origin(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/"
}

// run does something in the page.
func (p *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// js evaluates an expression, a promise included.
func js[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression to be true.
func (p *tab) until(expression string) {
	p.t.Helper()
	deadline := time.Now().Add(limit)
	for !js[bool](p, "Boolean("+expression+")") {
		if time.Now().After(deadline) {
			p.t.Fatalf("it does not come to %s, but to %s", expression, js[string](p, "JSON.stringify(globalThis.protosim?.state(), (key, value) => ['scenario', 'yaml', 'result', 'hosts'].includes(key) ? undefined : value)"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// picture keeps a screenshot for people to look at, if PICTURES names a folder.
func (p *tab) picture(name string) {
	folder := os.Getenv("PICTURES")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Logf("no picture: %v", err)
		return
	}
	if err := os.WriteFile(folder+"/"+name+".png", png, 0o666); err != nil {
		p.t.Log(err)
	}
}
