package scenarios

import (
	"fmt"
	"slices"
)

// Firewall is a kind of middlebox between some of the clients and everything
// else. Of 100 clients exactly as many are behind it as its share says; which
// ones is drawn from the seed. Those behind none reach the servers directly.
type Firewall struct {
	// Kind says what it does with connections:
	// pass: carries them as they are, within its limits.
	// block: refuses them by port.
	// no-upgrade: a transparent HTTP/1.1 proxy on port 80 that knows no
	// Upgrade and drops it with the other headers of its connection (RFC 9110
	// section 7.6.1).
	// forbid-upgrade: such a proxy that answers an Upgrade with 403.
	// kill-upgrade: such a proxy that cuts off what speaks after an Upgrade.
	// intercept: ends TLS with a certificate of its own, which its users
	// trust, and speaks HTTP/1.1 inside.
	// explicit: the proxy that clients are told to use, with CONNECT for TLS
	// and for sockets.
	Kind string `json:"kind" jsonschema:"required" enum:"pass,block,no-upgrade,forbid-upgrade,kill-upgrade,intercept,explicit"`
	// Share of the clients that are behind it. Range 0 to 1.
	Share Ratio `json:"share" jsonschema:"required" range:"0..1"`
	// Blocked are ports that it refuses.
	Blocked []int `json:"blocked,omitempty"`
	// Allowed are the only ports that it does not refuse; empty for all.
	Allowed []int `json:"allowed,omitempty"`
	// Connect are the ports to which an explicit proxy lets clients CONNECT.
	// Default 443, as Squid has it.
	Connect []int `json:"connect,omitempty"`
	// Upgrade is what intercept and explicit do with an Upgrade that they can
	// read: "strip", "forward", "forbid" or "kill" it. Default strip.
	Upgrade string `json:"upgrade" enum:"strip,forward,forbid,kill"`
	// Silent lets those who are refused hear nothing of it, instead of a
	// reset. Default false.
	Silent bool `json:"silent,omitempty"`
	// Unknown lets what a proxy cannot read on its port, such as TLS, be
	// refused; it passes otherwise. Default false.
	Unknown bool `json:"refuse_unknown,omitempty"`
	// Buffer lets a proxy have a response whole before it passes any of it on,
	// as those do that look for viruses: server-sent events never arrive. For
	// kinds that read HTTP. Default false.
	Buffer bool `json:"buffer,omitempty"`
	// IdleTimeout closes a connection on which nothing moves; 0 for what is
	// usual: 15 minutes for proxies, never for pass and block. Range 0 to 24h.
	// Default 0.
	IdleTimeout Duration `json:"idle_timeout,omitempty" range:"0..24h"`
	// MaxBytes cuts a connection off behind so many bytes in both directions
	// together; 0 for no limit. Range 0 to 1000GB. Default 0.
	MaxBytes Size `json:"max_bytes,omitempty" range:"0..1000GB"`
	// MaxDuration cuts a connection off after that time; 0 for no limit. Range
	// 0 to 24h. Default 0.
	MaxDuration Duration `json:"max_duration,omitempty" range:"0..24h"`
}

// setDefaults prepares a firewall for being decoded over.
func (f *Firewall) setDefaults() { *f = Firewall{Upgrade: "strip"} }

// checkFirewalls checks that the firewalls can be what they are meant to be.
func (s *Scenario) checkFirewalls() *Error {
	sum := 0.0
	for i, f := range s.Firewalls {
		path := fmt.Sprintf("firewalls[%d]", i)
		sum += float64(f.Share)
		switch {
		case f.Share == 0:
			return problem(join(path, "share"), "a firewall that nobody is behind", "give the share of the clients behind it, such as share: 10%")
		case sum > 1+1e-9:
			return problem(join(path, "share"), fmt.Sprintf("the firewalls' shares add up to %s", Ratio(sum)), "keep to 100 % in all; who is behind none needs no entry")
		case f.Kind == "block" && len(f.Blocked) == 0 && len(f.Allowed) == 0:
			return problem(path, "a firewall that blocks nothing", "give the ports it refuses, such as blocked: [80], or the only ones it allows")
		case f.Kind == "explicit" && s.Cache.Caches():
			return problem(join(path, "kind"), "an explicit proxy finds the servers by itself, and not the cache's edges", "remove the caches, or use another kind")
		case f.Upgrade != "strip" && f.Kind != "intercept" && f.Kind != "explicit":
			return problem(join(path, "upgrade"), fmt.Sprintf("what %s does with an Upgrade is in its name", f.Kind), "remove the line")
		case f.Buffer && (f.Kind == "pass" || f.Kind == "block"):
			return problem(join(path, "buffer"), fmt.Sprintf("a firewall of kind %s reads no responses", f.Kind), "remove the line, or use a kind that is a proxy, such as no-upgrade")
		case len(f.Connect) > 0 && f.Kind != "explicit":
			return problem(join(path, "connect"), fmt.Sprintf("nobody asks a firewall of kind %s to CONNECT", f.Kind), "remove the line, or use kind: explicit")
		}
		for _, list := range []struct {
			name  string
			ports []int
		}{{"blocked", f.Blocked}, {"allowed", f.Allowed}, {"connect", f.Connect}} {
			for j, port := range list.ports {
				if port < 1 || port > 65535 {
					return problem(fmt.Sprintf("%s.%s[%d]", path, list.name, j), fmt.Sprintf("%d is no port", port), "give a value from 1 to 65535")
				}
			}
		}
	}
	return nil
}

// Behind says which of the scenario's firewalls each client is behind, -1 for
// none, in an order that shuffle then changes. Rounding goes to the firewalls
// that lose most by it.
func (s *Scenario) Behind(shuffle func(n int, swap func(i, j int))) []int {
	type share struct {
		firewall, count int
		rest            float64
	}
	shares := make([]share, len(s.Firewalls)+1)
	left, free := s.Clients.Count, 1.0
	for i := range shares {
		part := free
		if i < len(s.Firewalls) {
			part = float64(s.Firewalls[i].Share)
			free -= part
		}
		exact := max(part, 0) * float64(s.Clients.Count)
		whole := int(exact + 1e-9)
		shares[i] = share{i, whole, exact - float64(whole)}
		left -= whole
	}
	byRest := slices.Clone(shares)
	slices.SortStableFunc(byRest, func(a, b share) int {
		switch {
		case a.rest > b.rest+1e-9:
			return -1
		case b.rest > a.rest+1e-9:
			return 1
		}
		return 0
	})
	for _, r := range byRest[:max(min(left, len(byRest)), 0)] {
		shares[r.firewall].count++
	}
	behind := make([]int, 0, s.Clients.Count)
	for i, r := range shares {
		if i == len(s.Firewalls) {
			i = -1
		}
		for range r.count {
			behind = append(behind, i)
		}
	}
	shuffle(len(behind), func(i, j int) { behind[i], behind[j] = behind[j], behind[i] })
	return behind
}
