package export

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"protosim/model/trace"
)

// Timeline writes a trace in the Trace Event Format, which Perfetto and
// chrome://tracing open: hosts are processes, connections are tracks, requests
// are slices on lanes of their own, at the client and at the server, and
// faults, lost sessions and the like are instants.
//
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
type Timeline struct {
	w     *bufio.Writer
	err   error
	begun bool
	last  time.Duration
	hosts []string
	open  map[place]lane     // requests under way
	lanes map[uint32][]bool  // by host: which lanes are taken
	named map[track]bool     // tracks that have a name
	conns map[uint64]track   // open connections
	state map[uint32]bool    // hosts that are shown as not well
	fault map[string][]track // by text, those that last
}

// place is where a request is under way.
type place struct{ host, client, serial uint32 }

// lane is where it is drawn.
type lane struct {
	track
	index int
}

// track is one line of the picture.
type track struct {
	pid uint32
	tid uint64
}

// The tracks of a host. Connections have the numbers from firstConn on.
const (
	stateTrack = 1
	eventTrack = 2
	firstLane  = 1000
	firstConn  = 1_000_000
)

// runPID is the process that shows what is of no host: faults, above all.
const runPID = 0

// NewTimeline returns a timeline that is written to w.
func NewTimeline(w io.Writer) *Timeline {
	t := &Timeline{
		w: bufio.NewWriterSize(w, 64<<10), hosts: []string{"run"},
		open: map[place]lane{}, lanes: map[uint32][]bool{}, named: map[track]bool{},
		conns: map[uint64]track{}, state: map[uint32]bool{}, fault: map[string][]track{},
	}
	t.raw(`{"displayTimeUnit":"ms","traceEvents":[`)
	t.process(runPID, "run", 0)
	return t
}

// entry is one object of the format.
type entry struct {
	Phase string         `json:"ph"`
	Name  string         `json:"name,omitempty"`
	Cat   string         `json:"cat,omitempty"`
	TS    float64        `json:"ts"` // µs
	PID   uint32         `json:"pid"`
	TID   uint64         `json:"tid"`
	Scope string         `json:"s,omitempty"` // of an instant: g, p or t
	Args  map[string]any `json:"args,omitempty"`
}

// Event draws an event; it is a trace.Sink.
func (t *Timeline) Event(e trace.Event) {
	t.last = e.At
	switch e.Kind {
	case trace.Host:
		t.hosts = append(t.hosts, e.Text)
		t.process(e.Host, e.Text, e.Code*1_000_000+int(e.Host))
	case trace.State:
		t.showState(e)
	case trace.Opened:
		k := track{e.Host, firstConn + e.Conn}
		t.conns[e.Conn] = k
		t.begin(e.At, k, fmt.Sprintf("connection %d to %s", e.Conn, hostName(t.hosts, e.Peer)), "connected", "connection", nil)
	case trace.Closed:
		if k, ok := t.conns[e.Conn]; ok {
			delete(t.conns, e.Conn)
			t.end(e.At, k, map[string]any{"how": cmp.Or(e.Text, "closed")})
		}
	case trace.Dropped:
		t.instant(e, "packet lost: "+e.Text, "packet", "t", map[string]any{"bytes": e.Bytes, "to": hostName(t.hosts, e.Peer), "connection": e.Conn})
	case trace.Request:
		t.start(e, e.Text, "request")
	case trace.Serving:
		t.start(e, fmt.Sprintf("request %d of client %d", e.Serial, e.Client+1), "serving")
	case trace.Response, trace.Served:
		t.finish(e)
	case trace.SessionBegan, trace.SessionEnded, trace.Disconnected, trace.Reconnecting, trace.Published, trace.Delivered,
		trace.CacheResult, trace.FirewallVerdict, trace.Fallback:
		t.instant(e, e.Kind.String(), "event", "t", textArgs(e))
	case trace.SessionLost:
		t.instant(e, "session lost", "event", "p", textArgs(e))
	case trace.Fault:
		t.showFault(e)
	}
}

func textArgs(e trace.Event) map[string]any {
	a := map[string]any{}
	if e.Kind != trace.Published {
		a["client"] = e.Client + 1
	}
	if e.Text != "" {
		a["text"] = e.Text
	}
	if e.Serial != 0 {
		a["serial"] = e.Serial
	}
	return a
}

// showState draws how a host is while it is not well.
func (t *Timeline) showState(e trace.Event) {
	k := track{e.Host, stateTrack}
	if t.state[e.Host] {
		delete(t.state, e.Host)
		t.end(e.At, k, nil)
	}
	if c := trace.Condition(e.Code); c != trace.Up {
		t.state[e.Host] = true
		t.begin(e.At, k, "state", c.String(), "state", map[string]any{"why": e.Text})
	}
}

