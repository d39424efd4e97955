package stage

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"protosim/model/trace"
)

// Builder makes a Reel of a trace's events, which come in the order of time.
type Builder struct {
	reel    Reel
	place   map[uint32]int32
	roles   map[trace.Role]int
	links   map[Link]int32
	strings map[string]int32
	number  map[uint32]int32 // places of the clients' hosts by their numbers
}

// NewBuilder returns a builder of the reel of a strategy's run.
func NewBuilder(strategy string) *Builder {
	return &Builder{
		reel:    Reel{Strategy: strategy, Known: Never, strings: []string{""}},
		place:   map[uint32]int32{},
		roles:   map[trace.Role]int{},
		links:   map[Link]int32{},
		strings: map[string]int32{"": 0},
		number:  map[uint32]int32{},
	}
}

// Read makes a reel of an encoded trace.
func Read(strategy string, from io.Reader) (*Reel, error) {
	b := NewBuilder(strategy)
	if err := b.read(from); err != nil {
		return nil, err
	}
	return b.Reel(), nil
}

// ReadPart makes a reel of as much of a trace as there is yet, while the run still
// goes on. More may be to come of the time of its last event.
func ReadPart(strategy string, from io.Reader) (*Reel, error) {
	b := NewBuilder(strategy)
	err := b.read(from)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	r := b.Reel()
	if err != nil {
		r.Known = max(0, r.End-1)
	}
	return r, nil
}

func (b *Builder) read(from io.Reader) error {
	d := trace.NewDecoder(from)
	for {
		e, err := d.Decode()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		b.Add(e)
	}
}

// Add adds an event.
func (b *Builder) Add(e trace.Event) {
	r := &b.reel
	r.End = max(r.End, e.At)
	switch e.Kind {
	case trace.Host:
		if _, known := b.place[e.Host]; known {
			return
		}
		role := trace.Role(e.Code)
		b.place[e.Host] = int32(len(r.Hosts))
		r.Hosts = append(r.Hosts, Host{ID: e.Host, Name: e.Text, Role: role, Number: b.roles[role]})
		b.roles[role]++
		return
	case trace.Flight, trace.Dropped:
		from, to := b.placeOf(e.Host), b.placeOf(e.Peer)
		if from < 0 || to < 0 {
			return
		}
		f := Flight{At: e.At, Until: e.Until, From: from, To: to, Bytes: int32(e.Bytes), Leg: trace.Leg(e.Code)}
		if e.Kind == trace.Dropped {
			f.Dropped, f.Until, f.Leg = true, e.At, trace.WholeWay
		}
		r.Flights = append(r.Flights, f)
		return
	}
	c := record{
		at: e.At, kind: e.Kind, host: b.placeOf(e.Host), other: int32(e.Client), serial: e.Serial,
		bytes: int32(e.Bytes), code: int32(e.Code), text: b.intern(e.Text),
	}
	switch e.Kind {
	case trace.Opened, trace.Closed:
		to := b.placeOf(e.Peer)
		if c.host < 0 || to < 0 {
			return
		}
		c.other = b.link(Link{c.host, to})
	case trace.Request, trace.Delivered, trace.Disconnected, trace.Reconnecting, trace.Fallback:
		if c.host >= 0 && r.Hosts[c.host].Role == trace.Client {
			b.number[e.Client] = c.host
		}
	}
	r.records = append(r.records, c)
}

func (b *Builder) placeOf(id uint32) int32 {
	if p, ok := b.place[id]; ok {
		return p
	}
	return -1
}

func (b *Builder) link(l Link) int32 {
	i, ok := b.links[l]
	if !ok {
		i = int32(len(b.reel.Links))
		b.links[l] = i
		b.reel.Links = append(b.reel.Links, l)
	}
	return i
}

func (b *Builder) intern(s string) int32 {
	i, ok := b.strings[s]
	if !ok {
		i = int32(len(b.reel.strings))
		b.strings[s] = i
		b.reel.strings = append(b.reel.strings, s)
	}
	return i
}

// Reel returns the reel of what was added; the builder is used up.
func (b *Builder) Reel() *Reel {
	r := &b.reel
	r.ordinal = make([]int32, len(r.Hosts))
	for i, h := range r.Hosts {
		r.ordinal[i] = -1
		if h.Role == trace.Client {
			r.ordinal[i] = int32(len(r.clients))
			r.clients = append(r.clients, int32(i))
		}
	}
	r.firstStop = make([]int32, len(r.clients))
	for i := range r.firstStop {
		r.firstStop[i] = -1
	}
	b.resolve()
	b.findRoutes()
	r.film(b.seats())
	r.measureFlights()
	return r
}

