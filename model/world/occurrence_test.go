package world_test

import (
	"strings"
	"testing"

	"protosim/model/result"
	"protosim/model/world"
	"protosim/scenarios"
)

// ran is a shipped scenario with few clients under one strategy.
func ran(t *testing.T, name string, strategy scenarios.Strategy, set ...string) result.Run {
	t.Helper()
	s, err := scenarios.Load(name, append([]string{"expect=[]"}, set...))
	if err != nil {
		t.Fatal(err)
	}
	run, err := world.Run(t.Context(), s, strategy, 1, world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return *run
}

// Results say when faults began and were over, whatever the scenario knows
// beforehand.
func TestResultsSayWhenFaultsHappened(t *testing.T) {
	crash := ran(t, "server-crash", "http2", "clients.count=6",
		`faults=[{at: 20s, kind: crash, target: www-2, for: 5s}, {when: clients.unserved > 1000, kind: scale, to: 5}, {when: requests.total > 60, kind: crash, target: www-1, for: 2s}]`)
	if f := crash.Faults; len(f) != 2 || f[0] != (result.Occurrence{Fault: 0, FromMS: 20_000, ToMS: 25_000}) ||
		f[1].Fault != 2 || f[1].FromMS < 1000 || f[1].ToMS != f[1].FromMS+2000 {
		t.Errorf("faults are %+v", f)
	}
	deploy := ran(t, "rolling-deploy", "http2", "clients.count=6")
	if f := deploy.Faults; len(f) != 1 || f[0].FromMS != 20_000 || f[0].ToMS <= f[0].FromMS+3*5000-1 || f[0].ToMS >= 50_000 {
		t.Errorf("the deploy is %+v", f)
	}
	cut := ran(t, "server-crash", "http2", "clients.count=2", "duration=22s", `faults=[{at: 20s, kind: crash, target: www-2, for: 5s}]`)
	if f := cut.Faults; len(f) != 1 || f[0].ToMS != 22_000 {
		t.Errorf("a fault that the end meets is %+v", f)
	}
}

// Every failure is in a series, also of streams, and so is what each server
// has: requests, streams and connections.
func TestSeriesAddUp(t *testing.T) {
	for _, run := range []result.Run{
		ran(t, "missing-upgrade", "websocket", "clients.count=3"),
		ran(t, "missing-upgrade", "sse", "clients.count=3", "duration=10s"),
		ran(t, "server-crash", "websocket", "clients.count=6", "duration=30s"),
	} {
		sums, peaks := map[string]float64{}, map[string]float64{}
		for _, s := range run.Series {
			name, _, _ := strings.Cut(s.Name, " at ")
			for _, v := range s.Values {
				sums[name] += v
				peaks[s.Name] = max(peaks[s.Name], v)
			}
		}
		for _, name := range []string{"requests.ok", "requests.failed"} {
			if sums[name] != run.Metrics[name] {
				t.Errorf("%s: the series of %s sums up to %v, the metric is %v", run.Strategy, name, sums[name], run.Metrics[name])
			}
		}
		if sums["requests"] == 0 && run.Metrics["requests.ok"] > 0 || peaks["connections at www-1"] == 0 {
			t.Errorf("%s: %v requests at servers, %v connections at www-1", run.Strategy, sums["requests"], peaks["connections at www-1"])
		}
	}
}
