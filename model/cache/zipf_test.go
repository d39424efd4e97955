package cache

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"protosim/model/processor"
	"protosim/model/random"
	"protosim/scenarios"
)

// FIGURES 6: LRU under Zipf requests has the hit ratio of Che's approximation.
func TestLRUUnderZipf(t *testing.T) {
	const objects, cost = 10_000, 2000
	for _, f := range []struct {
		alpha    float64
		capacity int
		ratio    float64
	}{{.64, 100, .0565}, {.64, 1000, .2749}, {.80, 100, .1566}, {.80, 1000, .4367}, {1.0, 1000, .6756}} {
		got := hitRatio(LRU, f.alpha, objects, f.capacity, cost, false)
		if math.Abs(got-f.ratio) > 0.01 {
			t.Errorf("alpha %v, capacity %d: hit ratio %.4f, expected %.4f", f.alpha, f.capacity, got, f.ratio)
		}
		// 2Q is as good without a scan, and the better the less room there is.
		if better := hitRatio(TwoQueue, f.alpha, objects, f.capacity, cost, false); better < got || f.capacity == 100 && better < 1.1*got {
			t.Errorf("alpha %v, capacity %d: 2Q has %.4f, LRU %.4f", f.alpha, f.capacity, better, got)
		}
	}
}

// A scan, one request in two for something that nobody asks for again, costs LRU
// the room for half of what it had; with 2Q it goes through a queue of its own.
func TestScan(t *testing.T) {
	const objects, capacity, cost = 10_000, 1000, 2000
	for _, alpha := range []float64{.64, 1} {
		quiet := hitRatio(LRU, alpha, objects, capacity, cost, false)
		lru, twoQueue := hitRatio(LRU, alpha, objects, capacity, cost, true), hitRatio(TwoQueue, alpha, objects, capacity, cost, true)
		t.Logf("alpha %v: LRU %.4f without a scan; with one LRU %.4f, 2Q %.4f", alpha, quiet, lru, twoQueue)
		if lru > quiet-.05 {
			t.Errorf("alpha %v: a scan does not trouble LRU: %.4f, %.4f without", alpha, lru, quiet)
		}
		if twoQueue < lru+.05 {
			t.Errorf("alpha %v: with a scan 2Q has %.4f, LRU %.4f", alpha, twoQueue, lru)
		}
	}
}

// hitRatio asks a store of so many objects' capacity by popularity, and where
// there is a scan for as many things besides that are asked for once. It is the
// share of hits among what is asked for by popularity.
func hitRatio(p Policy, alpha float64, objects, capacity int, cost int64, scan bool) float64 {
	s := newStore(Config{Policy: p, Memory: int64(capacity) * cost}.withDefaults())
	z, r := NewZipf(objects, alpha), random.New(1, "zipf")
	warm, hits, n := 20*capacity+20_000, 0, 100_000
	keys := make([]string, objects)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	for i := range warm + n {
		if scan {
			s.put(fmt.Sprint("once ", i), &object{cost: cost}, nil)
		}
		key := keys[z.Draw(r)]
		o, _ := s.get(key, nil)
		if o == nil {
			s.put(key, &object{cost: cost}, nil)
		} else if i >= warm {
			hits++
		}
	}
	if s.bytes > s.limit || s.objects > capacity {
		panic("beyond the limit")
	}
	return float64(hits) / float64(n)
}

// The books agree with what is there, under either policy.
func TestStoreKeepsBooks(t *testing.T) {
	for _, p := range Policies {
		s := newStore(Config{Policy: p, Memory: 100_000, MaxVariants: 3}.withDefaults())
		r := random.New(1, string(p))
		for range 5_000 {
			key := fmt.Sprint(r.IntN(100))
			h := http.Header{"X": {fmt.Sprint(r.IntN(5))}}
			o, _ := s.get(key, h)
			switch r.IntN(5) {
			case 0:
				s.remove(key)
			case 1:
				if o != nil {
					s.drop(key, o)
				}
			case 2:
				if o != nil {
					s.replace(key, o, &object{cost: 500 + r.Int64N(1000), vary: o.vary})
				}
			default:
				s.put(key, &object{cost: 500 + r.Int64N(5000), vary: varying(http.Header{"Vary": {"X"}}, h)}, h)
			}
			bytes, objects := int64(0), 0
			for _, k := range s.order.keys() {
				res := s.order.peek(k)
				cost := int64(0)
				for _, o := range res.variants {
					cost += o.cost
				}
				if cost != res.cost || len(res.variants) == 0 || len(res.variants) > 3 {
					t.Fatalf("%s: a resource of %d variants costs %d, not %d", p, len(res.variants), cost, res.cost)
				}
				bytes, objects = bytes+cost, objects+len(res.variants)
			}
			queued := int64(0)
			switch o := s.order.(type) {
			case *lru:
				queued = o.bytes
			case *twoQueue:
				queued = o.recent.bytes + o.frequent.bytes
			}
			if bytes != s.bytes || objects != s.objects || bytes > s.limit+1500 || queued != bytes {
				t.Fatalf("%s: %d bytes in %d objects, on the books %d (%d) in %d", p, bytes, objects, s.bytes, queued, s.objects)
			}
		}
	}
}

