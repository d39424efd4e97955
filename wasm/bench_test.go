package wasm_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/chromedp"

	"protosim/model/processor"
	"protosim/model/trace"
	"protosim/model/world"
	"protosim/scenarios"
	"protosim/wasm/chromium"
)

// BenchmarkBrowser is what somebody waits for who opens the page with a scenario in
// a browser that has nothing of it yet (useful-s until the scenarios can be chosen,
// plays-s until the run plays), and how many times the processor time that one of
// its strategies takes natively the engine takes in the browser, the first time
// (first/native), when the browser compiles it, and after a change (again/native).
// It is processor time because others on the machine disturb that the least.
func BenchmarkBrowser(b *testing.B) {
	for _, name := range []string{"first-look", "server-crash", "cdn-cache", "chat-hybrid"} {
		b.Run(name, func(b *testing.B) {
			s, err := scenarios.Load(name, nil)
			if err != nil {
				b.Fatal(err)
			}
			sums := map[string]float64{}
			for range b.N {
				visit(b, s, sums)
			}
			for unit, sum := range sums {
				b.ReportMetric(sum/float64(b.N), unit)
			}
		})
	}
}

// visit opens the page in a new browser and adds what it measures to sums by unit.
func visit(b *testing.B, s *scenarios.Scenario, sums map[string]float64) {
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
	// By itself, on a page where nothing else happens.
	strategy := s.Strategies[len(s.Strategies)-1]
	if err := chromedp.Do(ctx, chromedp.Navigate(url+"/catalogue.json")); err != nil {
		b.Fatal(err)
	}
	native := func() float64 {
		cores := runtime.GOMAXPROCS(1)
		defer runtime.GOMAXPROCS(cores)
		began := processor.Time().Seconds()
		_, err := world.Simulate(b.Context(), s, world.Options{
			Strategies: []scenarios.Strategy{strategy},
			Parallel:   1,
			Trace: func(scenarios.Strategy, uint64) trace.Sink { // as in the browser
				encoder := trace.NewEncoder(io.Discard)
				return func(e trace.Event) {
					if err := encoder.Encode(e); err != nil {
						b.Error(err)
					}
				}
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		return processor.Time().Seconds() - began
	}()
	for _, unit := range []string{"first/native", "again/native"} {
		before := rendered(b, ctx)
		_, err = chromedp.Run(ctx, chromedp.Evaluate[float64](fmt.Sprintf(`(async () => {
			const { compile, start } = await import("/engine.js");
			globalThis.module ??= await compile("engine.wasm");
			await start(module, {do: "simulate", scenario: %q, only: [%q], trace: true}).done;
			return 0;
		})()`, s.Name, strategy), chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		sums[unit] += (rendered(b, ctx) - before) / native
	}
}

// rendered is the processor time of the browser's pages and workers, in seconds.
func rendered(b *testing.B, ctx context.Context) float64 {
	b.Helper()
	all, err := chromedp.CallBrowser(ctx, systeminfo.GetProcessInfo, cdp.Empty{})
	if err != nil {
		b.Fatal(err)
	}
	sum := 0.0
	for _, p := range all.ProcessInfo {
		if p.Type == "renderer" {
			sum += p.CPUTime
		}
	}
	return sum
}
