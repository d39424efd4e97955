// These files are written by the command, not in the browser: to compile gopacket
// for WebAssembly would take a minute.
//
//go:build !wasip1

package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"protosim/model/export"
	"protosim/model/network"
	"protosim/model/result"
	"protosim/model/trace"
	"protosim/model/vtime"
	"protosim/model/world"
	"protosim/scenarios"
)

const page = `
name: small
clients: {count: 2, visits: 2, think: 1s, timeout: 2s}
page:
  resources:
    - {name: document, path: "/?a=1&b", size: 30kB}
    - {name: images, count: 12, after: [document], size: 8kB, host: static}
    - {name: calls, count: 2, after: [document], method: POST, body: 3kB, size: 1kB}
network: {rtt: 40ms, down: {bandwidth: 20Mbps, loss: 2%}}`

const sessions = `
name: small
workload: session
duration: 20s
clients: {count: 8, arrival: 1s}
session: {interval: 1s}
balancer: {kind: l7, upgrade: true}
servers: {count: 3}
faults:
  - {at: 4s, kind: crash, target: www-1, for: 2s}
  - {at: 5s, kind: vanish, target: www-2, for: 1s}
  - {at: 5s, kind: crash, target: www-1, for: 4s}
  - {at: 7s, kind: deploy, drain: 500ms, restart: 500ms}
  - {at: 13s, kind: degrade, target: clients, loss: 5%}`

const pushes = `
name: small
workload: push
duration: 5s
strategies: [poll, sse, websocket]
clients: {count: 3}
push: {interval: 500ms}`