// The probabilities are those of the law, to the last bit on every platform.
func TestZipf(t *testing.T) {
	for _, alpha := range []float64{0, .5, .64, .8, 1, 1.37, 2} {
		for _, x := range []float64{1, 2, 3, 10, 9999} {
			if got, want := power(x, alpha), math.Pow(x, alpha); math.Abs(got-want) > 1e-13*want {
				t.Errorf("%v to the power of %v is %v, expected %v", x, alpha, got, want)
			}
		}
	}
	z, r := NewZipf(1000, .8), random.New(1, "test")
	seen := make([]int, 1000)
	for range 100_000 {
		seen[z.Draw(r)]++
	}
	for _, i := range []int{0, 1, 9, 99} {
		want := z.Share(i) * 100_000
		if math.Abs(float64(seen[i])-want) > 5*math.Sqrt(want) {
			t.Errorf("rank %d was drawn %d times, expected %.0f", i, seen[i], want)
		}
	}
}

func TestCatalogue(t *testing.T) {
	c := NewCatalogue(Contents{
		Objects: 100, Alpha: .8, Personal: .25, Seed: 1,
		Size:   scenarios.Dist[scenarios.Size]{Shape: scenarios.Uniform, Min: 10, Max: 20},
		Update: scenarios.Dist[scenarios.Duration]{Shape: scenarios.Constant, Mean: scenarios.Duration(time.Minute)},
	})
	r, personal, size := random.New(1, "test"), 0, 0
	for range 10_000 {
		item := c.Draw(r, 0)
		if item.Personal {
			personal++
		}
		if item.Size < 10 || item.Size > 20 || item.Size != c.At(item.Number, time.Hour).Size {
			t.Fatalf("%+v", item)
		}
		size += item.Size
	}
	if personal < 2300 || personal > 2700 {
		t.Errorf("%d of 10000 are personal", personal)
	}
	for i := range 100 {
		if n := c.At(i, time.Hour).Version - c.At(i, 0).Version; n != 60 {
			t.Errorf("%d updates in an hour", n)
		}
		at, ok := c.Changes(i, time.Minute)
		if !ok || at <= time.Minute || at > 2*time.Minute || c.At(i, at).Version != c.At(i, at-1).Version+1 {
			t.Errorf("object %d changes at %v", i, at)
		}
	}
}

// BenchmarkLookUp is the way of a browser's request to a fresh response in the
// store: its key is made, its Cache-Control read, and what Vary names compared.
// Besides the time it reports that of the processor, which other work on the
// machine does not change.
func BenchmarkLookUp(b *testing.B) {
	h := http.Header{
		"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, "Accept-Encoding": {"gzip, deflate, br"},
		"Accept-Language": {"en-US,en;q=0.5"}, "Cookie": {"session=0123456789abcdef"}, "User-Agent": {"Mozilla/5.0 (X11; Linux x86_64)"},
		"Referer": {"https://www.example.org/"}, "Sec-Fetch-Mode": {"no-cors"}, "Cache-Control": {"max-age=300"}, "Via": {"1.1 edge"},
	}
	for _, p := range Policies {
		b.Run(string(p), func(b *testing.B) {
			c := &Cache{store: newStore(Config{Policy: p, Memory: 1 << 30}.withDefaults())}
			targets := make([]string, 10_000)
			for i := range targets {
				targets[i] = fmt.Sprintf("/object/%d?v=1", i)
				o := &object{cost: 1000, vary: varying(http.Header{"Vary": {"Accept-Encoding"}}, h), directives: parseDirectives(nil), timing: timing{lifetime: time.Hour}}
				c.store.put(storageKey("www.example.org", targets[i]), o, h)
			}
			z, r := NewZipf(len(targets), .8), random.New(1, "bench")
			order := make([]int, 1<<16)
			for i := range order {
				order[i] = z.Draw(r)
			}
			b.ReportAllocs()
			b.ResetTimer()
			began := processor.Time()
			for i := range b.N {
				want := parseDirectives(h["Cache-Control"])
				key := storageKey("www.example.org", targets[order[i&(1<<16-1)]])
				c.mu.Lock()
				if _, v, _ := c.lookUp(key, h, &want, time.Minute); v != fresh {
					b.Fatal(v)
				}
				c.mu.Unlock()
			}
			b.ReportMetric(float64(processor.Time()-began)/float64(b.N), "cpu-ns/op")
		})
	}
}

func FuzzCacheControl(f *testing.F) {
	for _, s := range []string{"", "max-age=60", "no-store, private=\"a,b\"", "max-age=\"", "a=\"\\", ",,=", "max-age=9999999999999999999999", "s-maxage=1;x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := parseDirectives([]string{s})
		for _, v := range []time.Duration{d.maxAge, d.sMaxAge, d.minFresh, d.whileRevalidate, d.ifError} {
			if v < unset || v > maxSeconds*time.Second {
				t.Errorf("%q: %v", s, v)
			}
		}
		if d.seenAge != (d.maxAge != unset) || d.seenSMaxAge != (d.sMaxAge != unset) {
			t.Errorf("%q: %+v", s, d)
		}
		again := parseDirectives([]string{s, "no-store, max-age=7"})
		if !again.noStore || !again.seenAge || d.seenAge && again.maxAge != d.maxAge {
			t.Errorf("%q hides what is on the next line: %+v", s, again)
		}
	})
}
