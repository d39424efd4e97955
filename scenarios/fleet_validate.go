package scenarios

import (
	"fmt"
	"strings"
)

// MaxServers is how many servers there are at most at any time of the run.
func (s *Scenario) MaxServers() int {
	n := s.Servers.Count
	for _, f := range s.Faults {
		if f.Kind == "scale" {
			n = max(n, f.To)
		}
	}
	return n
}

// MaxSurge is how many servers more a deploy needs at most.
func (s *Scenario) MaxSurge() int {
	n := 0
	for _, f := range s.Faults {
		if f.Kind == "deploy" {
			n = max(n, f.Surge)
		}
	}
	return n
}

// mostBefore is how many servers there may be at most when the i-th fault
// happens. A scale at a condition may happen at any time from its own on.
func (s *Scenario) mostBefore(i int) int {
	at, last, n := s.Faults[i].At, Duration(-1), s.Servers.Count
	for j, f := range s.Faults {
		if f.Kind == "scale" && f.When == "" && j != i && f.At >= last && (f.At < at || f.At == at && j < i) {
			last, n = f.At, f.To
		}
	}
	for j, f := range s.Faults {
		if f.Kind == "scale" && j != i && (f.When != "" && f.At <= at || s.Faults[i].When != "") {
			n = max(n, f.To)
		}
	}
	return n
}

// checkFleet checks what balancer, servers and workload ask of each other.
func (s *Scenario) checkFleet() *Error {
	switch b := s.Balancer; {
	case b.Kind == "none" && s.MaxServers() > 1:
		return problem("servers.count", fmt.Sprintf("%d servers without a balancer", s.MaxServers()), "set balancer.kind to l7 or l4")
	case b.Kind != "l7" && b.Affinity == "cookie":
		return problem("balancer.affinity", fmt.Sprintf("a balancer of kind %s cannot read cookies", b.Kind), "use affinity: source, or kind: l7")
	case b.Kind == "none" && b.Affinity != "none":
		return problem("balancer.affinity", "affinity without a balancer", "set balancer.kind to l7 or l4, or remove the line")
	case b.Kind == "none" && b.Policy != "round-robin":
		return problem("balancer.policy", fmt.Sprintf("the policy %s without a balancer", b.Policy), "set balancer.kind to l7 or l4, or remove the line")
	case b.Kind == "none" && b.MaxConnections > 0:
		return problem("balancer.max_connections", "a balancer's limit without a balancer", "set balancer.kind to l7 or l4, or remove the line")
	case b.Kind == "l4" && b.Upgrade:
		return problem("balancer.upgrade", "a balancer of kind l4 forwards every byte, upgrades included", "remove the line")
	}
	if s.Workload == "session" && s.Session.Length > s.Duration {
		return problem("session.length", fmt.Sprintf("session.length %s is longer than the scenario's duration %s", s.Session.Length, s.Duration), "shorten the session or lengthen the duration")
	}
	for _, b := range []struct {
		path string
		Backoff
	}{{"clients.retry", s.Clients.Retry}, {"clients.reconnect", s.Clients.Reconnect}} {
		if b.Cap < b.Base {
			return problem(join(b.path, "cap"), fmt.Sprintf("%s.cap %s is less than the base %s", b.path, b.Cap, b.Base), "raise the cap")
		}
	}
	return nil
}

