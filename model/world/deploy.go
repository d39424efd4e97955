package world

import (
	"context"
	"sync"
	"time"

	"protosim/model/vtime"
	"protosim/scenarios"
)

// spareStep is how often a deploy looks whether it may take one more server out.
const spareStep = 100 * time.Millisecond

// deploy replaces the process on every server that is meant to run, some at a
// time, or on the one that is the target. Those of a surge help out meanwhile.
func (f *fleet) deploy(ctx context.Context, key vtime.Key, fault scenarios.Fault) {
	all := f.wanted()
	var servers, serving []*machine // those first that are out anyway
	for _, m := range all {
		switch {
		case fault.Target != "servers" && fault.Target != m.host.Name:
		case m.inService():
			serving = append(serving, m)
		default:
			servers = append(servers, m)
		}
	}
	servers = append(servers, serving...)
	extra := f.spares[:fault.Surge]
	for _, m := range extra {
		m.wanted = true
	}
	if len(extra) > 0 && f.world.clock.Sleep(ctx, key, fault.Restart.Std()) != nil {
		return
	}
	for _, m := range extra {
		f.launch(m)
	}
	bound := fault.Unavailable(len(all)) + fault.Surge
	size := fault.AtATime(len(servers))
	for from := 0; from < len(servers) && ctx.Err() == nil; from += size {
		f.together(key, from, servers[from:min(from+size, len(servers))], func(k vtime.Key, m *machine) {
			if !f.awaitSpare(ctx, k, m, all, bound) {
				return
			}
			f.retire(m, fault.Drain.Std(), "deploy of "+m.host.Name)
			if f.world.clock.Sleep(ctx, k, fault.Restart.Std()) == nil {
				f.launch(m)
			}
		})
	}
	if ctx.Err() == nil {
		f.dismiss(key, len(servers), extra, fault.Drain.Std(), "surge is over")
	}
}

// awaitSpare waits until taking a server out leaves at most so many of them out,
// those included that have crashed, but not those that are no longer meant to run.
// It reports false if the run ends before.
func (f *fleet) awaitSpare(ctx context.Context, key vtime.Key, m *machine, servers []*machine, bound int) bool {
	for ctx.Err() == nil {
		out := 0
		for _, other := range servers {
			if other != m && other.wanted && !other.inService() {
				out++
			}
		}
		if out < bound || !m.inService() {
			return true
		}
		f.world.clock.Sleep(ctx, key, spareStep)
	}
	return false
}

// together does something for several machines side by side. n tells the keys
// apart from those of the machines before.
func (f *fleet) together(key vtime.Key, n int, machines []*machine, do func(vtime.Key, *machine)) {
	var done sync.WaitGroup
	for i, m := range machines {
		k := key
		k.B += uint64(n+i) + 1
		done.Add(1)
		f.world.clock.Go(k, func() {
			defer done.Done()
			do(k, m)
		})
	}
	done.Wait()
}

// dismiss ends the processes on machines that are no longer needed.
func (f *fleet) dismiss(key vtime.Key, n int, machines []*machine, drain time.Duration, reason string) {
	for _, m := range machines {
		m.wanted = false
	}
	f.together(key, n, machines, func(_ vtime.Key, m *machine) {
		f.retire(m, drain, reason)
		f.launch(m) // if it is wanted again by now
	})
}

// retire takes a machine off the balancer's list and ends its process
// gracefully: at the latest when the time to drain is over.
func (f *fleet) retire(m *machine, drain time.Duration, reason string) {
	m.listed = false
	var carried <-chan struct{}
	if f.balancer != nil {
		carried = f.balancer.Drain(m.host.Name, drain)
	}
	m.drain(drain, reason, carried)
	if f.balancer != nil && !m.listed {
		f.balancer.Remove(m.host.Name)
	}
}

// launch starts a machine's process and puts it on the balancer's list, unless
// it is not needed or has yet to end the one before.
func (f *fleet) launch(m *machine) {
	if !m.wanted || m.draining {
		return
	}
	f.world.must(m.start())
	m.listed = true
	if f.balancer != nil {
		f.balancer.Add(m.address())
	}
}

// scale changes the number of machines that run.
func (f *fleet) scale(key vtime.Key, fault scenarios.Fault) {
	var surplus []*machine
	for i, m := range f.machines[:len(f.machines)-len(f.spares)] {
		switch {
		case i < fault.To && !m.wanted:
			m.wanted = true
			f.launch(m)
		case i >= fault.To && m.wanted:
			surplus = append(surplus, m)
		}
	}
	f.dismiss(key, 0, surplus, fault.Drain.Std(), "scaled in")
}
