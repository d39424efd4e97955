package store_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"protosim/model/random"
	"protosim/model/retry"
	"protosim/model/store"
	"protosim/scenarios"
)

// update rewrites testdata/digest.txt from this platform's run:
//
//	go test ./model/store -run TestDigest -update
//
// Do so when a change of the model is meant to change what happens, never
// because a platform disagrees.
var update = flag.Bool("update", false, "rewrite testdata/digest.txt")

const digestFile = "testdata/digest.txt"

// turbulence is a run in which everything happens that could depend on
// scheduling: servers whose operations begin at the same instants, queues for
// connections and for the store, retries with jitter, expiry, eviction, two
// crashes and a silence. It returns the packets' digest and all counts.
func turbulence(t testing.TB) string {
	var report strings.Builder
	config := store.ServerConfig{
		Service:  scenarios.DurationDist{Shape: scenarios.Exponential, Mean: scenarios.Duration(300 * time.Microsecond)},
		Memory:   60_000,
		Eviction: store.LRU,
		Seed:     7,
	}
	play(t, config, func(r *rig) {
		const servers, operations = 3, 120
		var redis []*store.Redis
		for i := range servers {
			redis = append(redis, r.open(fmt.Sprint("server-", i), store.Config{
				TTL:         300 * ms,
				Timeout:     250 * ms,
				Connections: 3,
				Retry:       retry.Behaviour{Policy: retry.Policy{Kind: retry.FullJitter, Base: 10 * ms, Cap: 80 * ms}},
				Seed:        7,
			}))
		}
		r.clock.Go(r.key(), func() {
			r.sleep(200 * ms)
			r.crash(100 * ms)
			r.sleep(200 * ms)
			r.onConductor(r.host.Vanish)
			r.sleep(300 * ms)
			r.onConductor(r.host.Return)
			r.sleep(100 * ms)
			r.crash(50 * ms)
		})
		r.crowd(servers*operations, func(i int, key key) {
			draw := random.New(7, "turbulence", uint64(i))
			s := redis[i%servers]
			r.clock.Sleep(ctx, key, time.Duration(draw.IntN(12))*100*ms) // many at the same instant
			session := store.Session{ID: id(draw.IntN(60)), Size: 500 + draw.IntN(3000)}
			check := func(err error) bool { return err == nil }
			if loaded, err := s.Load(ctx, key, session.ID); err == nil {
				loaded.Sequence++
				check(s.Save(ctx, key, loaded))
			} else {
				check(s.Create(ctx, key, session.ID, session.Size))
			}
			if draw.IntN(10) == 0 {
				check(s.Delete(ctx, key, session.ID))
			}
		})
		for i, s := range redis {
			stats := s.Stats()
			fmt.Fprintf(&report, "server %d: %d operations, %d not found, %d errors, %d retries, latency %v mean, %v max\n", i,
				stats.Operations, stats.NotFound, stats.Errors, stats.Retries, stats.Latency.Mean(), stats.Latency.Max())
		}
		stats := r.server.Stats()
		fmt.Fprintf(&report, "store: %d commands, %d evicted, %d expired, %d lost, wait %v mean, %v max\n",
			stats.Commands, stats.Evicted, stats.Expired, stats.Lost, stats.Wait.Mean(), stats.Wait.Max())
		fmt.Fprintf(&report, "until %v, packets %s\n", r.clock.Now(), r.Digest())
	})
	return report.String()
}

// The run is the same on every platform, the native one and WebAssembly.
func TestDigest(t *testing.T) {
	got := turbulence(t)
	if *update {
		if err := os.WriteFile(digestFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(digestFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the run was\n%swant\n%s", got, want)
	}
	for _, kind := range []string{" 0 not found", " 0 errors", " 0 retries", " 0 evicted", " 0 expired", " 0 lost"} {
		if strings.Contains(got, kind) {
			t.Errorf("the run has%s", kind)
		}
	}
}

// And whatever the number of cores.
func TestDigestAtCores(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("WebAssembly has one core")
	}
	want := ""
	for _, cores := range []int{1, 2, 8} {
		previous := runtime.GOMAXPROCS(cores)
		for range 4 {
			got := turbulence(t)
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("at GOMAXPROCS=%d the run was\n%snot\n%s", cores, got, want)
			}
		}
		runtime.GOMAXPROCS(previous)
	}
}
