package world

import (
	"context"
	"slices"
	"time"

	"protosim/model/vtime"
	"protosim/scenarios"
)

// balanceKey orders the looks at how even the load is behind all else.
var balanceKey = vtime.Key{A: ^uint64(0), B: 1}

const (
	// balanceStep is the time between two looks at the servers' loads.
	balanceStep = time.Second
	// balanceWindow is how many steps of requests are compared, at most: in one
	// step there may be so few that chance decides.
	balanceWindow = 5
	// evenLoad is how much of the mean the busiest server may have at most.
	evenLoad = 1.25
)

// balance is how long it takes until a fleet that was scaled shares its load.
type balance struct {
	after time.Duration // since the first scaling, until the load was last uneven
}

// scales reports whether the fleet's size changes in a run in which loads can be
// compared.
func (w *world) scales() bool {
	return w.balances() && slices.ContainsFunc(w.scenario.Faults, func(f scenarios.Fault) bool { return f.Kind == "scale" })
}

// scaled returns when the fleet was first scaled, if it was.
func (w *world) scaled() (first time.Duration, ok bool) {
	for i, f := range w.scenario.Faults {
		if at := w.happened[i]; f.Kind == "scale" && at >= 0 && (!ok || at < first) {
			first, ok = at, true
		}
	}
	return first, ok
}

// followBalance looks at the servers' loads from their scaling on: open sockets
// where clients keep them, and otherwise the requests of the last steps. It
// returns when the run ends.
func (w *world) followBalance(ctx context.Context) {
	var looks []map[*machine]int64 // requests up to each look since the scaling
	uneven := false
	for w.clock.Sleep(ctx, balanceKey, balanceStep) == nil {
		at, ok := w.scaled()
		if !ok {
			continue
		}
		f := w.fleets[0]
		now := map[*machine]int64{}
		for _, m := range f.machines {
			now[m] = m.requests.Load()
		}
		looks = append(looks, now)
		before := looks[max(len(looks)-1-balanceWindow, 0)]
		var sum, most float64
		all := f.wanted()
		for _, m := range all {
			n := float64(now[m] - before[m])
			if w.keeps() {
				n = float64(m.sockets())
			}
			sum += n
			most = max(most, n)
		}
		if uneven = most*float64(len(all)) > evenLoad*sum; uneven {
			w.balance.after = w.clock.Now() - at
		}
	}
	if at, _ := w.scaled(); uneven {
		w.balance.after = w.clock.Now() - at
	}
}
