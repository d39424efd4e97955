//go:build !js && !wasip1

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/viz/palette"
	"protosim/wasm/chromium"
)

// limit is for a busy machine that draws in software.
const limit = 3 * time.Minute

// state is what protosimStage.state() says.
type state struct {
	NowMs   float64 `json:"now_ms"`
	EndMs   float64 `json:"end_ms"`
	Playing bool    `json:"playing"`
	Speed   float64 `json:"speed"`
	Lanes   []struct {
		Strategy       string
		Lost, Sessions int
		X, Y, W, H     float64
		Hosts          []struct {
			Name, Role, Condition string
			Sessions              int
			X, Y, W, H            float64
		}
	}
}

// TestViewerInChromium plays a crash in a browser: what is drawn, what can be
// clicked, and what the page is told.
func TestViewerInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	server := httptest.NewServer(files(t))
	defer server.Close()
	ctx := browser(t)
	evaluate := func(expression string) string {
		t.Helper()
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return v
	}
	until := func(expression string) {
		t.Helper()
		for evaluate("String(Boolean("+expression+"))") != "true" {
			if ctx.Err() != nil {
				t.Fatalf("it does not come to %s", expression)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	now := func() (s state) {
		t.Helper()
		if err := json.Unmarshal([]byte(evaluate("protosimStage.state()")), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1000, 560), chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	until("globalThis.protosimStage")
	evaluate(`(globalThis.heard = [], protosimStage.theme("light"), protosimStage.on((event, json) => heard.push([event, JSON.parse(json)])), "")`)
	until(`heard.some(([event]) => event == "ready")`)
	evaluate(`(protosimStage.reset(JSON.stringify({strategies: ["http2", "websocket"], duration: "20s"})), "")`)
	if wrong := evaluate(`protosimStage.load("http2", new TextEncoder().encode("no trace at all"))`); !strings.Contains(wrong, "trace") {
		t.Errorf("what is no trace: %q", wrong)
	}
	const load = `(async () => {
		for (const s of ["http2", "websocket"]) {
			const wrong = protosimStage.load(s, new Uint8Array(await (await fetch(s + ".trace")).arrayBuffer()));
			if (wrong) return wrong;
		}
		return "";
	})()`
	if wrong := evaluate(load); wrong != "" {
		t.Fatal(wrong)
	}

	// Before the crash the clients of www-2 wear its colour, after it they do not.
	seek := func(ms string) *image.NRGBA {
		t.Helper()
		evaluate(`(async () => { protosimStage.seek(` + ms + `); for (let i = 0; i < 3; i++) await new Promise((done) => document.getElementById("stage").contentWindow.requestAnimationFrame(done)); return ""; })()`)
		shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			t.Fatal(err)
		}
		if folder := os.Getenv("PICTURES"); folder != "" {
			_ = os.WriteFile(filepath.Join(folder, "viewer-"+ms+".png"), shot, 0o666)
		}
		flat := image.NewNRGBA(picture.Bounds())
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				flat.Set(x, y, picture.At(x, y))
			}
		}
		return flat
	}
	// yellow counts the pixels of a lane in the colour of www-2, left of its hosts.
	yellow := func(picture *image.NRGBA, s state, lane int) int {
		l := s.Lanes[lane]
		want, n := palette.Server(1).OnLight(), 0
		for y := int(l.Y); y < int(l.Y+l.H); y++ {
			for x := int(l.X); x < int(l.Hosts[0].X); x++ {
				got := picture.NRGBAAt(x, y)
				if near(got.R, want.R) && near(got.G, want.G) && near(got.B, want.B) {
					n++
				}
			}
		}
		return n
	}
	before := seek("7500")
	s := now()
	if n := yellow(before, s, 1); n < 15*40 {
		t.Errorf("before the crash %d pixels of the clients are yellow", n)
	}
	if n := yellow(before, s, 0); n > 0 {
		t.Errorf("of clients who carry their sessions %d pixels are yellow", n)
	}
	if s.Lanes[1].Lost != 0 || s.Lanes[1].Sessions != 45 || s.EndMs < 20_000 {
		t.Errorf("before the crash: %+v", s)
	}
	evaluate(`(protosimStage.nextFault(), "")`)
	if s = now(); s.NowMs != 8000 || s.Lanes[1].Lost != 15 || s.Lanes[0].Lost != 0 {
		t.Errorf("at the crash: %+v", s)
	}
	if n := yellow(seek("8700"), now(), 1); n > 0 {
		t.Errorf("after the crash %d pixels of the clients are yellow", n)
	}

	// A click on the canvas.
	for _, h := range now().Lanes[1].Hosts {
		if h.Name != "www-2" {
			continue
		}
		if h.Condition != "crashed" {
			t.Errorf("www-2 is %s", h.Condition)
		}
		if err := chromedp.Do(ctx, chromedp.MouseClickXY(h.X+h.W/2, h.Y+h.H/2)); err != nil {
			t.Fatal(err)
		}
	}
	until(`heard.some(([event, what]) => event == "select" && what.name == "www-2" && what.strategy == "websocket" && what.condition == "crashed" && what.text.some((line) => line.includes("crash")))`)

	// Time passes, and goes on over a new trace.
	evaluate(`(protosimStage.speed(0.1), protosimStage.play(), "")`)
	until(`JSON.parse(protosimStage.state()).now_ms > 8750`)
	if wrong := evaluate(load); wrong != "" {
		t.Fatal(wrong)
	}
	if s = now(); s.NowMs < 8750 || !s.Playing || s.Speed != .1 {
		t.Errorf("after loading again: %+v", s)
	}
	evaluate(`(protosimStage.pause(), protosimStage.step(1), "")`)
	if s = now(); s.Playing {
		t.Error("it plays although it was paused")
	}
	if bad := evaluate(`JSON.stringify(globalThis.mistakes)`); bad != "[]" {
		t.Errorf("errors in the page: %s", bad)
	}
}