// clientOf is the place of the host of the client with a number.
func (b *Builder) clientOf(number int32) int32 {
	if p, ok := b.number[uint32(number)]; ok {
		return p
	}
	if int(number) < len(b.reel.clients) && number >= 0 {
		return b.reel.clients[number]
	}
	return -1
}

// resolve gives the records what they refer to: clients their places, requests
// their beginnings and ends.
func (b *Builder) resolve() {
	r := &b.reel
	open := map[[2]uint32]int32{}       // requests by client and serial
	last := make([]int32, len(r.Hosts)) // the server that served a client last, plus one
	first := map[int32]int32{}          // where a client connected to, most recently
	direct := map[Link]bool{}
	began := make([]bool, len(r.Hosts)) // was up before
	for i := range r.records {
		c := &r.records[i]
		switch c.kind {
		case trace.Opened:
			l := r.Links[c.other]
			if r.Hosts[l.From].Role == trace.Client {
				if _, known := first[l.From]; !known {
					r.firstStop[r.ordinal[l.From]] = l.To
				} else if !direct[l] {
					r.roaming = true
				}
				first[l.From], direct[l] = l.To, true
			}
		case trace.Request:
			key := [2]uint32{uint32(c.other), c.serial}
			client := b.clientOf(c.other)
			c.other = -1
			if client < 0 {
				continue
			}
			c.other = int32(len(r.Requests))
			open[key] = c.other
			r.Requests = append(r.Requests, Request{Start: c.at, Served: Never, End: Never, Turned: Never, Client: client, Turn: -1, First: -1})
		case trace.Serving, trace.CacheResult:
			i, ok := open[[2]uint32{uint32(c.other), c.serial}]
			c.other = b.clientOf(c.other)
			if c.kind == trace.CacheResult {
				c.flag = resultOf(r.strings[c.text])
			}
			if !ok || c.host < 0 {
				continue
			}
			q := &r.Requests[i]
			// A cache may tell of a miss before or after it has asked a server.
			if c.kind == trace.Serving || c.flag == hit || !q.HasTurned {
				q.Turn, q.HasTurned, q.Turned, q.Served = c.host, true, c.at, Never
			}
			if c.kind == trace.Serving {
				last[q.Client] = c.host + 1
			}
		case trace.Served:
			if i, ok := open[[2]uint32{uint32(c.other), c.serial}]; ok && r.Requests[i].Turn == c.host {
				r.Requests[i].Served = c.at
			}
			c.other = b.clientOf(c.other)
		case trace.Response:
			key := [2]uint32{uint32(c.other), c.serial}
			i, ok := open[key]
			c.other = -1
			if !ok {
				continue
			}
			c.other = i
			delete(open, key)
			q := &r.Requests[i]
			q.End, q.Outcome = c.at, outcomeOf(r.strings[c.text])
			q.Served = min(q.Served, q.End)
			c.flag = uint8(q.Outcome)
			r.ended = append(r.ended, i)
			if to := q.Turn; direct[Link{q.Client, to}] {
				q.First = to
			} else if f, ok := first[q.Client]; ok {
				q.First = f
			}
		case trace.SessionBegan, trace.SessionEnded, trace.SessionLost:
			r.HasSessions = true
			c.other = b.clientOf(c.other)
		case trace.Delivered:
			r.HasPushes = true
			c.other = b.clientOf(c.other)
			c.code = -1
			if c.other >= 0 {
				c.code = last[c.other] - 1
				r.Pushes = append(r.Pushes, Delivery{At: c.at, Client: c.other, From: c.code})
			}
		case trace.FirewallVerdict:
			c.other = b.clientOf(c.other)
		case trace.Disconnected, trace.Reconnecting, trace.Fallback:
			c.other = c.host
			r.hasAbsences = r.hasAbsences || c.kind == trace.Disconnected
		case trace.State:
			if c.host < 0 {
				continue
			}
			condition := trace.Condition(c.code)
			// How a host begins is no news.
			if why := r.strings[c.text]; why != "" {
				news := conditionNews(condition, why)
				if condition == trace.Up && !began[c.host] {
					news = "added"
				}
				r.Marks = append(r.Marks, Mark{At: c.at, Host: c.host, Text: r.Hosts[c.host].Name + " " + news})
			}
			began[c.host] = began[c.host] || condition == trace.Up
		case trace.Fault:
			if c.code != 0 {
				r.Marks = append(r.Marks, Mark{At: c.at, Host: c.host, Text: r.strings[c.text], Fault: true})
			}
		}
	}
	r.Marks = merged(r.Marks)
	for _, i := range open {
		q := &r.Requests[i]
		if to := q.Turn; direct[Link{q.Client, to}] {
			q.First = to
		} else if f, ok := first[q.Client]; ok {
			q.First = f
		}
	}
}