// checkFaults checks that each fault can happen.
func (s *Scenario) checkFaults() *Error {
	targets := s.targets()
	var deploys []rollout
	for i, f := range s.Faults {
		path := fmt.Sprintf("faults[%d]", i)
		if f.At > s.Duration {
			return problem(join(path, "at"), fmt.Sprintf("%s at %s comes after the end of the run at %s", f.Kind, f.At, s.Duration), "lengthen the duration")
		}
		if index(targets, f.Target) < 0 {
			return problem(join(path, "target"), fmt.Sprintf("unknown target %q", abbreviate(f.Target)), suggest(f.Target, targets))
		}
		if f.Kind == "partition" && index(targets, f.Peer) < 0 {
			return problem(join(path, "peer"), fmt.Sprintf("unknown peer %q of a partition", abbreviate(f.Peer)), suggest(f.Peer, targets))
		}
		if f.Kind == "partition" && f.Peer == f.Target {
			return problem(join(path, "peer"), "a partition between "+f.Target+" and itself", "name another peer")
		}
		if err := s.checkFault(i, path); err != nil {
			return err
		}
		if f.When != "" {
			if _, err := compileCondition(f.When); err != nil {
				err.Path = join(path, "when")
				return err
			}
		}
		if err := s.checkDrain(i); err != nil {
			return err
		}
		if f.Kind != "deploy" {
			continue
		}
		deploy := rollout{f, span{f.At, f.At + s.deployTime(i)}}
		for _, d := range deploys {
			switch {
			case !deploy.meets(d):
			case f.When != "" || d.When != "":
				return problem(path, "a deploy at a condition may overlap another one", "give both a time, or keep one of them")
			case deploy.overlaps(d.span):
				return problem(join(path, "at"), fmt.Sprintf("the deploy at %s overlaps the one at %s", f.At, d.from), fmt.Sprintf("let it begin at %s or later", d.to))
			}
		}
		deploys = append(deploys, deploy)
	}
	return s.checkScaleIn(deploys)
}

// checkDrain checks that servers which are drained are done before the run ends.
func (s *Scenario) checkDrain(i int) *Error {
	f, path := s.Faults[i], fmt.Sprintf("faults[%d]", i)
	if f.Kind == "scale" && f.To < s.mostBefore(i) && f.Drain > s.Duration-f.At {
		return problem(join(path, "drain"), fmt.Sprintf("the drain of %s ends after the run at %s", f.Drain, s.Duration), "shorten the drain or lengthen the duration")
	}
	if f.Kind != "deploy" {
		return nil
	}
	last := f.At + s.deployTime(i)
	if f.Surge == 0 {
		last -= f.Restart
	}
	switch {
	case last <= s.Duration:
	case f.Target != "servers":
		return problem(join(path, "drain"), fmt.Sprintf("%s drains until %s, after the end of the run at %s", f.Target, last, s.Duration), "shorten the drain or lengthen the duration")
	default:
		return problem(join(path, "drain"), fmt.Sprintf("the last servers of the deploy drain until %s, after the end of the run at %s", last, s.Duration),
			"shorten the drain, take more at a time (batch), or lengthen the duration")
	}
	return nil
}

// checkScaleIn checks that no server is taken away while it is being deployed.
func (s *Scenario) checkScaleIn(deploys []rollout) *Error {
	for i, f := range s.Faults {
		if f.Kind != "scale" || f.When != "" || f.To >= s.mostBefore(i) {
			continue
		}
		for _, d := range deploys {
			stays := !d.ofAll() && index(s.serverNames(f.To), d.Target) >= 0
			if !stays && (span{f.At, f.At + f.Drain}).overlaps(d.span) {
				return problem(fmt.Sprintf("faults[%d].at", i), fmt.Sprintf("the scale to %d at %s overlaps the deploy at %s", f.To, f.At, d.from),
					fmt.Sprintf("let it happen at %s or later", d.to))
			}
		}
	}
	return nil
}

type span struct{ from, to Duration }

func (s span) overlaps(other span) bool { return s.from < other.to && other.from < s.to }

// rollout is a deploy and the time that it takes.
type rollout struct {
	Fault
	span
}

func (r rollout) ofAll() bool { return r.Target == "servers" }

// meets reports whether two deploys have servers in common, spares included.
func (r rollout) meets(other rollout) bool {
	return r.ofAll() || other.ofAll() || r.Target == other.Target || r.Surge > 0 && other.Surge > 0
}

