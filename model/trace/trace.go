// Package trace is the record of what happened in a run, one event after
// another: what the browser's stage plays and other tools read. It is made while
// the run goes, costs nothing when nobody asks for it, and is as deterministic
// as the run: the same scenario and seed give the same events in the same order.
package trace

import "time"

// Event is one thing that happened. Which fields mean something depends on its
// kind; the others are zero.
type Event struct {
	At   time.Duration `json:"at"`             // virtual time
	Kind Kind          `json:"kind"`           // what happened
	Host uint32        `json:"host,omitempty"` // where: identity of a host of this run, from 1
	Peer uint32        `json:"peer,omitempty"` // the other host of a connection or segment
	// Conn is the number of the connection in this run, from 1, the same at both of its ends.
	Conn   uint64        `json:"conn,omitempty"`
	Client uint32        `json:"client,omitempty"` // number of the client, from 0, whose request or session it is
	Serial uint32        `json:"serial,omitempty"` // of the request among its client's, or of a published event
	Bytes  int           `json:"bytes,omitempty"`
	Code   int           `json:"code,omitempty"`  // HTTP status, close code, or count
	Until  time.Duration `json:"until,omitempty"` // of a flight: when it arrives
	Text   string        `json:"text,omitempty"`  // name, path, reason, outcome
}

// Kind says what happened.
type Kind uint8

// The kinds. What is in brackets says which fields beside At mean something.
const (
	// Topology: before all else, in the order the hosts were made.
	Host Kind = iota + 1 // a host exists [Host; Text: its name; Code: its Role]

	// Hosts.
	State // a host's state changes [Host; Code: its Condition; Text: why]

	// The network.
	Opened  // a connection is established, at the end that dialled [Host, Peer, Conn]
	Closed  // it is gone, at the same end [Host, Peer, Conn; Text: "", "reset" or "timeout"]
	Flight  // a packet with data leaves Host for Peer and arrives at Until [Host, Peer, Conn, Bytes of payload; Code: its Leg]
	Dropped // a packet on its way from Host to Peer is lost [Host, Peer, Conn, Bytes of payload; Text: loss, queue, fault or vanished]

	// Requests, as the client sees them.
	Request  // a client sends a request [Host, Client, Serial; Bytes of body; Text: method and path]
	Response // it ended [Host, Client, Serial; Bytes of body; Code: status, 0 for none; Text: ok, failed or abandoned]
	Serving  // a server begins to work on a request [Host, Client, Serial]
	Served   // it has answered [Host, Client, Serial; Code: status]

	// Sessions.
	SessionBegan // [Host: where its state is, 0 for with the client or in a store that is no host; Client; Text: its name]
	SessionEnded // the client left by itself [Client; Text: its name]
	SessionLost  // [Client; Text: why]
	Disconnected // a client lost its connection [Host: the client's]
	Reconnecting // a client tries to come back [Host: the client's]

	// Push.
	Published // an event is published [Serial; Bytes]
	Delivered // a client has received it [Host: the client's; Client; Serial; Bytes]

	// What stands between.
	CacheResult     // a cache answers [Host; Client, Serial; Text: hit, miss, stale, revalidated, bypass]
	FirewallVerdict // a firewall interferes [Host: the firewall's; Client; Text: what it did]
	Fallback        // a client gives up one transport for the next [Host: the client's; Client; Text: "websocket to sse"]

	// Faults.
	Fault // a fault of the scenario begins or ends [Host: whom it concerns, 0 for none alone; Code: 1 begins, 0 ends; Text: what]
)

// Leg is which part of a packet's way a Flight is: there is a Flight of its own
// for each of the two links on the way that takes time, and one for the whole
// way if neither or only one of them does.
type Leg int

// The legs.
const (
	WholeWay Leg = iota
	ToCore       // from Host to the middle of the network
	FromCore     // from there to Peer
)

// Role is what a host is.
type Role int

// The roles.
const (
	Client Role = iota + 1
	Firewall
	Cache
	Balancer
	Server
	Store
	Shield // a cache that caches ask, between them and the servers
)

// Condition is how a host is.
type Condition int

// The conditions.
const (
	Up       Condition = iota + 1
	Down               // no process runs; what arrives is refused
	Draining           // it finishes what it has and takes nothing new
	Vanished           // silent: what arrives is lost
	Slow
	Failing // it answers with errors
)

// Sink receives the events of a run in the order of time, those of one instant
// in an order of their own that does not depend on scheduling. It is called by
// one goroutine at a time and must not wait for the run.
type Sink func(Event)
