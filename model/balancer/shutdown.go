package balancer

import (
	"context"
	"time"

	"protosim/model/vtime"
)

// Shutdown stops accepting connections, lets what is under way finish until
// ctx ends, and closes the balancer. It is for real sockets: net/http polls at
// random intervals in it. In a simulation Drain the backends, and Close.
func (b *Balancer) Shutdown(ctx context.Context) {
	b.mu.Lock()
	for _, l := range b.listeners {
		l.Close()
	}
	b.listeners = nil
	b.mu.Unlock()
	if b.server != nil {
		b.server.Shutdown(ctx)
	}
	for b.busy() && b.time.Sleep(ctx, vtime.Key{}, 10*time.Millisecond) == nil {
	}
	b.Close()
}

// busy reports whether something is under way.
func (b *Balancer) busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.members {
		if m.active > 0 {
			return true
		}
	}
	return false
}