// deployTime is how long a deploy takes at most, unless it waits for servers
// that have crashed.
func (s *Scenario) deployTime(i int) Duration {
	f, n := s.Faults[i], s.mostBefore(i)
	if f.Target != "servers" {
		n = 1
	}
	size := max(f.AtATime(n), 1)
	batches := (n + size - 1) / size
	took := Duration(batches) * (f.Drain + f.Restart)
	if f.Surge > 0 {
		took += f.Restart + f.Drain
	}
	return took
}

func (s *Scenario) checkFault(i int, path string) *Error {
	f := s.Faults[i]
	server := strings.HasPrefix(f.Target, "www-") || f.Target == "servers" || f.Target == "www"
	switch f.Kind {
	case "deploy":
		if !server {
			return problem(join(path, "target"), fmt.Sprintf("a deploy concerns servers, not %s", f.Target), "name a server, or remove the target for all")
		}
		if f.Target != "servers" && index(s.serverNames(s.mostBefore(i)), f.Target) < 0 {
			return problem(join(path, "target"), fmt.Sprintf("there is no %s at %s yet, or no longer", f.Target, f.At), "name a server that runs then, or let it happen while there are as many")
		}
		if f.Surge > 0 && s.Balancer.Kind == "none" {
			return problem(join(path, "surge"), "a surge without a balancer", "set balancer.kind to l7 or l4")
		}
		if f.MaxUnavailable != nil && *f.MaxUnavailable+f.Surge == 0 {
			return problem(join(path, "max_unavailable"), "a deploy that may take no server out cannot begin", "allow 1, or add a surge of 1")
		}
	case "scale":
		if f.Target != "servers" {
			return problem(join(path, "target"), fmt.Sprintf("a scale concerns all servers, not %s", f.Target), "remove the target")
		}
		if f.To == 0 {
			return problem(path, "a scale to no servers", "give the number of servers, such as to: 6")
		}
	case "purge":
		if f.Target != "servers" {
			return problem(join(path, "target"), fmt.Sprintf("a purge concerns all caches, not %s", f.Target), "remove the target")
		}
		if !s.Cache.Caches() {
			return problem(join(path, "kind"), "a purge without caches", "set cache.edges to 1 or more")
		}
	case "slow":
		if !server && f.Target != "store" {
			return problem(join(path, "target"), fmt.Sprintf("slow concerns servers and the store, not %s", f.Target), "name a server, or servers for all")
		}
		if s.Workload == "push" {
			return problem(join(path, "kind"), "servers of the workload push take no time to answer that a fault could multiply", "use errors, or degrade")
		}
	case "errors":
		if !server {
			return problem(join(path, "target"), fmt.Sprintf("errors concerns servers, not %s", f.Target), "name a server, or servers for all")
		}
	case "crash", "vanish":
		if f.Target == "clients" {
			return problem(join(path, "target"), fmt.Sprintf("clients cannot %s", f.Kind), "use kind: degrade for their links")
		}
	}
	return nil
}

// targets are the names that a fault may have for its target.
func (s *Scenario) targets() []string {
	names := []string{"servers", "clients"}
	if s.Balancer.Kind != "none" {
		names = append(names, "balancer")
	}
	names = append(names, s.serverNames(s.MaxServers()+s.MaxSurge())...)
	if s.usesStore() {
		names = append(names, "store")
	}
	return names
}

// usesStore reports whether some strategy keeps sessions in the store.
func (s *Scenario) usesStore() bool {
	for _, strategy := range s.Strategies {
		if s.Workload == "session" && s.StateUnder(strategy) == "store" {
			return true
		}
	}
	return false
}

// serverNames are those of the first n servers.
func (s *Scenario) serverNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = s.ServerName(i)
	}
	return names
}

// ServerName returns the name of the i-th server, from 0.
func (s *Scenario) ServerName(i int) string {
	if s.Balancer.Kind == "none" {
		return "www"
	}
	return fmt.Sprintf("www-%d", i+1)
}