// showFault draws an instant for the beginning and the end of a fault, and a
// slice between them.
func (t *Timeline) showFault(e trace.Event) {
	lasting := t.fault[e.Text]
	if e.Code != 0 {
		k := track{runPID, firstLane}
		for _, taken := range t.fault {
			for _, other := range taken {
				k.tid = max(k.tid, other.tid+1)
			}
		}
		t.fault[e.Text] = append(lasting, k)
		t.write(entry{Phase: "i", Name: e.Text, Cat: "fault", TS: micros(e.At), PID: runPID, TID: eventTrack, Scope: "g"})
		t.begin(e.At, k, "lasting", e.Text, "fault", nil)
	} else if n := len(lasting); n > 0 {
		t.write(entry{Phase: "i", Name: "end of " + e.Text, Cat: "fault", TS: micros(e.At), PID: runPID, TID: eventTrack, Scope: "g"})
		t.end(e.At, lasting[n-1], nil)
		if n == 1 {
			delete(t.fault, e.Text)
		} else {
			t.fault[e.Text] = lasting[:n-1]
		}
	}
}

// start draws the beginning of a request on the host's lowest free lane.
func (t *Timeline) start(e trace.Event, name, category string) {
	at := place{e.Host, e.Client, e.Serial}
	if _, twice := t.open[at]; twice { // a balancer has asked the same server again
		return
	}
	taken := t.lanes[e.Host]
	i := slices.Index(taken, false)
	if i < 0 {
		i = len(taken)
		taken = append(taken, false)
	}
	taken[i] = true
	t.lanes[e.Host] = taken
	l := lane{track{e.Host, firstLane + uint64(i)}, i}
	t.open[at] = l
	t.begin(e.At, l.track, fmt.Sprintf("requests %d", i+1), name, category, map[string]any{"client": e.Client + 1, "serial": e.Serial})
}

func (t *Timeline) finish(e trace.Event) {
	at := place{e.Host, e.Client, e.Serial}
	l, ok := t.open[at]
	if !ok {
		return
	}
	delete(t.open, at)
	t.lanes[e.Host][l.index] = false
	args := map[string]any{"status": e.Code}
	if e.Kind == trace.Response {
		args["outcome"], args["bytes"] = e.Text, e.Bytes
	}
	t.end(e.At, l.track, args)
}

// begin and end draw a slice. The track gets its name with its first one.
func (t *Timeline) begin(at time.Duration, k track, trackName, name, category string, args map[string]any) {
	t.nameTrack(k, trackName)
	t.write(entry{Phase: "B", Name: name, Cat: category, TS: micros(at), PID: k.pid, TID: k.tid, Args: args})
}

func (t *Timeline) end(at time.Duration, k track, args map[string]any) {
	t.write(entry{Phase: "E", TS: micros(at), PID: k.pid, TID: k.tid, Args: args})
}

func (t *Timeline) instant(e trace.Event, name, category, scope string, args map[string]any) {
	k := track{e.Host, eventTrack}
	t.nameTrack(k, "events")
	t.write(entry{Phase: "i", Name: name, Cat: category, TS: micros(e.At), PID: k.pid, TID: k.tid, Scope: scope, Args: args})
}

func (t *Timeline) process(pid uint32, name string, order int) {
	t.write(entry{Phase: "M", Name: "process_name", PID: pid, Args: map[string]any{"name": name}})
	t.write(entry{Phase: "M", Name: "process_sort_index", PID: pid, Args: map[string]any{"sort_index": order}})
}

func (t *Timeline) nameTrack(k track, name string) {
	if t.named[k] {
		return
	}
	if k.tid < firstConn { // a connection is named once anyway
		t.named[k] = true
	}
	t.write(entry{Phase: "M", Name: "thread_name", PID: k.pid, TID: k.tid, Args: map[string]any{"name": name}})
	t.write(entry{Phase: "M", Name: "thread_sort_index", PID: k.pid, TID: k.tid, Args: map[string]any{"sort_index": k.tid}})
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func (t *Timeline) write(e entry) {
	text, err := json.Marshal(e)
	if err != nil && t.err == nil {
		t.err = err
	}
	if t.begun {
		t.raw(",")
	}
	t.begun = true
	t.raw("\n")
	t.raw(string(text))
}

func (t *Timeline) raw(text string) {
	if t.err == nil {
		_, t.err = t.w.WriteString(text)
	}
}

// Close ends what is still under way, and the file, and returns the first error
// there was. It does not close the writer.
func (t *Timeline) Close() error {
	var left []track
	for _, k := range t.conns {
		left = append(left, k)
	}
	for _, l := range t.open {
		left = append(left, l.track)
	}
	for _, ks := range t.fault {
		left = append(left, ks...)
	}
	for host := range maps.Keys(t.state) {
		left = append(left, track{host, stateTrack})
	}
	slices.SortFunc(left, func(a, b track) int {
		return cmp.Or(cmp.Compare(a.pid, b.pid), cmp.Compare(a.tid, b.tid))
	})
	for _, k := range left {
		t.end(t.last, k, nil)
	}
	t.raw("\n]}\n")
	if t.err == nil {
		t.err = t.w.Flush()
	}
	return t.err
}
