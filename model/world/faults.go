package world

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"protosim/model/network"
	"protosim/model/result"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// faultKeys keeps what faults do apart from all else, in the order of the scenario.
const faultKeys = 1 << 58

// scheduleFaults starts a goroutine for each fault of the scenario. When ctx
// ends, those that have not happened do not, and those under way are left as
// they are.
func (w *world) scheduleFaults(ctx context.Context, all *sync.WaitGroup) {
	w.happened = slices.Repeat([]time.Duration{-1}, len(w.scenario.Faults))
	w.over = slices.Clone(w.happened)
	for i, f := range w.scenario.Faults {
		key := vtime.Key{A: faultKeys, B: uint64(i) << 16}
		all.Add(1)
		w.clock.Go(key, func() {
			defer all.Done()
			if w.comesTrue(ctx, key, f) {
				w.happened[i] = w.clock.Now()
				w.traced(ctx, f, func() { w.happen(ctx, key, f) })
				if ctx.Err() == nil {
					w.over[i] = w.clock.Now()
				}
			}
		})
	}
}

// occurrences tells when the faults that happened did, and when each was over.
// One that the run's end met under way lasted until then.
func (w *world) occurrences() []result.Occurrence {
	var all []result.Occurrence
	for i, at := range w.happened {
		if at < 0 {
			continue
		}
		end := w.over[i]
		if end < 0 {
			end = max(at, w.recorder.Finished)
		}
		all = append(all, result.Occurrence{Fault: i, FromMS: result.Milliseconds(at), ToMS: result.Milliseconds(end)})
	}
	return all
}

// happen lets a fault take place.
func (w *world) happen(ctx context.Context, key vtime.Key, f scenarios.Fault) {
	switch f.Kind {
	case "crash":
		w.crash(ctx, key, f)
	case "deploy":
		w.fleets[0].deploy(ctx, key, f)
	case "scale":
		w.fleets[0].scale(key, f)
	case "purge":
		w.purge()
	default:
		end := w.impose(key, f)
		if w.passes(ctx, key, f.For) {
			end()
		}
	}
}

// impose puts a fault in force on those that it concerns now. Faults in force at
// the same time add up. end takes this one off the same hosts again.
func (w *world) impose(key vtime.Key, f scenarios.Fault) (end func()) {
	switch f.Kind {
	case "vanish":
		return w.onHosts(key, f.Target, func(h *network.Host) func() {
			h.Vanish()
			w.tellState(h, "vanished")
			return func() {
				h.Return()
				w.tellState(h, "back")
			}
		})
	case "degrade":
		return w.onHosts(key, f.Target, func(h *network.Host) func() {
			d := network.Degradation{Delay: f.Delay.Std(), Loss: float64(f.Loss)}
			up, down := h.Up.Degrade(d), h.Down.Degrade(d)
			return func() { up(); down() }
		})
	case "partition":
		return w.partition(key, f)
	case "slow":
		if f.Target == storeName {
			return w.slowStore(f.Factor)
		}
		return w.onMachines(f.Target, "slow", func(m *machine) func() { return m.trouble.Slow(f.Factor) })
	case "errors":
		return w.onMachines(f.Target, "failing", func(m *machine) func() { return m.trouble.Fail(float64(f.Rate)) })
	}
	panic("world: no fault " + f.Kind)
}

// onHosts changes every host that a fault concerns, and changes the same ones
// back in the end, both on the conductor.
func (w *world) onHosts(key vtime.Key, target string, change func(*network.Host) (end func())) (end func()) {
	var ends []func()
	w.conduct(key, func() {
		for _, h := range w.hosts(target) {
			ends = append(ends, change(h))
		}
	})
	return func() { w.conduct(key, func() { callAll(ends) }) }
}