func near(a, b uint8) bool { return max(a, b)-min(a, b) < 10 }

// browser starts Chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	ctx, end, err := chromium.Start(limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	return ctx
}

// files are a page with the viewer in an iframe, and the traces of first-look.
func files(t *testing.T) http.Handler {
	t.Helper()
	wasm := filepath.Join(t.TempDir(), "viewer.wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", wasm, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(out))
	s, err := scenarios.Load("first-look", nil)
	if err != nil {
		t.Fatal(err)
	}
	traces := map[scenarios.Strategy]*bytes.Buffer{}
	encoders := map[scenarios.Strategy]*trace.Encoder{}
	for _, strategy := range s.Strategies {
		traces[strategy] = &bytes.Buffer{}
		encoders[strategy] = trace.NewEncoder(traces[strategy])
	}
	_, err = world.Simulate(context.Background(), s, world.Options{Parallel: 1, Trace: func(strategy scenarios.Strategy, _ uint64) trace.Sink {
		return func(e trace.Event) {
			if err := encoders[strategy].Encode(e); err != nil {
				t.Error(err)
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for strategy, b := range traces {
		if err := encoders[strategy].Close(); err != nil {
			t.Fatal(err)
		}
		mux.HandleFunc("/"+string(strategy)+".trace", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b.Bytes()) })
	}
	page := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<!DOCTYPE html><link rel=icon href='data:,'>" + text))
		}
	}
	mux.HandleFunc("/{$}", page(`<body style="margin:0"><script>globalThis.mistakes = []; addEventListener("error", (e) => mistakes.push(e.message))</script>
		<iframe id="stage" src="stage.html" style="display:block;border:0;width:100vw;height:100vh"></iframe>`))
	mux.HandleFunc("/stage.html", page(`<body><script src="wasm_exec.js"></script><script>
		addEventListener("error", (e) => parent.mistakes.push(e.message));
		const go = new Go();
		WebAssembly.instantiateStreaming(fetch("viewer.wasm"), go.importObject).then((r) => go.run(r.instance));
	</script>`))
	mux.HandleFunc("/viewer.wasm", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, wasm) })
	mux.HandleFunc("/wasm_exec.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(root, "lib", "wasm", "wasm_exec.js"))
	})
	return mux
}
