package network

import (
	"slices"
	"time"
)

// Packet is what a Rule sees of a packet.
type Packet struct {
	From, To         string // host names
	FromPort, ToPort uint16
	Payload          int  // bytes of data
	SYN, FIN, RST    bool // flags
}

// Verdict is what a Rule decides about a packet.
type Verdict struct {
	// Drop loses the packet.
	Drop bool
	// Reset loses it and resets the connection on both sides, as some
	// firewalls do.
	Reset bool
	// Delay holds the packet back; later packets may overtake it.
	Delay time.Duration
}

// Pass is the verdict that leaves a packet alone.
var Pass = Verdict{}

// A Rule injects faults: it judges every packet as it enters the core. Rules
// run on the conductor in the order in which they were added; the first
// verdict other than Pass counts.
type Rule interface {
	Judge(Packet) Verdict
}

// RuleFunc makes a plain function a Rule.
type RuleFunc func(Packet) Verdict

// Judge calls f.
func (f RuleFunc) Judge(p Packet) Verdict { return f(p) }

// AddRule puts a rule in force until remove is called. Both before the run, or
// on the conductor.
func (n *Network) AddRule(r Rule) (remove func()) {
	held := &r
	n.rules = append(n.rules, ruleRef{held})
	return func() {
		// A copy, for a rule may remove itself while the list is being applied.
		n.rules = slices.DeleteFunc(slices.Clone(n.rules), func(r Rule) bool { return r == Rule(ruleRef{held}) })
	}
}

// ruleRef gives a rule an identity even if it is a function.
type ruleRef struct{ rule *Rule }

func (r ruleRef) Judge(p Packet) Verdict { return (*r.rule).Judge(p) }

// judge applies the rules and reports whether the packet goes on at once.
func (n *Network) judge(s *segment) bool {
	if len(n.rules) == 0 {
		return true
	}
	p := Packet{
		From: s.from.Name, To: s.to.Name, FromPort: s.fromPort, ToPort: s.toPort,
		Payload: s.payload(), SYN: s.flags&syn != 0, FIN: s.flags&fin != 0, RST: s.flags&rst != 0,
	}
	for _, r := range n.rules {
		switch v := r.Judge(p); {
		case v.Reset:
			s.from.resetBy(s.fromPort, s.to, s.toPort)
			s.to.resetBy(s.toPort, s.from, s.fromPort)
			s.lose("fault")
			return false
		case v.Drop:
			s.lose("fault")
			return false
		case v.Delay > 0:
			s.next = func(s *segment) { s.to.Down.send(s) }
			n.Clock.At(n.now()+v.Delay, s)
			return false
		}
	}
	return true
}
