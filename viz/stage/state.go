package stage

import (
	"slices"
	"time"

	"protosim/model/trace"
)

// State is how everything is at one moment of a reel.
type State struct {
	Reel    *Reel
	Now     time.Duration
	Hosts   []HostState   // by place
	Clients []ClientState // by ordinal
	Links   []int32       // open connections, by link
	Open    []int32       // requests under way
	Total   Totals

	next     int     // record
	position []int32 // of a request in Open, where it is there
}

// HostState is how a host is that is no client.
type HostState struct {
	Condition    trace.Condition
	Since        time.Duration // when the condition began
	Load         int32         // requests in service
	Connections  int32         // open, at either end
	Sessions     int32         // held in its memory
	Lost         int32         // lost with it since it was last up
	Served       int32
	Pushed       int32 // events that its clients received
	Hits, Misses int32
	Refusals     int32
	Last         time.Duration // of the last hit, miss or refusal
	why          int32         // it is in its condition, among the reel's strings
}

// Presence is how a client is connected.
type Presence uint8

// The presences.
const (
	Absent Presence = iota // not seen yet
	Connected
	Idle         // no connection, and none missed
	Disconnected // thrown off
	Reconnecting
)

// Where a session's state is, if it is at no host.
const (
	NoSession int32 = -1
	Carried   int32 = -2 // with the client
)

// ClientState is how a client is.
type ClientState struct {
	Session     int32 // place of the host that holds it, NoSession or Carried
	Connections int16
	Requests    int16 // under way
	Presence    Presence
	Lost        bool          // its session is lost and none has begun since
	Changed     time.Duration // when it last lost a session or its service
	Failed      int32
	Losses      int16 // of sessions, ever
}

// Totals count since the beginning, but for those that say how many there are.
type Totals struct {
	Connected   int32 // clients with a connection that are not without service, now
	Away        int32 // clients without service, now
	Connections int32 // now
	Sessions    int32 // now
	Lost        int32 // sessions
	Requests    int32
	OK          int32
	Failed      int32
	Abandoned   int32
	Disconnects int32
	Reconnects  int32
	Hits        int32
	Misses      int32
	Refusals    int32
	Published   int32
	Delivered   int32
	Fallbacks   int32
}

// keyframe is a state kept to start from.
type keyframe struct {
	next    int
	at      time.Duration
	hosts   []HostState
	clients []ClientState
	links   []int32
	open    []int32
	total   Totals
}

// NewState returns the state at the beginning.
func (r *Reel) NewState() *State {
	s := &State{
		Reel:     r,
		Hosts:    make([]HostState, len(r.Hosts)),
		Clients:  make([]ClientState, len(r.clients)),
		Links:    make([]int32, len(r.Links)),
		position: make([]int32, len(r.Requests)),
	}
	s.rewind()
	return s
}

func (s *State) rewind() {
	clear(s.Links)
	for i := range s.Hosts {
		s.Hosts[i] = HostState{Condition: trace.Up}
	}
	for i := range s.Clients {
		s.Clients[i] = ClientState{Session: NoSession}
	}
	s.Open, s.Total, s.next, s.Now = s.Open[:0], Totals{}, 0, 0
}

// keyframeEvery is how many events are at least between two keyframes: playing them
// takes a few milliseconds in a browser.
var keyframeEvery = 1 << 15

// film plays the reel once and keeps a keyframe now and then.
func (r *Reel) film(seats []int32) {
	r.seats = seats
	interval := max(keyframeEvery, 4*len(r.Hosts)) // records
	s := r.NewState()
	for s.next < len(r.records) {
		if s.next > 0 && s.next%interval == 0 {
			r.keyframes = append(r.keyframes, keyframe{
				s.next, r.records[s.next-1].at, slices.Clone(s.Hosts), slices.Clone(s.Clients),
				slices.Clone(s.Links), slices.Clone(s.Open), s.Total,
			})
		}
		c := &r.records[s.next]
		s.apply(c)
		s.next++
		if c.host >= 0 {
			h := &s.Hosts[c.host]
			if r.Hosts[c.host].Role == trace.Server {
				r.MostSessions, r.MostLoad = max(r.MostSessions, int(h.Sessions)), max(r.MostLoad, int(h.Load))
			}
		}
	}
}

// Seek moves to a time, forwards or backwards.
func (s *State) Seek(t time.Duration) {
	t = max(t, 0)
	r := s.Reel
	// The last keyframe whose records are all due; it may be of use although its
	// time is t, for records of the same time may follow.
	k, _ := slices.BinarySearchFunc(r.keyframes, t, func(k keyframe, t time.Duration) int {
		if k.at <= t {
			return -1
		}
		return 1
	})
	switch {
	case k > 0 && (t < s.Now || r.keyframes[k-1].next > s.next):
		s.restore(&r.keyframes[k-1])
	case t < s.Now:
		s.rewind()
	}
	for s.next < len(r.records) && r.records[s.next].at <= t {
		s.apply(&r.records[s.next])
		s.next++
	}
	s.Now = t
}

func (s *State) restore(k *keyframe) {
	copy(s.Hosts, k.hosts)
	copy(s.Clients, k.clients)
	copy(s.Links, k.links)
	s.Open = append(s.Open[:0], k.open...)
	for i, q := range s.Open {
		s.position[q] = int32(i)
	}
	s.Total, s.next = k.total, k.next
}

// client returns the state of the client whose host is at a place, or nil.
func (s *State) client(place int32) *ClientState {
	if place < 0 {
		return nil
	}
	if o := s.Reel.ordinal[place]; o >= 0 {
		return &s.Clients[o]
	}
	return nil
}

