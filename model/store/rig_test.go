package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"protosim/model/network"
	"protosim/model/store"
	"protosim/model/vtime"
	"protosim/scenarios"
)

const ms = time.Millisecond

// rig is a simulated store, and hosts that use it. One way takes 1 ms.
type rig struct {
	testing.TB
	*network.Network
	clock  *vtime.Clock
	host   *network.Host // of the store
	server *store.Server
	opened []*store.Redis
	serial uint64
}

// play runs main with a rig in virtual time, and fails the test if goroutines
// stay behind.
func play(t testing.TB, c store.ServerConfig, main func(r *rig)) *rig {
	t.Helper()
	before := goleak.IgnoreCurrent()
	r := &rig{TB: t}
	err := vtime.Run(context.Background(), func(clock *vtime.Clock) error {
		r.clock = clock
		r.Network = network.New(clock, network.TCP{}, 1)
		r.host = r.newHost("store")
		c.Time = clock
		r.server = store.NewServer(c)
		r.serve()
		main(r)
		for _, s := range r.opened {
			s.Close()
		}
		r.sleep(time.Second)
		r.server.Close()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
	return r
}

func (r *rig) newHost(name string) *network.Host {
	h := r.NewHost(name)
	h.Down.Set(network.LinkConfig{Delay: ms})
	return h
}

// serve starts the store.
func (r *rig) serve() {
	l, err := r.host.Listen(":6379")
	if err != nil {
		r.Error(err)
		return
	}
	r.server.Serve(l)
}

// crash kills the store, and starts it again after a while unless that is 0.
func (r *rig) crash(restart time.Duration) {
	r.onConductor(func() {
		r.host.Crash()
		r.server.Crash()
	})
	if restart > 0 {
		r.sleep(restart)
		r.serve()
	}
}

// onConductor calls f in an event of its own.
func (r *rig) onConductor(f func()) {
	r.clock.Post(vtime.Key{}, vtime.Func(func() { r.clock.Wake(0, vtime.Func(f)) }))
	r.sleep(0)
}

// open returns a client on a host of its own.
func (r *rig) open(name string, c store.Config) *store.Redis {
	c.Time, c.Dial, c.Address = r.clock, r.newHost(name).Dial, "store:6379"
	s := store.NewRedis(c)
	r.opened = append(r.opened, s)
	return s
}

func (r *rig) sleep(d time.Duration) { r.clock.Sleep(context.Background(), vtime.Key{A: 1 << 50}, d) }

// key returns a key that no other has.
func (r *rig) key() vtime.Key {
	r.serial++
	return vtime.Key{A: 1 << 48, B: r.serial}
}

// crowd lets n goroutines do f at once, and waits for them.
func (r *rig) crowd(n int, f func(i int, key vtime.Key)) {
	done := make(chan struct{})
	for i := range n {
		key := r.key()
		r.clock.Go(key, func() {
			f(i, key)
			done <- struct{}{}
		})
	}
	for range n {
		<-done
	}
}

type key = vtime.Key

// always is a service time.
func always(d time.Duration) scenarios.DurationDist { return scenarios.Always(scenarios.Duration(d)) }

func id(i int) string { return fmt.Sprintf("session-%d", i) }
