package wasm_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"protosim/scenarios"
	"protosim/wasm/chromium"
)

// BenchmarkBrowser is what somebody waits for who opens the page with a scenario in
// a browser that has nothing of it yet (useful-s until the scenarios can be chosen,
// plays-s until the run plays, ready-s until all of it is simulated and summed up),
// and how many times as long as the native engine on one core the one in the
// browser takes for one of the strategies: the first time (first/native), while the
// browser still compiles it, and after changes (again/native), for which it waits.
// The two take turns, as others on the machine disturb both.
func BenchmarkBrowser(b *testing.B) {
	native := filepath.Join(b.TempDir(), "engine")
	if out, err := exec.Command("go", "build", "-tags=noexpectations", "-o", native, "./engine").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"first-look", "server-crash", "cdn-cache", "chat-hybrid"} {
		b.Run(name, func(b *testing.B) {
			s, err := scenarios.Load(name, nil)
			if err != nil {
				b.Fatal(err)
			}
			sums := map[string]float64{}
			for range b.N {
				visit(b, s, native, sums)
			}
			for unit, sum := range sums {
				b.ReportMetric(sum/float64(b.N), unit)
			}
		})
	}
}

// visit opens the page in a new browser and adds what it measures, the native
// engine beside it, to sums by unit.
func visit(b *testing.B, s *scenarios.Scenario, native string, sums map[string]float64) {
	b.Helper()
	url := address(b)
	ctx, cancel, err := chromium.Start(limit, chromedp.WindowSize(1280, 900))
	if err != nil {
		b.Fatal(err)
	}
	defer cancel()
	marked := func(name string) float64 {
		b.Helper()
		expression := fmt.Sprintf("performance.getEntriesByName(%q)[0]?.startTime ?? 0", name)
		for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if at, err := chromedp.Run(ctx, chromedp.Evaluate[float64](expression)); err == nil && at > 0 {
				return at / 1000
			}
		}
		b.Fatalf("%s: it does not come to %s", s.Name, name)
		return 0
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(url+"/#"+s.Name)); err != nil {
		b.Fatal(err)
	}
	sums["useful-s"] += marked("useful")
	sums["plays-s"] += marked("playable")
	sums["ready-s"] += marked("ready")
	// By itself, on a page where nothing else happens.
	if err := chromedp.Do(ctx, chromedp.Navigate(url+"/catalogue.json")); err != nil {
		b.Fatal(err)
	}
	request := fmt.Sprintf(`{"do": "simulate", "scenario": %q, "only": [%q], "trace": true}`, s.Name, s.Strategies[len(s.Strategies)-1])
	natively := func() float64 {
		c := exec.Command(native)
		c.Stdin = strings.NewReader(request)
		c.Env = append(os.Environ(), "GOMAXPROCS=1")
		began := time.Now()
		if err := c.Run(); err != nil {
			b.Fatal(err)
		}
		return time.Since(began).Seconds()
	}
	inBrowser := func(ready bool) float64 {
		ms, err := chromedp.Run(ctx, chromedp.Evaluate[float64](fmt.Sprintf(`(async () => {
			const { compile, prepare, start } = await import("/engine.js");
			globalThis.module ??= await compile("engine.wasm");
			if (%t) { // as it is when somebody makes a change
				prepare(module, 1);
				await new Promise((done) => setTimeout(done, 500));
			}
			const began = performance.now();
			await start(module, %s).done;
			return performance.now() - began;
		})()`, ready, request), chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		return ms / 1000
	}
	const times = 5
	first := inBrowser(false)
	var there, here float64
	for range times {
		here += natively()
		there += inBrowser(true)
	}
	sums["first/native"] += first / (here / times)
	sums["again/native"] += there / here
}
