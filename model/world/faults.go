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
	fleet := w.fleets[0]
	switch f.Kind {
	case "crash":
		w.crash(ctx, key, f)
	case "vanish":
		w.eachHost(key, f.Target, func(h *network.Host) {
			h.Vanish()
			w.tellState(h, "vanished")
		})
		if w.passes(ctx, key, f.For) {
			w.eachHost(key, f.Target, func(h *network.Host) {
				h.Return()
				w.tellState(h, "back")
			})
		}
	case "deploy":
		fleet.deploy(ctx, key, f)
	case "scale":
		fleet.scale(ctx, key, f)
	case "slow":
		for _, m := range fleet.targets(f.Target) {
			m.trouble.Slow(f.Factor)
			w.tellState(m.host, "slow")
		}
		if w.passes(ctx, key, f.For) {
			for _, m := range fleet.targets(f.Target) {
				m.trouble.Slow(0)
				w.tellState(m.host, "no longer slow")
			}
		}
	case "errors":
		for _, m := range fleet.targets(f.Target) {
			m.trouble.Fail(float64(f.Rate))
			w.tellState(m.host, "failing")
		}
		if w.passes(ctx, key, f.For) {
			for _, m := range fleet.targets(f.Target) {
				m.trouble.Fail(0)
				w.tellState(m.host, "no longer failing")
			}
		}
	case "partition":
		w.partition(ctx, key, f)
	case "degrade":
		w.degrade(ctx, key, f)
	case "purge":
		w.purge()
	}
}

// passes waits until a fault of that length is over. It reports false if the
// fault is for good or the run ends before.
func (w *world) passes(ctx context.Context, key vtime.Key, d scenarios.Duration) bool {
	return d > 0 && w.clock.Sleep(ctx, key, d.Std()) == nil
}

// targets returns the machines that a fault concerns.
func (f *fleet) targets(name string) []*machine {
	if name == "servers" {
		return f.machines[:f.size]
	}
	if m := f.machine(name); m != nil {
		return []*machine{m}
	}
	return nil
}

// crash ends processes, and starts them again if the fault is not for good.
func (w *world) crash(ctx context.Context, key vtime.Key, f scenarios.Fault) {
	fleet := w.fleets[0]
	at := scenarios.Duration(w.clock.Now())
	if f.Target == "balancer" {
		w.conduct(key, fleet.host.Crash)
		fleet.stopBalancer()
		w.tellState(fleet.host, fmt.Sprintf("%s crashed at %s", fleet.host.Name, f.At))
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

// deploy replaces the process on every machine, some at a time.
func (f *fleet) deploy(ctx context.Context, key vtime.Key, fault scenarios.Fault) {
	w := f.world
	running := f.machines[:f.size]
	for from := 0; from < len(running) && ctx.Err() == nil; from += fault.Batch {
		batch := running[from:min(from+fault.Batch, len(running))]
		var done sync.WaitGroup
		for i, m := range batch {
			k := key
			k.B += uint64(from+i) + 1
			done.Add(1)
			w.clock.Go(k, func() {
				defer done.Done()
				f.retire(m, fault.Drain.Std(), "deploy of "+m.host.Name)
				if w.clock.Sleep(ctx, k, fault.Restart.Std()) == nil {
					f.launch(m)
				}
			})
		}
		done.Wait()
	}
}

// retire takes a machine out of the balancer and ends its process gracefully.
func (f *fleet) retire(m *machine, drain time.Duration, reason string) {
	if f.balancer != nil {
		f.balancer.Drain(m.host.Name, drain)
	}
	m.drain(drain, reason)
	if f.balancer != nil {
		f.balancer.Remove(m.host.Name)
	}
}

// launch starts a machine's process and lets the balancer know.
func (f *fleet) launch(m *machine) {
	f.world.must(m.start())
	if f.balancer != nil && m.process != nil {
		f.balancer.Add(m.address())
	}
}

// scale changes the number of machines that run.
func (f *fleet) scale(ctx context.Context, key vtime.Key, fault scenarios.Fault) {
	before := f.size
	f.size = fault.To
	for i := before; i < fault.To; i++ {
		f.launch(f.machines[i])
	}
	for i := before - 1; i >= fault.To && ctx.Err() == nil; i-- {
		f.retire(f.machines[i], fault.Drain.Std(), "scaled in")
	}
}

// partition drops what passes between two sets of hosts.
func (w *world) partition(ctx context.Context, key vtime.Key, f scenarios.Fault) {
	here, there := map[string]bool{}, map[string]bool{}
	w.eachHost(key, f.Target, func(h *network.Host) { here[h.Name] = true })
	w.eachHost(key, f.Peer, func(h *network.Host) { there[h.Name] = true })
	rule := network.RuleFunc(func(p network.Packet) network.Verdict {
		if here[p.From] && there[p.To] || !f.OneWay && there[p.From] && here[p.To] {
			return network.Verdict{Drop: true}
		}
		return network.Pass
	})
	var remove func()
	w.conduct(key, func() { remove = w.net.AddRule(rule) })
	if w.passes(ctx, key, f.For) {
		w.conduct(key, remove)
	}
}

// degrade makes links worse.
func (w *world) degrade(ctx context.Context, key vtime.Key, f scenarios.Fault) {
	change := func(sign int) func(*network.Host) {
		return func(h *network.Host) {
			for _, l := range []*network.Link{h.Up, h.Down} {
				c := l.Config()
				c.Delay += time.Duration(sign) * f.Delay.Std()
				c.Loss += float64(sign) * float64(f.Loss)
				l.Set(c)
			}
		}
	}
	w.eachHost(key, f.Target, change(1))
	if w.passes(ctx, key, f.For) {
		w.eachHost(key, f.Target, change(-1))
	}
}

// eachHost changes every host that a fault concerns, on the conductor.
func (w *world) eachHost(key vtime.Key, target string, change func(*network.Host)) {
	fleet := w.fleets[0]
	w.conduct(key, func() {
		switch {
		case target == "balancer":
			change(fleet.host)
		case target == storeName:
			if w.store != nil {
				change(w.store.host)
			}
		case target == "clients":
			for _, v := range w.visitors {
				change(v.host)
			}
		case target == "servers" || strings.HasPrefix(target, fleet.name):
			for _, m := range fleet.targets(target) {
				change(m.host)
			}
		}
	})
}
