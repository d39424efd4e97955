package world_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"protosim/model/world"
	"protosim/scenarios"
)

// update rewrites testdata/golden.json from this platform's runs:
//
//	go test ./model/world -run TestGolden -update
//
// Do so when a change of the model is meant to change what happens, never
// because a platform disagrees.
var update = flag.Bool("update", false, "rewrite testdata/golden.json")

const goldenFile = "testdata/golden.json"

// golden is what every platform must find for one scenario.
type golden struct {
	Digests map[scenarios.Strategy]string `json:"digests"`
	JSON    string                        `json:"json"` // SHA-256 of the whole result
}

// goldenCases are scenarios in which everything happens that could depend on
// scheduling: many goroutines at one instant, queues, timers, losses, TLS.
var goldenCases = map[string]string{
	"plain": goldenPage + `
network: {rtt: 50ms, up: {bandwidth: 5Mbps}, down: {bandwidth: 20Mbps}}`,
	"same instant": goldenPage + `
servers: {service_time: 5ms, concurrency: 4, queue: 60}
network: {rtt: 40ms}`,
	"loss": goldenPage + `
network:
  rtt: 50ms
  jitter: 5ms
  up: {bandwidth: 5Mbps, loss: 1%}
  down: {bandwidth: 20Mbps, loss: 1%, queue: 40kB}`,
	"tls": goldenPage + `
tls: {enabled: true}
network: {rtt: 50ms, up: {bandwidth: 5Mbps}, down: {bandwidth: 20Mbps}}`,
	"tls with loss": goldenPage + `
tls: {enabled: true, resumption: false}
network:
  rtt: 50ms
  up: {bandwidth: 5Mbps, loss: 1%}
  down: {bandwidth: 20Mbps, loss: 1%}`,
	"limit and sign of life at one instant": `
workload: push
duration: 32s
strategies: [longpoll, sse, websocket]
clients: {count: 30, arrival: 1s}
push: {interval: 13s, keepalive: 5s}
balancer: {kind: l7, upgrade: true, idle_timeout: 5s}`,
	"caches": `
workload: catalogue
duration: 12s
strategies: [http1, http2, websocket]
tls: {enabled: true}
clients: {count: 6}
catalogue: {objects: 8, size: {exponential: {mean: 30kB}}, interval: 200ms, personal: 20%, update: 4s, lifetime: 3s, stale: 1s}
cache: {edges: 2, shield: true, memory: 150kB, policy: 2q, collapse: true, purge: true}
servers: {count: 2, rtt: 30ms, service_time: 150ms, concurrency: 3}
balancer: {kind: l7, upgrade: true}
network: {rtt: 20ms, jitter: 2ms, down: {bandwidth: 20Mbps, loss: 1%}}
faults: [{at: 6s, kind: purge}]`,
	"chat": `
workload: chat
duration: 8s
clients: {count: 6, arrival: 1s}
chat: {interval: {uniform: {min: 200ms, max: 900ms}}, message: {exponential: {mean: 300B}}, page: {exponential: {mean: 20kB}}, pages: 5}
push: {poll: 1s, deflate: true}
cache: {edges: 2, collapse: true}
servers: {rtt: 30ms}
network: {rtt: 20ms, down: {bandwidth: 20Mbps, loss: 1%}}`,
	"chat with tls": `
workload: chat
strategies: [longpoll, hybrid]
duration: 5s
tls: {enabled: true}
clients: {count: 4, arrival: 1s}
chat: {interval: {uniform: {min: 200ms, max: 900ms}}, message: {exponential: {mean: 300B}}, page: {exponential: {mean: 20kB}}, pages: 5}
push: {deflate: true}
servers: {count: 2}
balancer: {kind: l7, upgrade: true}
network: {rtt: 40ms, down: {bandwidth: 20Mbps, loss: 1%}}`,
	"firewalls": firewalled + `
tls: {enabled: true}
network: {rtt: 40ms, jitter: 2ms, down: {bandwidth: 20Mbps, loss: 1%}}`,
	"firewalls in clear": firewalled + `
push: {interval: 300ms, http: 1}
network: {rtt: 40ms}`,
	"timeouts": `
duration: 4s
clients: {count: 3, visits: 2, timeout: 600ms}
page: {resources: [{name: objects, count: 30, size: {exponential: {mean: 5kB}}}]}
servers: {service_time: {exponential: {mean: 300ms}}}
network: {rtt: 100ms, down: {bandwidth: 2Mbps, loss: 5%}}`,
}

// firewalled has two listeners behind each kind of firewall.
const firewalled = `
workload: push
duration: 8s
strategies: [poll, sse, websocket, fallback]
clients: {count: 16, arrival: 500ms, timeout: 3s}
firewalls:
  - {kind: pass, share: 12.5%, idle_timeout: 2s}
  - {kind: block, share: 12.5%, blocked: [80]}
  - {kind: no-upgrade, share: 12.5%}
  - {kind: forbid-upgrade, share: 12.5%}
  - {kind: kill-upgrade, share: 12.5%, silent: true}
  - {kind: intercept, share: 12.5%}
  - {kind: explicit, share: 12.5%, connect: [80, 443], max_duration: 3s}`

