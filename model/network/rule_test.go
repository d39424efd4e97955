package network_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"protosim/model/network"
)

// Rules see what each packet is.
func TestRulesSeePackets(t *testing.T) {
	var seen []network.Packet
	play(t, network.TCP{}, func(r *rig) {
		r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			seen = append(seen, p)
			return network.Pass
		}))
		c, s := r.connect()
		c.Write(make([]byte, 10))
		c.Close()
		r.drain(s)
		s.Close()
	})
	syn := network.Packet{From: "client", To: "server", FromPort: 32768, ToPort: 80, SYN: true}
	if seen[0] != syn {
		t.Errorf("the first packet is %+v, want %+v", seen[0], syn)
	}
	payload, fins := 0, 0
	for _, p := range seen {
		payload += p.Payload
		if p.FIN {
			fins++
		}
	}
	if payload != 10 || fins != 2 {
		t.Errorf("%d bytes and %d FINs in %+v", payload, fins, seen)
	}
}

// A rule drops for as long as it is there.
func TestDropRule(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		remove := r.AddRule(network.RuleFunc(func(network.Packet) network.Verdict { return network.Verdict{Drop: true} }))
		r.at(1500*ms, remove)
		l := r.listen()
		c, err := r.client.Dial(context.Background(), "tcp", "server:80")
		if err != nil || r.clock.Now() != 2100*ms {
			t.Errorf("dialled until %v: %v; want 2.1s", r.clock.Now(), err)
		}
		c.Close()
		l.Close()
	})
}

// A rule may remove itself while it judges, and the others go on.
func TestRuleRemovesItself(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		var once func()
		first, second := 0, 0
		once = r.AddRule(network.RuleFunc(func(network.Packet) network.Verdict {
			first++
			once()
			return network.Pass
		}))
		r.AddRule(network.RuleFunc(func(network.Packet) network.Verdict {
			second++
			return network.Pass
		}))
		c, s := r.send(1000)
		c.Close()
		s.Close()
		if first != 1 || second < 5 {
			t.Errorf("the rules judged %d and %d packets, want 1 and all", first, second)
		}
	})
}

// The first verdict other than Pass counts.
func TestRuleOrder(t *testing.T) {
	play(t, network.TCP{}, func(r *rig) {
		delay := func(d time.Duration) network.Rule {
			return network.RuleFunc(func(p network.Packet) network.Verdict {
				if p.SYN && p.From == "client" {
					return network.Verdict{Delay: d}
				}
				return network.Pass
			})
		}
		remove := r.AddRule(delay(10 * ms))
		r.AddRule(delay(20 * ms))
		for _, want := range []time.Duration{110 * ms, 120 * ms} {
			l := r.listen()
			began := r.clock.Now()
			c, err := r.client.Dial(context.Background(), "tcp", "server:80")
			if err != nil || r.clock.Now()-began != want {
				t.Errorf("dialled for %v: %v; want %v", r.clock.Now()-began, err, want)
			}
			c.Close()
			l.Close()
			remove()
		}
	})
}

// Packets that a rule holds back are overtaken, and all arrives in order
// nonetheless.
func TestDelayRuleReorders(t *testing.T) {
	r := play(t, network.TCP{InitialWindow: 20}, func(r *rig) {
		n := 0
		r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			if p.From == "server" && p.Payload > 0 {
				if n++; n%7 == 3 {
					return network.Verdict{Delay: 15 * ms}
				}
			}
			return network.Pass
		}))
		c, s := r.connect()
		sent := random(100_000)
		r.goDo(1, func() { s.Write(sent); s.Close() })
		got, err := io.ReadAll(c)
		if string(got) != string(sent) || err != nil {
			t.Errorf("%d bytes arrived, %v", len(got), err)
		}
		c.Close()
	})
	if r.client.Stats().Resets+r.server.Stats().Resets > 0 {
		t.Error("a connection was reset")
	}
}

// A reset by a rule ends the connection on both sides, and no other.
func TestResetRule(t *testing.T) {
	r := play(t, network.TCP{}, func(r *rig) {
		c1, s1 := r.connect()
		c2, s2 := r.connect()
		port := uint16(c1.LocalAddr().(*net.TCPAddr).Port)
		remove := r.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			return network.Verdict{Reset: p.FromPort == port}
		}))
		c1.Write([]byte("x"))
		for _, c := range []net.Conn{c1, s1} {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("read ended with %v", err)
			}
			c.Close()
		}
		r.sleep(time.Second)
		remove()
		c2.Write([]byte("x"))
		mustRead(t, s2, "x")
		c2.Close()
		s2.Close()
	})
	if n := r.client.Stats().Resets; n != 1 {
		t.Errorf("the client counts %d resets, want 1", n)
	}
}