// onMachines troubles every machine that a fault concerns.
func (w *world) onMachines(target, how string, change func(*machine) (end func())) (end func()) {
	var ends []func()
	for _, m := range w.fleets[0].targets(target) {
		undo := change(m)
		w.tellState(m.host, how)
		ends = append(ends, func() {
			undo()
			w.tellState(m.host, "no longer "+how)
		})
	}
	return func() { callAll(ends) }
}

func callAll(list []func()) {
	for _, f := range list {
		f()
	}
}

// slowStore slows the store down, if the strategy has one.
func (w *world) slowStore(factor int) (end func()) {
	if w.store == nil {
		return func() {}
	}
	undo := w.store.server.Slow(factor)
	w.tellState(w.store.host, "slow")
	return func() {
		undo()
		w.tellState(w.store.host, "no longer slow")
	}
}

// passes waits until a fault of that length is over. It reports false if the
// fault is for good or the run ends before.
func (w *world) passes(ctx context.Context, key vtime.Key, d scenarios.Duration) bool {
	return d > 0 && w.clock.Sleep(ctx, key, d.Std()) == nil
}

// hosts returns the machines that a fault of the network concerns now.
func (w *world) hosts(target string) []*network.Host {
	fleet := w.fleets[0]
	var list []*network.Host
	switch {
	case target == "balancer":
		list = append(list, fleet.host)
	case target == storeName:
		if w.store != nil {
			list = append(list, w.store.host)
		}
	case target == "clients":
		for _, v := range w.visitors {
			list = append(list, v.host)
		}
	case target == "servers" || strings.HasPrefix(target, fleet.name):
		for _, m := range fleet.targets(target) {
			list = append(list, m.host)
		}
	}
	return list
}

// targets returns the servers that a fault concerns now.
func (f *fleet) targets(name string) []*machine {
	if name == "servers" {
		return f.wanted()
	}
	if m := f.machine(name); m != nil {
		return []*machine{m}
	}
	return nil
}

// crash ends processes, and starts them again if the fault is not for good. A
// balancer keeps those on its list that crash, and finds out by itself.
func (w *world) crash(ctx context.Context, key vtime.Key, f scenarios.Fault) {
	fleet := w.fleets[0]
	at := scenarios.Duration(w.clock.Now())
	if f.Target == "balancer" {
		w.conduct(key, fleet.host.Crash)
		fleet.stopBalancer()
		w.tellState(fleet.host, fmt.Sprintf("%s crashed at %s", fleet.host.Name, at))
		if w.passes(ctx, key, f.For) {
			w.must(fleet.startBalancer())
			w.tellState(fleet.host, "started")
		}
		return
	}
	if f.Target == storeName {
		if w.store == nil { // not under this strategy
			return
		}
		w.store.crash(fmt.Sprintf("the store crashed at %s", at))
		if w.passes(ctx, key, f.For) {
			w.must(w.store.start())
			w.tellState(w.store.host, "started")
		}
		return
	}
	targets := fleet.targets(f.Target)
	for _, m := range targets {
		m.kill(fmt.Sprintf("%s crashed at %s", m.host.Name, at))
	}
	if w.passes(ctx, key, f.For) {
		for _, m := range targets {
			w.must(m.start())
		}
	}
}

// must ends the run if the simulator cannot do what it should.
func (w *world) must(err error) {
	if err != nil {
		w.clock.Fail(err)
	}
}

// partition drops what passes between two sets of hosts.
func (w *world) partition(key vtime.Key, f scenarios.Fault) (end func()) {
	here, there := map[string]bool{}, map[string]bool{}
	var remove func()
	w.conduct(key, func() {
		for _, h := range w.hosts(f.Target) {
			here[h.Name] = true
		}
		for _, h := range w.hosts(f.Peer) {
			there[h.Name] = true
		}
		remove = w.net.AddRule(network.RuleFunc(func(p network.Packet) network.Verdict {
			if here[p.From] && there[p.To] || !f.OneWay && there[p.From] && here[p.To] {
				return network.Verdict{Drop: true}
			}
			return network.Pass
		}))
	})
	return func() { w.conduct(key, remove) }
}
