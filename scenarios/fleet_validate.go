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
	var deploys []span
	conditional := false
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
		if err := s.checkFault(f, path); err != nil {
			return err
		}
		if f.When != "" {
			if _, err := compileCondition(f.When); err != nil {
				err.Path = join(path, "when")
				return err
			}
		}
		drains := f.Kind == "deploy" || f.Kind == "scale" && f.To < s.Servers.Count
		if drains && f.Drain > s.Duration-f.At {
			return problem(join(path, "drain"), fmt.Sprintf("the drain of %s ends after the run at %s", f.Drain, s.Duration), "shorten the drain or lengthen the duration")
		}
		if f.Kind != "deploy" {
			continue
		}
		if f.When != "" || conditional {
			if len(deploys) > 0 {
				return problem(path, "a deploy at a condition may overlap another one", "give both a time, or keep one of them")
			}
			conditional = true
		}
		deploy := span{f.At, f.At + s.deployTime(f)}
		for _, d := range deploys {
			if deploy.from < d.to && d.from < deploy.to {
				return problem(join(path, "at"), fmt.Sprintf("the deploy at %s overlaps the one at %s", f.At, d.from), fmt.Sprintf("let it begin at %s or later", d.to))
			}
		}
		deploys = append(deploys, deploy)
	}
	return nil
}

type span struct{ from, to Duration }

// deployTime is how long a deploy takes at most.
func (s *Scenario) deployTime(f Fault) Duration {
	batches := (s.MaxServers() + f.Batch - 1) / f.Batch
	return Duration(batches) * (f.Drain + f.Restart)
}

func (s *Scenario) checkFault(f Fault, path string) *Error {
	server := strings.HasPrefix(f.Target, "www-") || f.Target == "servers" || f.Target == "www"
	switch f.Kind {
	case "deploy", "scale":
		if f.Target != "servers" {
			return problem(join(path, "target"), fmt.Sprintf("a %s concerns all servers, not %s", f.Kind, f.Target), "remove the target")
		}
		if f.Kind == "scale" && f.To == 0 {
			return problem(path, "a scale to no servers", "give the number of servers, such as to: 6")
		}
	case "purge":
		if f.Target != "servers" {
			return problem(join(path, "target"), fmt.Sprintf("a purge concerns all caches, not %s", f.Target), "remove the target")
		}
		if !s.Cache.Caches() {
			return problem(join(path, "kind"), "a purge without caches", "set cache.edges to 1 or more")
		}
	case "slow", "errors":
		if !server {
			return problem(join(path, "target"), fmt.Sprintf("%s concerns servers, not %s", f.Kind, f.Target), "name a server, or servers for all")
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
	for i := range s.MaxServers() {
		names = append(names, s.ServerName(i))
	}
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

// ServerName returns the name of the i-th server, from 0.
func (s *Scenario) ServerName(i int) string {
	if s.Balancer.Kind == "none" {
		return "www"
	}
	return fmt.Sprintf("www-%d", i+1)
}
