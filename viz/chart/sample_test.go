package chart_test

import (
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// stored are results of the shipped scenarios, few clients each (run with --set
// clients.count=N, and zipped), that pictures are compared by. They are of some
// version of the model, not the latest.
func stored(t testing.TB) map[string]*result.Result {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	results := map[string]*result.Result{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		unzipped, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		r, err := result.Read(unzipped)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		results[strings.TrimSuffix(filepath.Base(file), ".json.gz")] = r
	}
	return results
}

// made is a result with the given strategies, whose numbers are about scale.
func made(strategies []scenarios.Strategy, scale float64, points int) *result.Result {
	s := scenarios.Default()
	s.Name = "made"
	s.Faults = []scenarios.Fault{
		{Kind: "crash", Target: "www-1", At: scenarios.Duration(200e6), For: scenarios.Duration(500e6)},
		{Kind: "scale", To: 5, When: "clients.unserved > 10"},
		{Kind: "degrade", Target: "balancer", At: scenarios.Duration(300e6), For: scenarios.Duration(1e9)},
		{Kind: "deploy", Target: "servers", At: scenarios.Duration(3600e9)}, // never
	}
	r := &result.Result{Schema: result.Schema, Version: "test", Scenario: s, Seed: 1, Fidelity: "wire"}
	for i, strategy := range strategies {
		run := madeRun(strategy, scale*(1+.3*float64(i)), points)
		run.Faults = []result.Occurrence{{Fault: 0, FromMS: 200, ToMS: 700}, {Fault: 1, FromMS: 250 + 20*float64(i), ToMS: 250 + 20*float64(i)}, {Fault: 2, FromMS: 300, ToMS: 1300}}
		r.Runs = append(r.Runs, run)
	}
	return r
}

func madeRun(strategy scenarios.Strategy, scale float64, points int) result.Run {
	run := result.Run{Strategy: strategy, Digest: "0123456789abcdef", Metrics: result.Metrics{}}
	for i, m := range scenarios.Metrics() {
		run.Metrics[m.Name] = scale * (1 + math.Mod(float64(i)*.37, 1))
		if m.Unit == "ratio" {
			run.Metrics[m.Name] = math.Mod(float64(i)*.37, 1)
		}
	}
	delete(run.Metrics, "push.sent") // it makes the result one of pushes
	for _, name := range []string{"requests.ok", "requests.failed", "connections.open", "clients.unserved", "reconnects", "requests at www-1", "requests at www-2", "connections at www-1", "connections at www-3", "events.delivered", "origin.requests"} {
		s := result.Series{Name: name, StepMS: 100}
		for i := range points {
			s.Values = append(s.Values, scale*float64(i%7))
		}
		run.Series = append(run.Series, s)
	}
	for _, name := range []string{"page_load_ms", "request_ms", "push.latency_ms"} {
		d := result.Distribution{Name: name, Count: int64(points)}
		for i := range points {
			d.Shares = append(d.Shares, float64(i)/float64(max(points-1, 1)))
			d.Values = append(d.Values, scale*float64(i+1))
		}
		run.Distributions = append(run.Distributions, d)
	}
	for i := range points {
		at := scale * float64(i)
		run.Waterfall = append(run.Waterfall, result.Load{
			Resource: "images", Host: "www", Path: fmt.Sprintf("/images/%d", i),
			StartMS: at, SentMS: at + scale/2, FirstByteMS: at + scale, EndMS: at + 2*scale, OK: i%9 > 0,
		})
	}
	return run
}

// replicated gives the result three seeds.
func replicated(r *result.Result) *result.Result {
	for i := range 3 {
		runs := make([]result.Run, len(r.Runs))
		copy(runs, r.Runs)
		for j := range runs {
			runs[j].Metrics = result.Metrics{}
			for name, v := range r.Runs[j].Metrics {
				runs[j].Metrics[name] = v * (1 + .1*float64(i))
			}
		}
		r.Replicates = append(r.Replicates, result.Replicate{Seed: uint64(i + 1), Runs: runs})
	}
	r.Runs = result.Summarize(r.Replicates)
	return r
}

// extremes are results at the edges of what a chart can meet.
func extremes() map[string]*result.Result {
	all := scenarios.AllStrategies()
	ten := append([]scenarios.Strategy{}, "http1", "http1-close", "http2", "websocket", "hybrid", "poll", "longpoll", "sse", "quic-datagrams", "carrier-pigeon")
	bare := made(all, 1, 5)
	for i := range bare.Runs {
		bare.Runs[i] = result.Run{Strategy: all[i], Digest: "00", Metrics: result.Metrics{}}
	}
	empty := made(nil, 1, 0)
	empty.Partial = true
	zero := made(all, 0, 5)
	long := made(all, 1000, 1300)
	pushes := made(all, 1000, 40)
	for i := range pushes.Runs {
		pushes.Runs[i].Metrics["push.sent"] = 2000
		pushes.Runs[i].Metrics["connect.success_ratio"] = 1 / float64(1+i)
	}
	named := made(all, 1000, 20)
	named.Scenario.Name = strings.Repeat("a-very-long-name-", 12)
	return map[string]*result.Result{
		"empty":          empty,
		"no metrics":     bare,
		"single point":   made(all, 1000, 1),
		"one strategy":   made(all[:1], 1000, 40),
		"ten strategies": made(ten, 1000, 40),
		"ten replicated": replicated(made(ten, 1000, 40)),
		"huge":           made(all, 1e15, 40),
		"tiny":           made(all, 1e-9, 40),
		"zero":           zero,
		"replicated":     replicated(made(all, 1000, 40)),
		"pushes":         pushes,
		"many points":    long,
		"long names":     named,
	}
}
