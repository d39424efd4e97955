package world

import (
	"context"

	"protosim/model/network"
	"protosim/model/page"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// Hosts returns the names of the hosts that a run of the scenario has under a
// strategy, in the order in which they are made: those of the clients last.
func Hosts(ctx context.Context, s *scenarios.Scenario, strategy scenarios.Strategy) ([]string, error) {
	p, err := page.Resolve(s, s.Seed)
	if err != nil {
		return nil, err
	}
	var names []string
	w := &world{scenario: s, strategy: strategy, seed: s.Seed, page: p}
	w.capture.Tap = func(h *network.Host) network.Tap {
		names = append(names, h.Name)
		return nil
	}
	err = vtime.Run(ctx, func(clock *vtime.Clock) error {
		w.clock = clock
		if err := w.build(); err != nil {
			return err
		}
		w.close()
		return nil
	})
	return names, err
}
