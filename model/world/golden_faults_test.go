package world_test

import (
	"maps"
	"strings"
)

// goldenFaults are cases in which servers, a balancer and a store come and go.
var goldenFaults = map[string]string{
	"crash": goldenFleet + `
session: {unsafe: true, interval: {uniform: {min: 100ms, max: 400ms}}}
faults:
  - {at: 3s, kind: crash, target: www-2, for: 1s}
  - {at: 5s, kind: crash, target: balancer, for: 500ms}`,
	"deploy": goldenFleet + `
faults: [{at: 2s, kind: deploy, drain: 700ms, restart: 500ms}]`,
	"deploy of one": goldenFleet + `
faults:
  - {at: 2s, kind: deploy, target: www-2, drain: 700ms, restart: 500ms}
  - {at: 3s, kind: deploy, target: www-1, drain: 300ms, restart: 500ms, surge: 1, max_unavailable: 0}`,
	"vanish": goldenFleet + `
faults: [{at: 3s, kind: vanish, target: www-2, for: 2s}]`,
	"splice": strings.Replace(goldenFleet, "kind: l7, upgrade: true", "kind: l4, policy: least-connections", 1) + `
session: {state: memory, interval: {uniform: {min: 100ms, max: 400ms}}}
faults:
  - {at: 2s, kind: scale, to: 5}
  - {at: 3s, kind: crash, target: www-3, for: 1s}
  - {at: 5s, kind: scale, to: 2, drain: 300ms}`,
	"partition": goldenFleet + `
session: {state: memory, interval: {uniform: {min: 100ms, max: 400ms}}}
faults:
  - {at: 3s, kind: partition, target: www-1, peer: balancer, for: 1s}
  - {at: 5s, kind: partition, target: balancer, peer: clients, one_way: true, for: 1s}`,
	"care": strings.Replace(goldenFleet, "timeout: 1s, ", "timeout: 300ms, heartbeat: {interval: 500ms, timeout: 200ms}, retry_budget: {window: 4s}, retry_tokens: {capacity: 10}, reconnect_budget: {attempts: 3, window: 2s}, breaker: {failures: 4, open: 700ms}, ", 1) + `
session: {unsafe: false, interval: {uniform: {min: 100ms, max: 400ms}}}
slo: {target: 99%, latency: 200ms}
faults:
  - {when: requests.ok >= 100, kind: vanish, target: www-2, for: 1s}
  - {at: 4s, when: clients.unserved > 0, kind: slow, factor: 20, for: 1s}`,
	"store": goldenFleet + `
session: {state: store, interval: {uniform: {min: 100ms, max: 400ms}}}
tls: {enabled: true}
faults:
  - {at: 3s, kind: crash, target: store, for: 700ms}
  - {at: 5s, kind: slow, target: www-1, factor: 30, for: 1s}
  - {at: 6s, kind: errors, target: www-2, rate: 30%, for: 1s}
  - {at: 6s, kind: degrade, target: clients, loss: 5%, delay: 20ms, for: 1s}`,
}

// goldenFleet is a dozen users who are busy, so that at every moment something
// is under way, behind a balancer that forgets nothing.
const goldenFleet = `
workload: session
duration: 8s
strategies: [http1, http2, websocket]
network: {rtt: 30ms}
clients: {count: 12, arrival: 1s, timeout: 1s, reconnect: {base: 100ms, cap: 1s}}
balancer: {kind: l7, upgrade: true, health_interval: 300ms}
servers: {count: 3, service_time: {exponential: {mean: 40ms}}, concurrency: 2}`

func init() { maps.Copy(goldenCases, goldenFaults) }
