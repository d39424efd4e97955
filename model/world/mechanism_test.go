package world_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"protosim/model/world"
	"protosim/scenarios"
)

// The shipped scenarios hold what they promise, at their full size, and give the
// digests that are kept in a file, to which those in a browser are held as well.
// UPDATE_GOLDEN=1 writes it anew.
func TestShippedScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates shipped scenarios in full; make test does so natively")
	}
	names := scenarios.Names()
	digests := make([]string, len(names))
	t.Run("full", func(t *testing.T) {
		for i, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s, err := scenarios.Load(name, nil)
				if err != nil {
					t.Fatal(err)
				}
				r, err := world.Simulate(context.Background(), s, world.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := r.Judge(); err != nil {
					t.Fatal(err)
				}
				for _, e := range r.Failed() {
					t.Errorf("%s\n%s", e.Expr, strings.ReplaceAll(e.Reason, ", ", "\n"))
				}
				for _, run := range r.Runs {
					digests[i] += fmt.Sprintln(name, run.Strategy, run.Digest)
				}
			})
		}
	})
	const file = "testdata/digests.txt"
	got := strings.Join(digests, "")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		var others []string
		for line := range strings.Lines(got) {
			if !strings.Contains(string(want), line) {
				others = append(others, line)
			}
		}
		t.Errorf("%s differs (UPDATE_GOLDEN=1 accepts it). It has not:\n%s", file, strings.Join(others, ""))
	}
}

// Each shipped scenario expects what its mechanism does: without it, an
// expectation about the strategies simulated here fails. The storms have
// tests of their own.
func TestExpectationsNeedTheirMechanism(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates shipped scenarios")
	}
	for _, c := range []struct {
		name       string
		strategies string // none for all
		off        []string
	}{
		{"cdn-cache", "http2", []string{"cache.edges=0"}},
		{"cache-purge", "http2", []string{"cache.purge=false"}},
		{"cache-stampede", "http1", []string{"cache.collapse=false"}},
		{"corporate-firewall", "fallback", []string{"firewalls=[]"}},
		{"buffering-proxy", "", []string{"firewalls[0].buffer=false"}},
		{"chat-hybrid", "hybrid", []string{"cache.edges=0"}},
		{"collaborative-editing", "", []string{"push.deflate=false"}},
		{"game-tick", "websocket", []string{"network.down.loss=0%"}},
		{"dashboard", "", []string{"push.deflate=false"}},
		{"first-look", "websocket", []string{"session.state=store"}},
		{"server-crash", "websocket", []string{"session.state=store"}},
		{"rolling-deploy", "websocket", []string{"session.state=store"}},
		{"scale-out", "websocket", []string{"faults=[{at: 20s, kind: scale, to: 6}, {at: 23s, kind: crash, target: balancer, for: 1s}]"}},
		{"shared-sessions", "http2,websocket", []string{"store.persistent=true"}},
		{"vanished-host", "websocket", []string{"faults=[{at: 20s, kind: vanish, target: www-2, for: 100ms}]"}},
		{"missing-upgrade", "websocket", []string{"balancer.upgrade=true"}},
		{"idle-timeout", "websocket", []string{"push.keepalive=50s"}},
		{"push-frequency", "poll", []string{"push.poll=500ms"}},
		{"page-load", "http1,http2", []string{"clients.connections=1"}},
		{"page-load-ideal", "http1", []string{"clients.connections=100"}},
		{"page-load-api", "http1,websocket", []string{"clients.request_headers=200", "servers.response_headers=200"}},
		{"page-load-lossy", "http2", []string{"network.up.loss=0%", "network.down.loss=0%", "network.down.queue=10MB"}},
		{"page-load-tls", "http1-close,http2", []string{"tls.resumption=false"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opt world.Options
			for _, name := range strings.FieldsFunc(c.strategies, func(r rune) bool { return r == ',' }) {
				opt.Strategies = append(opt.Strategies, scenarios.Strategy(name))
			}
			s, err := scenarios.Load(c.name, c.off)
			if err != nil {
				t.Fatal(err)
			}
			r, err := world.Simulate(context.Background(), s, opt)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Judge(); err != nil {
				t.Fatal(err)
			}
			if len(r.Failed()) == 0 {
				t.Errorf("every expectation holds with %s", strings.Join(c.off, " "))
			}
		})
	}
}
