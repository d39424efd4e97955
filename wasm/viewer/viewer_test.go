//go:build !js && !wasip1

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	load := func(scenario, strategies string) {
		t.Helper()
		wrong := evaluate(fmt.Sprintf(`(async () => {
			for (const s of %q.split(" ")) {
				const wrong = protosimStage.load(s, new Uint8Array(await (await fetch(%q + s + ".trace")).arrayBuffer()), 20000);
				if (wrong) return wrong;
			}
			return "";
		})()`, strategies, scenario+"-"))
		if wrong != "" {
			t.Fatal(wrong)
		}
	}
	load("first-look", "http2 websocket")

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
	hold(t, "before", before)
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
	after := seek("8700")
	hold(t, "crash", after)
	if n := yellow(after, now(), 1); n > 0 {
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
	load("first-look", "http2 websocket")
	if s = now(); s.NowMs < 8750 || !s.Playing || s.Speed != .1 {
		t.Errorf("after loading again: %+v", s)
	}
	evaluate(`(protosimStage.pause(), protosimStage.step(1), "")`)
	if s = now(); s.Playing {
		t.Error("it plays although it was paused")
	}

	// Firewalls, whose cards are the smallest there are.
	evaluate(`(protosimStage.reset(JSON.stringify({strategies: ["websocket", "fallback"], duration: "6s"})), "")`)
	load("corporate-firewall", "websocket fallback")
	hold(t, "firewall", seek("5000"))

	// A frame takes no memory once its buffers have grown: what is left over is
	// Ebiten's, for its commands.
	evaluate(`(protosimStage.speed(1), protosimStage.seek(1000), protosimStage.play(), "")`)
	frames := func() (c struct{ Frames, Mallocs int }) {
		t.Helper()
		evaluate(`(protosimStage.cost(), "")`)
		from := now().NowMs
		until(fmt.Sprintf(`JSON.parse(protosimStage.state()).now_ms > %v`, from+900))
		if err := json.Unmarshal([]byte(evaluate(`protosimStage.cost()`)), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	frames() // grow
	if c := frames(); c.Frames == 0 || c.Mallocs > 20*c.Frames {
		t.Errorf("%d allocations in %d frames", c.Mallocs, c.Frames)
	} else {
		t.Logf("%d allocations in %d frames", c.Mallocs, c.Frames)
	}
	if bad := evaluate(`JSON.stringify(globalThis.mistakes)`); bad != "[]" {
		t.Errorf("errors in the page: %s", bad)
	}
}

func near(a, b uint8) bool { return max(a, b)-min(a, b) < 10 }

// hold holds a picture of the stage to the stored one, tile by tile, with some
// tolerance: letters are not the same to the pixel everywhere. UPDATE_GOLDEN=1
// stores it anew: look at it.
func hold(t *testing.T, name string, got *image.NRGBA) {
	t.Helper()
	file := filepath.Join("testdata", name+".png")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		var b bytes.Buffer
		if err := png.Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	stored, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%s: %v, stored %v", file, got.Bounds(), want.Bounds())
	}
	const side, most, far = 40, 160, 60 // pixels, of 1600, and how far their colours are apart
	w, h := got.Bounds().Dx(), got.Bounds().Dy()
	for top := 0; top < h; top += side {
		for left := 0; left < w; left += side {
			different := 0
			for y := top; y < min(top+side, h); y++ {
				for x := left; x < min(left+side, w); x++ {
					r, g, b, _ := want.At(x, y).RGBA()
					c := got.NRGBAAt(x, y)
					if apart(c.R, r) > far || apart(c.G, g) > far || apart(c.B, b) > far {
						different++
					}
				}
			}
			if different > most {
				t.Errorf("%s: %d pixels differ around %d, %d", file, different, left+side/2, top+side/2)
			}
		}
	}
}

func apart(a uint8, b uint32) int {
	d := int(a) - int(b>>8)
	return max(d, -d)
}

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
	mux := http.NewServeMux()
	for _, name := range []string{"first-look", "corporate-firewall"} {
		var set []string
		if name == "corporate-firewall" {
			set = []string{"duration=6s", "clients.timeout=5s", "strategies=[websocket,fallback]", "expect=[]"}
		}
		s, err := scenarios.Load(name, set)
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
		for strategy, b := range traces {
			if err := encoders[strategy].Close(); err != nil {
				t.Fatal(err)
			}
			mux.HandleFunc("/"+name+"-"+string(strategy)+".trace", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b.Bytes()) })
		}
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
