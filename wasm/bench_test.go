package wasm_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"protosim/model/world"
	"protosim/scenarios"
	"protosim/wasm/chromium"
)

// BenchmarkBrowser is what somebody waits for who opens the page with a scenario in
// a browser that has nothing of it yet (useful-s until the scenarios can be chosen,
// plays-s until the run plays), and how much longer than natively, on one core, the
// engine takes in the browser for one of its strategies (engine/native).
func BenchmarkBrowser(b *testing.B) {
	for _, name := range []string{"first-look", "server-crash", "cdn-cache", "chat-hybrid"} {
		b.Run(name, func(b *testing.B) {
			s, err := scenarios.Load(name, nil)
			if err != nil {
				b.Fatal(err)
			}
			var useful, plays, ratio float64
			for range b.N {
				u, p, r := visit(b, s)
				useful, plays, ratio = useful+u, plays+p, ratio+r
			}
			n := float64(b.N)
			b.ReportMetric(useful/n, "useful-s")
			b.ReportMetric(plays/n, "plays-s")
			b.ReportMetric(ratio/n, "engine/native")
		})
	}
}

// visit opens the page in a new browser and measures.
func visit(b *testing.B, s *scenarios.Scenario) (useful, plays, ratio float64) {
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
	useful, plays = marked("useful"), marked("playable")
	// By itself, on a page where nothing else happens.
	strategy := s.Strategies[len(s.Strategies)-1]
	if err := chromedp.Do(ctx, chromedp.Navigate(url+"/catalogue.json")); err != nil {
		b.Fatal(err)
	}
	took, err := chromedp.Run(ctx, chromedp.Evaluate[float64](fmt.Sprintf(`(async () => {
		const { compile, start } = await import("/engine.js");
		const module = await compile("engine.wasm");
		const began = performance.now();
		await start(module, {do: "simulate", scenario: %q, only: [%q], trace: true}).done;
		return (performance.now() - began) / 1000;
	})()`, s.Name, strategy), chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	cores := runtime.GOMAXPROCS(1)
	began := time.Now()
	if _, err := world.Simulate(b.Context(), s, world.Options{Strategies: []scenarios.Strategy{strategy}, Parallel: 1}); err != nil {
		b.Fatal(err)
	}
	native := time.Since(began).Seconds()
	runtime.GOMAXPROCS(cores)
	return useful, plays, took / native
}
