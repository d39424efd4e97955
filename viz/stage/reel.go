package stage

import (
	"math"
	"slices"
	"sort"
	"time"

	"protosim/model/trace"
)

// Reel is the trace of one run, kept so that any moment of it is found fast: what
// changes the state in the order of time, with keyframes in between, and what
// travels (requests, packets, pushes) by its times. It does not change once built.
type Reel struct {
	Strategy string
	Hosts    []Host // in the order of the trace; everything else refers to their places here
	Links    []Link // who ever connected to whom
	Requests []Request
	Flights  []Flight   // by departure
	Pushes   []Delivery // by arrival
	Marks    []Mark     // faults and changes of hosts' conditions
	End      time.Duration
	// Known is the time until which the trace tells all, Never if it is of a whole run.
	Known time.Duration

	// Memory is what a client's connection takes of a server's memory, in bytes, 0
	// if unknown: it is measured elsewhere (package memory), not of this run.
	Memory int

	// MostSessions and MostLoad are the largest numbers that any one server had.
	MostSessions, MostLoad int
	// HasSessions and HasPushes say that the run had any.
	HasSessions, HasPushes bool

	clients   []int32 // places of hosts that are clients
	ordinal   []int32 // of each host among the clients, -1 for the others
	seats     []int32 // clients in the order in which a lane shows them
	records   []record
	strings   []string
	keyframes []keyframe
	ended     []int32 // requests by their ends
	longest   time.Duration
	typical   time.Duration
	routes    map[[2]int32][]int32
	firstStop []int32 // where each client connected to first, by ordinal, -1 for nowhere

	roaming     bool // clients connect to several hosts
	hasAbsences bool // clients were thrown off
}

// Host is a machine of the run.
type Host struct {
	ID   uint32
	Name string
	Role trace.Role
	// Number counts the hosts of one role, from 0.
	Number int
}

// Link is a pair of hosts of which the first opened connections to the second.
type Link struct{ From, To int32 }

// Outcome is how a request ended.
type Outcome uint8

// The outcomes.
const (
	Pending Outcome = iota
	OK
	Failed
	Abandoned
)

// Never is the time of what does not happen within the run.
const Never = time.Duration(math.MaxInt64)

// Request is one request on its way. Times that never came are Never.
type Request struct {
	Start, Served, End time.Duration
	Client             int32 // place of the client's host
	Turn               int32 // place of the host that answered, -1 if none did
	First              int32 // place of the host that the client is connected to, -1 if unknown
	Outcome            Outcome
	HasTurned          bool // the host at Turn began to work on it at Turned
	Turned             time.Duration
}

// Flight is a packet on its way over one leg.
type Flight struct {
	At, Until time.Duration
	From, To  int32
	Bytes     int32
	Leg       trace.Leg
	Dropped   bool
}

// Delivery is a pushed event that reached a client.
type Delivery struct {
	At     time.Duration
	Client int32
	From   int32 // the server that held the client, -1 if unknown
}

// Mark is a moment worth a jump.
type Mark struct {
	At   time.Duration
	Host int32 // -1 for none alone
	Text string
	// Fault marks are of the scenario; the others are hosts' own changes.
	Fault bool
}

// record is an event that changes the state, in a compact form.
type record struct {
	at     time.Duration
	host   int32 // place, -1 for none
	other  int32 // link, request or client's place, by the kind
	serial uint32
	bytes  int32
	text   int32
	code   int32 // the event's; of a delivery the place of the server, -1 if unknown
	kind   trace.Kind
	flag   uint8
}

// Client returns the place of the host that is the client with this ordinal.
func (r *Reel) Client(ordinal int) int32 { return r.clients[ordinal] }

// Clients is the number of clients.
func (r *Reel) Clients() int { return len(r.clients) }

// Place returns the place of the host of that name, or -1.
func (r *Reel) Place(name string) int32 {
	return int32(slices.IndexFunc(r.Hosts, func(h Host) bool { return h.Name == name }))
}

// Typical is the median time of a packet's flight.
func (r *Reel) Typical() time.Duration { return r.typical }

// after is the number of the first record later than t.
func (r *Reel) after(t time.Duration) int {
	return sort.Search(len(r.records), func(i int) bool { return r.records[i].at > t })
}

// Step returns the time of the next event after t, or of the last one before it
// if direction is negative; t itself if there is none.
func (r *Reel) Step(t time.Duration, direction int) time.Duration {
	if direction >= 0 {
		if i := r.after(t); i < len(r.records) {
			return r.records[i].at
		}
		return t
	}
	i := sort.Search(len(r.records), func(i int) bool { return r.records[i].at >= t })
	if i > 0 {
		return r.records[i-1].at
	}
	return t
}

// flightsAt calls visit for the packets under way at t.
func (r *Reel) flightsAt(t time.Duration, visit func(*Flight)) {
	from := sort.Search(len(r.Flights), func(i int) bool { return r.Flights[i].At > t-r.longest })
	for i := from; i < len(r.Flights) && r.Flights[i].At <= t; i++ {
		if r.Flights[i].Until > t {
			visit(&r.Flights[i])
		}
	}
}

// route is the way from a client's first stop to a host, both included.
func (r *Reel) route(first, to int32) []int32 { return r.routes[[2]int32{first, to}] }

// firstOf is the place of the first host of a role, -1 if there is none.
func (r *Reel) firstOf(role trace.Role) int32 {
	return int32(slices.IndexFunc(r.Hosts, func(h Host) bool { return h.Role == role }))
}