// simulate runs a scenario, with options.
func simulate(t testing.TB, text string, opt world.Options) (*scenarios.Scenario, *result.Result) {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := world.Simulate(context.Background(), s, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

// tracesOf returns the events of each strategy's run.
func tracesOf(t testing.TB, text string) (*result.Result, map[scenarios.Strategy][]trace.Event) {
	t.Helper()
	var mu sync.Mutex
	traces := map[scenarios.Strategy]*[]trace.Event{}
	_, r := simulate(t, text, world.Options{Trace: func(s scenarios.Strategy, _ uint64) trace.Sink {
		events := new([]trace.Event)
		mu.Lock()
		traces[s] = events
		mu.Unlock()
		return func(e trace.Event) { *events = append(*events, e) }
	}})
	all := map[scenarios.Strategy][]trace.Event{}
	for s, events := range traces {
		all[s] = *events
	}
	return r, all
}

// TestHAR holds archives to the format's JSON Schema, and what they say to the
// result's waterfall, page load times and counts.
func TestHAR(t *testing.T) {
	schema := harSchema(t)
	const tlsOn = "\ntls: {enabled: true}"
	for _, text := range []string{page, page + tlsOn} {
		archives := map[scenarios.Strategy]*export.Pages{}
		s, err := scenarios.Parse("test.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, strategy := range s.Strategies {
			archives[strategy] = export.NewPages(s, strategy, 0, "v1")
		}
		_, r := simulate(t, text, world.Options{Capture: func(s scenarios.Strategy, _ uint64) world.Capture {
			return world.Capture{Exchange: export.Exchanges([]*export.Pages{archives[s]})}
		}})
		for _, run := range r.Runs {
			t.Run(string(run.Strategy), func(t *testing.T) {
				var b bytes.Buffer
				if err := archives[run.Strategy].Write(&b); err != nil {
					t.Fatal(err)
				}
				value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(value); err != nil {
					t.Error(err)
				}
				checkHAR(t, b.Bytes(), run, strings.HasSuffix(text, tlsOn))
			})
		}
	}
}

func harSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	files, err := filepath.Glob("testdata/har-schema/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource("https://har/"+filepath.Base(file), parsed); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile("https://har/har.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func checkHAR(t *testing.T, text []byte, run result.Run, secure bool) {
	var har struct {
		Log struct {
			Pages []struct {
				ID      string
				Timings struct{ OnLoad float64 } `json:"pageTimings"`
				Started time.Time                `json:"startedDateTime"`
			}
			Entries []struct {
				Pageref, Connection, Comment string
				Started                      time.Time `json:"startedDateTime"`
				Time                         float64
				Request                      struct {
					URL, Method string
					BodySize    int
					QueryString []struct{ Name, Value string }
				}
				Response struct {
					Status  int
					Content struct{ Size int }
				}
				Timings map[string]float64
			}
		}
	}
	if err := json.Unmarshal(text, &har); err != nil {
		t.Fatal(err)
	}
	const objects = 15
	if len(run.Waterfall) != objects || len(har.Log.Pages) != 2 || len(har.Log.Entries) != 2*objects {
		t.Fatalf("%d pages, %d entries", len(har.Log.Pages), len(har.Log.Entries))
	}
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	// The waterfall is of the same client's first visit, in another order.
	byURL := map[string]int{}
	for i, e := range har.Log.Entries[:objects] {
		byURL[e.Request.URL] = i
	}
	began := har.Log.Pages[0].Started
	loaded := 0.0
	for _, w := range run.Waterfall {
		i, ok := byURL[scheme+w.Host+w.Path]
		if !ok {
			t.Errorf("%s is not in the archive", w.Path)
		}
		e := har.Log.Entries[i]
		start := float64(e.Started.Sub(began)) / float64(time.Millisecond)
		sum := 0.0
		for _, ms := range e.Timings {
			sum += max(ms, 0)
		}
		if e.Request.URL != scheme+w.Host+w.Path || e.Response.Content.Size != w.Bytes || e.Response.Status != 200 || e.Pageref != "page_1" {
			t.Errorf("entry %d is %+v, the waterfall has %+v", i, e, w)
		}
		if off := math.Abs(start-w.StartMS) + math.Abs(start+e.Time-w.EndMS) + math.Abs(sum-e.Time) + math.Abs(start+e.Timings["blocked"]-w.SentMS); off > .01 {
			t.Errorf("entry %d is %v ms off: %+v, the waterfall has %+v", i, off, e, w)
		}
		if e.Connection == "" {
			t.Errorf("entry %d has no connection", i)
		}
		loaded = max(loaded, w.EndMS)
	}
	if got := har.Log.Pages[0].Timings.OnLoad; math.Abs(got-loaded) > .01 {
		t.Errorf("the page is loaded after %v ms, in the waterfall after %v", got, loaded)
	}
	first := har.Log.Entries[0].Request
	if q := first.QueryString; len(q) != 2 || q[0].Name != "a" || q[0].Value != "1" || q[1].Name != "b" {
		t.Errorf("the query of %s is %v", first.URL, q)
	}
}

// TestFailedHAR: requests that come to nothing are in the archive, and it still
// is one.
func TestFailedHAR(t *testing.T) {
	schema := harSchema(t)
	text := strings.Replace(page, "timeout: 2s", "timeout: 60ms", 1)
	var pages *export.Pages
	simulate(t, text, world.Options{Strategies: []scenarios.Strategy{scenarios.HTTP1}, Capture: func(strategy scenarios.Strategy, _ uint64) world.Capture {
		s, _ := scenarios.Parse("test.yaml", []byte(text))
		pages = export.NewPages(s, strategy, 1, "")
		return world.Capture{Exchange: pages.Exchange}
	}})
	var b bytes.Buffer
	if err := pages.Write(&b); err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil || !strings.Contains(b.String(), `: failed"`) || !strings.Contains(b.String(), `"onLoad": -1`) {
		t.Errorf("%v\n%.3000s", err, b.String())
	}
}

// TestTimeline holds timelines to the rules of the format: Perfetto drops what
// breaks them without a word.
func TestTimeline(t *testing.T) {
	for name, text := range map[string]string{"page": page, "sessions": sessions, "push": pushes} {
		r, traces := tracesOf(t, text)
		for _, run := range r.Runs {
			t.Run(name+" "+string(run.Strategy), func(t *testing.T) {
				var b bytes.Buffer
				w := export.NewTimeline(&b)
				events := traces[run.Strategy]
				counts := map[trace.Kind]int{}
				for _, e := range events {
					w.Event(e)
					counts[e.Kind]++
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				checkTimeline(t, b.Bytes(), counts)
			})
		}
	}
}

func checkTimeline(t *testing.T, text []byte, counts map[trace.Kind]int) {
	var file struct {
		DisplayTimeUnit string
		TraceEvents     []struct {
			Ph, Name, Cat, S string
			TS               *float64
			PID, TID         *int
			Args             map[string]any
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		t.Error("there is something behind the object")
	}
	type track struct{ pid, tid int }
	open, last := map[track]int{}, map[track]float64{}
	processes, threads := map[int]bool{}, map[track]bool{}
	slices, instants := map[string]int{}, map[string]int{}
	for i, e := range file.TraceEvents {
		if e.TS == nil || e.PID == nil || e.TID == nil || *e.TS < 0 {
			t.Fatalf("event %d lacks ts, pid or tid: %+v", i, e)
		}
		k := track{*e.PID, *e.TID}
		if e.Ph != "M" {
			if !processes[k.pid] {
				t.Errorf("event %d: process %d has no name", i, k.pid)
			}
			if *e.TS < last[k] {
				t.Errorf("event %d: track %v goes back from %v to %v", i, k, last[k], *e.TS)
			}
			last[k] = *e.TS
		}
		switch e.Ph {
		case "M":
			if e.Name == "process_name" {
				processes[k.pid] = true
			} else if e.Name == "thread_name" {
				threads[k] = true
			}
		case "B":
			if open[k]++; open[k] > 1 {
				t.Errorf("event %d: slices of track %v overlap: %+v", i, k, e)
			}
			if e.Name == "" || !threads[k] {
				t.Errorf("event %d: a slice without a name or on a track without one: %+v", i, e)
			}
			slices[e.Cat]++
		case "E":
			if open[k]--; open[k] < 0 {
				t.Errorf("event %d: an end without a beginning: %+v", i, e)
			}
		case "i":
			if e.S != "g" && e.S != "p" && e.S != "t" || e.Name == "" {
				t.Errorf("event %d: an instant of scope %q: %+v", i, e.S, e)
			}
			instants[e.Cat]++
		default:
			t.Errorf("event %d has the phase %q", i, e.Ph)
		}
	}
	for k, n := range open {
		if n != 0 {
			t.Errorf("track %v: %d slices are not closed", k, n)
		}
	}
	for category, want := range map[string]int{
		"request": counts[trace.Request], "serving": counts[trace.Serving], "connection": counts[trace.Opened],
	} {
		if slices[category] != want {
			t.Errorf("%d slices of category %s, want %d", slices[category], category, want)
		}
	}
	if instants["packet"] != counts[trace.Dropped] || instants["fault"] != counts[trace.Fault] {
		t.Errorf("instants %v of %v", instants, counts)
	}
}

// TestEvents reads the lines back.
func TestEvents(t *testing.T) {
	for _, text := range []string{page, sessions, pushes} {
		_, traces := tracesOf(t, text)
		for strategy, events := range traces {
			var b bytes.Buffer
			w := export.NewEvents(&b)
			for _, e := range events {
				w.Event(e)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			names := []string{""}
			i := 0
			for text := range bytes.Lines(b.Bytes()) {
				var l struct {
					At         float64 `json:"at_ms"`
					Kind       trace.Kind
					Host, Peer string
					Client     *uint32
					Status     *int
					Until      float64 `json:"until_ms"`
					Role       string
				}
				if err := json.Unmarshal(text, &l); err != nil {
					t.Fatalf("line %d: %v: %s", i+1, err, text)
				}
				e := events[i]
				i++
				if e.Kind == trace.Host {
					names = append(names, e.Text)
				}
				if math.Abs(l.At*1e6-float64(e.At)) > 1 || l.Kind != e.Kind || l.Host != names[e.Host] || l.Peer != names[e.Peer] {
					t.Fatalf("%s: %+v became %s", strategy, e, text)
				}
				if e.Kind == trace.Request && (l.Client == nil || l.Host != fmt.Sprintf("client-%d", *l.Client)) ||
					e.Kind == trace.Response && (l.Status == nil || *l.Status != e.Code) ||
					e.Kind == trace.Flight && math.Abs(l.Until*1e6-float64(e.Until)) > 1 ||
					e.Kind == trace.Host && l.Role == "" {
					t.Fatalf("%s: %+v became %s", strategy, e, text)
				}
			}
			if i != len(events) {
				t.Errorf("%s: %d events became %d lines", strategy, len(events), i)
			}
		}
	}
}

// hosts are two of a network of their own.
func hosts(t testing.TB) (a, b *network.Host) {
	t.Helper()
	err := vtime.Run(context.Background(), func(c *vtime.Clock) error {
		n := network.New(c, network.TCP{}, 1)
		a, b = n.NewHost("client-1"), n.NewHost("www")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

// TestPacket reads a packet back and compares every field.
func TestPacket(t *testing.T) {
	a, b := hosts(t)
	var file bytes.Buffer
	w, err := export.NewPackets(&file, "www")
	if err != nil {
		t.Fatal(err)
	}
	base := network.Sighting{At: 1500 * time.Millisecond, From: a, To: b, FromPort: 40000, ToPort: 80, MSS: 1460, WindowScale: 7}
	s1, s2, s3 := base, base, base
	s1.SYN, s1.Window = true, 70_000
	s2.ACK, s2.PSH, s2.FIN, s2.Seq, s2.Ack, s2.Window = true, true, true, 1<<32+5, 7, 1000
	s2.Payload, s2.Length = [][]byte{[]byte("ab"), []byte("c")}, 3
	s2.SACK = [][2]int64{{10, 20}, {1<<32 + 30, 1<<32 + 40}}
	s3.RST, s3.Window, s3.At = true, 1, time.Hour
	for _, s := range []network.Sighting{s1, s2, s3} {
		w.Tap(&s)
	}
	w.Write([]byte("CLIENT_RANDOM 00 11\n"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	reader, err := pcapgo.NewNgReader(bytes.NewReader(file.Bytes()), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	var tcps []*layers.TCP
	var times []time.Duration
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packet := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
		ip := packet.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
		if !ip.SrcIP.Equal(a.Addr.AsSlice()) || !ip.DstIP.Equal(b.Addr.AsSlice()) {
			t.Errorf("from %v to %v", ip.SrcIP, ip.DstIP)
		}
		tcps = append(tcps, packet.Layer(layers.LayerTypeTCP).(*layers.TCP))
		times = append(times, info.Timestamp.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
	}
	if len(tcps) != 3 {
		t.Fatalf("%d packets", len(tcps))
	}
	if !slices.Equal(times, []time.Duration{s1.At, s2.At, s3.At}) {
		t.Errorf("seen at %v", times)
	}
	if c := tcps[0]; !c.SYN || c.ACK || c.Window != 0xffff || c.DataOffset != 8 || c.SrcPort != 40000 || c.DstPort != 80 {
		t.Errorf("a SYN became %+v", c)
	}
	if c := tcps[1]; !c.ACK || !c.PSH || !c.FIN || c.Seq != 5 || c.Ack != 7 || c.Window != 8 || string(c.Payload) != "abc" || c.DataOffset != 10 {
		t.Errorf("data became %+v", c)
	} else if want := []byte{0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 0, 30, 0, 0, 0, 40}; !bytes.Equal(c.Options[2].OptionData, want) {
		t.Errorf("SACK blocks became %v", c.Options)
	}
	if c := tcps[2]; !c.RST || c.Window != 1 {
		t.Errorf("a reset became %+v", c)
	}
	for _, text := range []string{"client-1\x00", "www\x00", "CLIENT_RANDOM 00 11\n", "the link of www"} {
		if !bytes.Contains(file.Bytes(), []byte(text)) {
			t.Errorf("%q is not in the file", text)
		}
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestFullDisk: each writer tells of the error when it is closed.
func TestFullDisk(t *testing.T) {
	packets, err := export.NewPackets(full{}, "www")
	if err == nil {
		err = packets.Close()
	}
	timeline, events := export.NewTimeline(full{}), export.NewEvents(full{})
	events.Event(trace.Event{Kind: trace.Host, Host: 1})
	for i, err := range []error{err, timeline.Close(), events.Close(), export.NewPages(&scenarios.Scenario{}, scenarios.HTTP1, 0, "").Write(full{})} {
		if err == nil {
			t.Errorf("writer %d has written to a full disk", i)
		}
	}
}

// TestMillionSegments writes a capture of 1,000,000 segments and makes sure
// that memory does not grow with it.
func TestMillionSegments(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	a, b := hosts(t)
	w, err := export.NewPackets(io.Discard, "www")
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	payload := [][]byte{make([]byte, 1000), make([]byte, 460)}
	before := uint64(0)
	for i := range n {
		s := network.Sighting{
			At: time.Duration(i) * time.Microsecond, From: b, To: a, FromPort: 80, ToPort: uint16(i), ACK: true,
			Seq: int64(i) * 1460, Payload: payload, Length: 1460, WindowScale: 7, MSS: 1460,
		}
		w.Tap(&s)
		if i == 1000 {
			before = heap()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if grown := int64(heap()) - int64(before); grown > 100_000 {
		t.Errorf("%d segments take %d bytes of memory", n, grown)
	}
	runtime.KeepAlive(w)
}

// BenchmarkPackets tells how long a full segment takes.
func BenchmarkPackets(b *testing.B) {
	from, to := hosts(b)
	w, err := export.NewPackets(io.Discard, "www")
	if err != nil {
		b.Fatal(err)
	}
	s := network.Sighting{From: from, To: to, ACK: true, Payload: [][]byte{make([]byte, 1460)}, Length: 1460}
	b.SetBytes(1460)
	b.ReportAllocs()
	for b.Loop() {
		w.Tap(&s)
	}
}