// goldenPage has two hosts, dependencies, uploads and two visits.
const goldenPage = `
clients: {count: 3, visits: 2, think: {exponential: {mean: 1s}}}
page:
  resources:
    - {name: document, path: /, size: 30kB}
    - {name: styles, count: 3, after: [document], size: {list: [40kB, 9kB, 2kB]}}
    - {name: images, count: 24, after: [document], size: {lognormal: {median: 8kB, p99: 90kB}}, host: static}
    - {name: calls, count: 6, after: [styles], method: POST, body: 20kB, size: 1kB}`

// resultOf simulates one case and returns its digests and its JSON.
func resultOf(t testing.TB, name string) (golden, []byte) {
	t.Helper()
	r, err := world.Simulate(context.Background(), parse(t, goldenCases[name]), world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text.Bytes())
	g := golden{Digests: map[scenarios.Strategy]string{}, JSON: hex.EncodeToString(sum[:])}
	for _, run := range r.Runs {
		g.Digests[run.Strategy] = run.Digest
	}
	return g, text.Bytes()
}

func caseNames() []string {
	var names []string
	for name := range goldenCases {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestGolden holds every platform and every number of processors to the same
// digests and the same JSON: natively, with the race detector and without, and
// as WebAssembly (make test-wasm), which has one processor.
func TestGolden(t *testing.T) {
	want := map[string]golden{}
	if text, err := os.ReadFile(goldenFile); err != nil && !*update {
		t.Fatal(err)
	} else if err == nil && !*update {
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
	}
	processors := []int{1, 2, 8}
	switch {
	case runtime.GOOS == "wasip1":
		processors = processors[:1]
	case testing.Short(): // with the race detector, which makes it slow
		processors = processors[2:]
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors[0]))
	for _, name := range caseNames() {
		t.Run(name, func(t *testing.T) {
			got, text := resultOf(t, name)
			for _, n := range processors[1:] {
				runtime.GOMAXPROCS(n)
				if _, other := resultOf(t, name); !bytes.Equal(other, text) {
					t.Errorf("GOMAXPROCS=%d: %s", n, firstDifference(other, text))
				}
			}
			runtime.GOMAXPROCS(processors[0])
			if *update {
				want[name] = got
				return
			}
			for strategy, digest := range want[name].Digests {
				if got.Digests[strategy] != digest {
					t.Errorf("%s: digest %s, want %s", strategy, got.Digests[strategy], digest)
				}
			}
			if got.JSON != want[name].JSON {
				t.Errorf("JSON has SHA-256 %s, want %s", got.JSON, want[name].JSON)
			}
		})
	}
	if *update {
		text, err := json.MarshalIndent(want, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, append(text, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSameResultInAnotherProcess runs the test binary again.
func TestSameResultInAnotherProcess(t *testing.T) {
	if name := os.Getenv("PROTOSIM_TEST_PRINT"); name != "" {
		_, text := resultOf(t, name)
		os.Stdout.Write(text)
		return
	}
	if runtime.GOOS == "wasip1" {
		t.Skip("WebAssembly starts no processes; TestGolden compares it with the native run")
	}
	if testing.Short() {
		t.Skip("once is enough, without -short")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"loss", "tls with loss", "chat", "chat with tls"} {
		command := exec.Command(self, "-test.run=^TestSameResultInAnotherProcess$")
		command.Env = append(os.Environ(), "PROTOSIM_TEST_PRINT="+name)
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		_, want := resultOf(t, name)
		if got, _, _ := strings.Cut(string(out), "PASS"); got != string(want) {
			t.Errorf("%s: %s", name, firstDifference([]byte(got), want))
		}
	}
}

// TestSeedsDiffer makes sure that the digest sees what the seed decides.
func TestSeedsDiffer(t *testing.T) {
	s := parse(t, goldenCases["loss"])
	digests := map[string]uint64{}
	for seed := uint64(1); seed <= 5; seed++ {
		r, err := world.Simulate(context.Background(), s, world.Options{Seed: seed, Strategies: []scenarios.Strategy{scenarios.HTTP1}})
		if err != nil {
			t.Fatal(err)
		}
		digest := r.Runs[0].Digest
		if other, ok := digests[digest]; ok {
			t.Errorf("seeds %d and %d have the digest %s", other, seed, digest)
		}
		digests[digest] = seed
	}
}

// firstDifference shows where two texts part.
func firstDifference(got, want []byte) string {
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "got " + strings.TrimSpace(a[i]) + ", want " + strings.TrimSpace(b[i])
		}
	}
	return "one is longer than the other"
}
