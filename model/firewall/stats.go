package firewall

import "net"

// Reason is why a firewall has refused a connection or a request, or cut one off.
type Reason string

const (
	ByPort      Reason = "port"        // blocked
	Unknown     Reason = "unknown"     // not HTTP/1.1, and RefuseUnknown
	BadRequest  Reason = "bad request" // 400 or 431
	Forbidden   Reason = "upgrade"     // 403 to an Upgrade
	Killed      Reason = "killed"      // at the first bytes after an Upgrade
	ConnectPort Reason = "connect"     // 403 to a CONNECT
	Handshake   Reason = "handshake"   // TLS with the client failed: it trusts others, or insists on HTTP/2
	Unreachable Reason = "unreachable" // the server could not be connected to
	Broken      Reason = "broken"      // the server's response was none, or broke off
	Idle        Reason = "idle"        // IdleTimeout
	TooMuch     Reason = "bytes"       // MaxBytes
	TooLong     Reason = "time"        // MaxDuration
)

// Reasons are all there are.
var Reasons = []Reason{ByPort, Unknown, BadRequest, Forbidden, Killed, ConnectPort, Handshake, Unreachable, Broken, Idle, TooMuch, TooLong}

// Stats counts what a firewall has done.
type Stats struct {
	Connections int            // of clients, in all
	Open        int            // now
	Passed      int            // that reached a server
	Requests    int            // read by a proxy
	Refused     map[Reason]int // connections and requests; Reasons is their order

	UpgradesForwarded int // answered by the server with 101
	UpgradesStripped  int
	UpgradesForbidden int
	UpgradesKilled    int

	FromClients, ToClients int64 // bytes
}

// Stats returns the counts so far.
func (f *Firewall) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.Open = len(f.passages)
	s.Refused = map[Reason]int{}
	for reason, n := range f.stats.Refused {
		s.Refused[reason] = n
	}
	return s
}

// count changes the counts.
func (f *Firewall) count(change func(*Stats)) {
	f.mu.Lock()
	change(&f.stats)
	f.mu.Unlock()
}

// refused counts a refusal.
func (p *passage) refused(r Reason) {
	p.f.count(func(s *Stats) { s.Refused[r]++ })
	p.f.tell(p.client.RemoteAddr(), string(r))
}

// tell tells who watches what happens to a client.
func (f *Firewall) tell(client net.Addr, what string) {
	if f.cfg.Watch != nil {
		f.cfg.Watch(client, what)
	}
}
