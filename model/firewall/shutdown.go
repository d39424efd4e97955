package firewall

import (
	"context"
	"time"

	"protosim/model/vtime"
)

// restless is how long ago something has moved on a connection that is under way.
const restless = time.Second

// Shutdown stops accepting connections, lets what is under way finish until ctx
// ends, and closes the firewall: requests that a proxy carries, and other
// connections while something moves on them. It is for real sockets.
func (f *Firewall) Shutdown(ctx context.Context) {
	f.mu.Lock()
	listeners := f.listeners
	f.listeners = nil
	f.mu.Unlock()
	for _, l := range listeners {
		l.Close()
	}
	for f.busy() && f.time.Sleep(ctx, vtime.Key{}, 10*time.Millisecond) == nil {
	}
	f.Close()
}

func (f *Firewall) busy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for p := range f.passages {
		if p.asking.Load() || f.time.Now()-p.watch.moved() < restless {
			return true
		}
	}
	return false
}