// apply lets one event happen.
func (s *State) apply(c *record) {
	switch c.kind {
	case trace.State:
		if c.host >= 0 {
			h := &s.Hosts[c.host]
			if h.Condition != trace.Condition(c.code) {
				h.Condition, h.Since, h.why = trace.Condition(c.code), c.at, c.text
				switch h.Condition {
				case trace.Up:
					h.Lost = 0
				case trace.Down:
					h.Load = 0
				}
			}
		}
	case trace.Opened:
		s.connect(c, 1)
	case trace.Closed:
		if s.Links[c.other] > 0 {
			s.connect(c, -1)
		}
	case trace.Request:
		if c.other >= 0 {
			s.position[c.other] = int32(len(s.Open))
			s.Open = append(s.Open, c.other)
			s.Total.Requests++
			if client := s.client(s.Reel.Requests[c.other].Client); client != nil {
				client.Requests++
				if client.Presence == Absent {
					client.Presence = Idle
				}
			}
		}
	case trace.Response:
		if c.other >= 0 {
			s.respond(c)
		}
	case trace.Serving:
		if c.host >= 0 {
			s.Hosts[c.host].Load++
		}
		s.settle(s.client(c.other))
	case trace.Served:
		if c.host >= 0 {
			h := &s.Hosts[c.host]
			h.Served++
			h.Load = max(h.Load-1, 0)
		}
	case trace.SessionBegan:
		if client := s.client(c.other); client != nil {
			s.leave(client)
			client.Session, client.Lost = Carried, false
			if c.host >= 0 {
				client.Session = c.host
				s.Hosts[c.host].Sessions++
			}
			s.Total.Sessions++
			s.settle(client)
		}
	case trace.SessionEnded:
		if client := s.client(c.other); client != nil {
			s.leave(client)
		}
	case trace.SessionLost:
		s.Total.Lost++
		if client := s.client(c.other); client != nil {
			if client.Session >= 0 {
				s.Hosts[client.Session].Lost++
			}
			s.leave(client)
			client.Lost, client.Changed = true, c.at
			client.Losses++
		}
	case trace.Disconnected:
		s.Total.Disconnects++
		s.away(c, Disconnected)
	case trace.Reconnecting:
		s.Total.Reconnects++
		s.away(c, Reconnecting)
	case trace.Published:
		s.Total.Published++
	case trace.Delivered:
		s.Total.Delivered++
		if c.code >= 0 {
			s.Hosts[c.code].Pushed++
		}
		s.settle(s.client(c.other))
	case trace.CacheResult:
		if c.host >= 0 {
			h := &s.Hosts[c.host]
			h.Last = c.at
			switch c.flag {
			case hit:
				h.Hits++
				s.Total.Hits++
			case miss:
				h.Misses++
				s.Total.Misses++
			}
		}
	case trace.FirewallVerdict:
		s.Total.Refusals++
		if c.host >= 0 {
			s.Hosts[c.host].Refusals++
			s.Hosts[c.host].Last = c.at
		}
	case trace.Fallback:
		s.Total.Fallbacks++
	}
}

// connect counts a connection in or out.
func (s *State) connect(c *record, by int32) {
	l := s.Reel.Links[c.other]
	s.Links[c.other] += by
	s.Hosts[l.From].Connections += by
	s.Hosts[l.To].Connections += by
	s.Total.Connections += by
	client := s.client(l.From)
	if client == nil {
		return
	}
	s.count(client, -1)
	client.Connections += int16(by)
	switch {
	case client.Presence >= Disconnected:
		// A connection alone is no service: what it reaches may be a firewall.
	case client.Connections > 0:
		client.Presence = Connected
	default:
		client.Presence = Idle
	}
	s.count(client, 1)
}

// count counts a client in or out of those who are connected, and of those who are
// away.
func (s *State) count(client *ClientState, by int32) {
	switch {
	case client.Presence >= Disconnected:
		s.Total.Away += by
	case client.Connections > 0:
		s.Total.Connected += by
	}
}

// settle ends a client's absence: a server works for it.
func (s *State) settle(client *ClientState) {
	if client == nil || client.Presence < Disconnected || client.Connections == 0 {
		return
	}
	s.count(client, -1)
	client.Presence = Connected
	s.count(client, 1)
}

// away lets a client be without service.
func (s *State) away(c *record, as Presence) {
	client := s.client(c.other)
	if client == nil {
		return
	}
	s.count(client, -1)
	client.Presence, client.Changed = as, c.at
	s.count(client, 1)
}

// leave takes a client's session from where it is.
func (s *State) leave(client *ClientState) {
	if client.Session == NoSession {
		return
	}
	if client.Session >= 0 {
		s.Hosts[client.Session].Sessions--
	}
	client.Session = NoSession
	s.Total.Sessions--
}

// respond ends a request.
func (s *State) respond(c *record) {
	at, last := s.position[c.other], len(s.Open)-1
	s.Open[at] = s.Open[last]
	s.position[s.Open[at]] = at
	s.Open = s.Open[:last]
	client := s.client(s.Reel.Requests[c.other].Client)
	if client != nil {
		client.Requests--
	}
	switch Outcome(c.flag) {
	case OK:
		s.Total.OK++
		s.settle(client)
	case Failed:
		s.Total.Failed++
		if client != nil {
			client.Failed++
		}
	default:
		s.Total.Abandoned++
	}
}
