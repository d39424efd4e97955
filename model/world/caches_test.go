package world_test

import (
	"math"
	"testing"

	"protosim/model/result"
	"protosim/scenarios"
)

// readers is 20 readers of 40 objects behind two edges, the servers far away.
const readers = `
workload: catalogue
duration: 40s
strategies: [http1, http2, websocket]
network: {rtt: 20ms}
clients: {count: 20, arrival: 2s}
catalogue: {objects: 40, size: 2kB, interval: 400ms}
cache: {edges: 2}
servers: {rtt: 80ms}
`

func read(t *testing.T, sets ...string) map[scenarios.Strategy]result.Metrics {
	t.Helper()
	return measureEach(t, readers, sets...)
}

// Over HTTP each edge asks for each object once; a socket passes through.
func TestCachesSpareServers(t *testing.T) {
	m := read(t)
	for _, s := range []scenarios.Strategy{scenarios.HTTP1, scenarios.HTTP2} {
		if n := m[s]["origin.requests"]; n > 2*40+20 || n < 40 { // some are asked for twice at once
			t.Errorf("%s: %v requests at the servers", s, n)
		}
		if p50 := m[s]["request_ms.p50"]; math.Abs(p50-20) > .1 {
			t.Errorf("%s: a request takes %v ms, want the round trip to the edge", s, p50)
		}
		if asked, hits := m[s]["requests.total"], m[s]["cache.hits"]; asked-hits != m[s]["origin.requests"] || m[s]["origin.offload"] != hits/asked {
			t.Errorf("%s: %v requests, %v hits and %v at the servers do not add up", s, asked, hits, m[s]["origin.requests"])
		}
	}
	ws := m[scenarios.WebSocket]
	if ws["cache.hits"] != 0 || ws["origin.requests"] != ws["requests.total"] || math.Abs(ws["request_ms.p50"]-105) > .2 {
		t.Errorf("sockets gain from caches: %v", ws)
	}
	if off := read(t, "cache.edges=0", "strategies=[http2]")[scenarios.HTTP2]; off["origin.offload"] != 0 || math.Abs(off["request_ms.p50"]-105) > .2 {
		t.Errorf("without caches: %v", off)
	}
}

// With collapsing, and one cache behind the edges, the servers make each object
// once, and once more after a flush.
func TestCollapsingStopsStampede(t *testing.T) {
	slow := []string{"strategies=[http2]", "catalogue.objects=5", "servers.service_time=2s", "cache.shield=true", "clients.timeout=20s", "faults=[{at: 20s, kind: purge}]"}
	if n := read(t, append(slow, "cache.collapse=true")...)[scenarios.HTTP2]["origin.requests"]; n != 10 {
		t.Errorf("%v requests at the servers, want 10", n)
	}
	if n := read(t, append(slow, "cache.collapse=false")...)[scenarios.HTTP2]["origin.requests"]; n <= 15 {
		t.Errorf("%v requests at the servers without collapsing", n)
	}
}

// Objects that live for ten seconds, and take two to make, are made once in
// twelve with collapsing, be the caches asked ever so often; without, by everybody
// who asks in those two seconds.
func TestExpiryUnderLoad(t *testing.T) {
	expiring := []string{"strategies=[http2]", "catalogue.objects=5", "catalogue.lifetime=10s", "catalogue.update=1s", "servers.service_time=2s", "servers.concurrency=100", "cache.shield=true", "clients.timeout=20s"}
	once := read(t, append(expiring, "cache.collapse=true")...)[scenarios.HTTP2]
	if n := once["origin.requests"]; n < 5*3 || n > 5*4 || once["cache.collapsed"] == 0 {
		t.Errorf("%v requests at the servers in 42 s, %v collapsed", n, once["cache.collapsed"])
	}
	many := read(t, append(expiring, "cache.collapse=false")...)[scenarios.HTTP2]
	if n := many["origin.requests"]; n < 4*once["origin.requests"] {
		t.Errorf("%v requests at the servers without collapsing, %v with", n, once["origin.requests"])
	}
	if more, less := many["origin.requests_peak_per_second"], once["origin.requests_peak_per_second"]; more < 2*less {
		t.Errorf("%v requests in a second without collapsing, %v with", more, less)
	}
}

// Who purges what changes has nothing outdated; who does not, has. What has to
// be asked for again is only asked about where it has not changed.
func TestPurgeAndRevalidation(t *testing.T) {
	changing := []string{"strategies=[http2]", "catalogue.update=20s"}
	if n := read(t, append(changing, "cache.purge=true")...)[scenarios.HTTP2]["content.outdated"]; n != 0 {
		t.Errorf("%v outdated responses although changes are purged", n)
	}
	if n := read(t, changing...)[scenarios.HTTP2]["content.outdated"]; n < 100 {
		t.Errorf("%v outdated responses although nothing is purged", n)
	}
	m := read(t, "strategies=[http2]", "catalogue.lifetime=0")[scenarios.HTTP2]
	if m["cache.revalidations"] < .9*m["requests.total"] || m["cache.hits"] != 0 {
		t.Errorf("without a lifetime %v of %v are revalidated", m["cache.revalidations"], m["requests.total"])
	}
}

// FIGURES 6, the whole way: the hit ratio of an edge with room for a tenth of
// the objects is that of Che's approximation, personal requests never hit.
func TestHitRatioOfEdge(t *testing.T) {
	if testing.Short() {
		t.Skip("many requests")
	}
	const objects, room = 500, 50
	m := measureEach(t, `
workload: catalogue
duration: 50s
strategies: [http1]
network: {rtt: 1ms}
clients: {count: 20}
catalogue: {objects: 500, alpha: 0.8, size: 20kB, interval: {exponential: {mean: 100ms}}}
servers: {service_time: 0}
cache: {edges: 1, memory: 1075kB}`)[scenarios.HTTP1] // 50 of 20,000 bytes and what they cost besides
	want := che(objects, room, .8)
	if got := m["cache.hit_ratio"]; math.Abs(got-want) > .02 {
		t.Errorf("hit ratio %.4f, Che's approximation %.4f", got, want)
	}
}

// che is Che's approximation of the hit ratio of LRU with room for c of n
// objects under Zipf's law: an object is there if it was asked for within the
// characteristic time t, at which the expected number of those is c.
func che(n, c int, alpha float64) float64 {
	p := make([]float64, n)
	sum := 0.0
	for i := range p {
		p[i] = math.Pow(float64(i+1), -alpha)
		sum += p[i]
	}
	there := func(t float64) (count, hits float64) {
		for _, x := range p {
			in := 1 - math.Exp(-x/sum*t)
			count += in
			hits += x / sum * in
		}
		return count, hits
	}
	low, high := 0.0, 1e9
	for range 200 {
		if count, _ := there((low + high) / 2); count < float64(c) {
			low = (low + high) / 2
		} else {
			high = (low + high) / 2
		}
	}
	_, hits := there(low)
	return hits
}