// merged leaves out faults that a host's own change at the same time tells better.
func merged(marks []Mark) []Mark {
	kept := marks[:0:0]
	for _, m := range marks {
		if m.Fault && slices.ContainsFunc(marks, func(o Mark) bool { return !o.Fault && o.Host == m.Host && o.Host >= 0 && o.At == m.At }) {
			continue
		}
		kept = append(kept, m)
	}
	for i := range kept {
		for _, m := range marks {
			if m.Fault && m.Host == kept[i].Host && m.At == kept[i].At {
				kept[i].Fault = true
			}
		}
	}
	return kept
}

func outcomeOf(text string) Outcome {
	switch text {
	case "ok":
		return OK
	case "failed":
		return Failed
	}
	return Abandoned
}

// What a cache's answer counts as.
const (
	neither = iota
	hit
	miss
)

func resultOf(text string) uint8 {
	switch text {
	case "hit", "stale", "revalidated":
		return hit
	case "miss":
		return miss
	}
	return neither
}

func conditionWord(c trace.Condition) string {
	switch c {
	case trace.Up:
		return "up"
	case trace.Down:
		return "down"
	case trace.Draining:
		return "draining"
	case trace.Vanished:
		return "silent"
	case trace.Slow:
		return "slow"
	case trace.Failing:
		return "failing"
	}
	return ""
}

func conditionNews(c trace.Condition, why string) string {
	switch c {
	case trace.Up:
		if strings.HasPrefix(why, "no longer") {
			return why
		}
		return "up again"
	case trace.Down:
		return downWord(why)
	}
	return conditionWord(c)
}

// seats orders the clients by the server that first held their session, so that
// those whom its crash concerns stand together, and in the order of servers; and
// those by the host that they connect to.
func (b *Builder) seats() []int32 {
	r := &b.reel
	pin := make([]int32, len(r.Hosts))
	for i := range r.records {
		c := &r.records[i]
		if c.kind == trace.SessionBegan && c.other >= 0 && c.host >= 0 && pin[c.other] == 0 {
			pin[c.other] = c.host + 1
		}
	}
	seats := slices.Clone(r.clients)
	slices.SortStableFunc(seats, func(a, b int32) int {
		return cmp.Or(cmp.Compare(pin[a], pin[b]), cmp.Compare(r.firstStop[r.ordinal[a]], r.firstStop[r.ordinal[b]]))
	})
	return seats
}

// findRoutes finds the shortest way between any two hosts that are no clients,
// over the links on which connections were ever opened.
func (b *Builder) findRoutes() {
	r := &b.reel
	const most = 200 // hosts; with more, dots fly straight
	r.routes = map[[2]int32][]int32{}
	next := map[int32][]int32{}
	var stops []int32
	for i, h := range r.Hosts {
		if h.Role != trace.Client {
			stops = append(stops, int32(i))
		}
	}
	for _, l := range r.Links {
		if r.Hosts[l.From].Role != trace.Client {
			next[l.From] = append(next[l.From], l.To)
		}
	}
	for _, s := range stops {
		r.routes[[2]int32{s, s}] = []int32{s}
		if len(stops) > most {
			continue
		}
		queue := []int32{s}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			way := r.routes[[2]int32{s, at}]
			for _, to := range next[at] {
				if _, seen := r.routes[[2]int32{s, to}]; !seen {
					r.routes[[2]int32{s, to}] = append(slices.Clone(way), to)
					queue = append(queue, to)
				}
			}
		}
	}
}

// measureFlights finds how long packets fly.
func (r *Reel) measureFlights() {
	var times []time.Duration
	stride := max(1, len(r.Flights)/10_000)
	for i := range r.Flights {
		d := r.Flights[i].Until - r.Flights[i].At
		r.longest = max(r.longest, d)
		if i%stride == 0 && d > 0 {
			times = append(times, d)
		}
	}
	r.longest = min(r.longest, 2*time.Second)
	if len(times) > 0 {
		slices.Sort(times)
		r.typical = times[len(times)/2]
	}
}
