package store_test

import (
	"errors"
	"testing"
	"time"

	"protosim/model/store"
)

// One operation is carried out at a time, so n at once on connections that are
// open take n service times, and a round trip.
func TestQueueing(t *testing.T) {
	play(t, store.ServerConfig{Service: always(10 * ms)}, func(r *rig) {
		const n = 20
		s := r.open("server", store.Config{Connections: n})
		load := func(i int, key key) { s.Load(ctx, key, id(i)) }
		r.crowd(n, load) // opens connections
		began := r.clock.Now()
		r.crowd(n, load)
		if took := r.clock.Now() - began; took != 202*ms {
			t.Errorf("%d operations took %v, want 202ms", n, took)
		}
		if wait := r.server.Stats().Wait.Max(); wait != 190*ms {
			t.Errorf("the longest wait was %v, want 190ms", wait)
		}
		// Another server's operations stand in the same queue.
		other := r.open("other", store.Config{})
		other.Load(ctx, r.key(), "a")
		began = r.clock.Now()
		r.crowd(n+1, func(i int, key key) {
			if i < n {
				load(i, key)
				return
			}
			other.Load(ctx, key, "a")
		})
		if took := r.clock.Now() - began; took != 212*ms {
			t.Errorf("%d operations of two servers took %v, want 212ms", n+1, took)
		}
		r.server.Slow(3)
		began = r.clock.Now()
		r.crowd(n, load)
		if took := r.clock.Now() - began; took != 602*ms {
			t.Errorf("%d operations of a store three times as slow took %v, want 602ms", n, took)
		}
	})
}

// With fewer connections than operations, these wait for one another on the
// server's side, in order.
func TestFewConnections(t *testing.T) {
	play(t, store.ServerConfig{Service: always(10 * ms)}, func(r *rig) {
		s := r.open("server", store.Config{Connections: 1})
		s.Load(ctx, r.key(), "a")
		opened := r.Host("server").Stats().Opened
		var order []int
		began := r.clock.Now()
		r.crowd(10, func(i int, key key) {
			s.Load(ctx, key, "a")
			order = append(order, i)
		})
		if took := r.clock.Now() - began; took != 120*ms { // ten times 10 ms and a round trip
			t.Errorf("ten operations on one connection took %v, want 120ms", took)
		}
		for i := range order {
			if order[i] != i {
				t.Fatalf("order %v", order)
			}
		}
		if now := r.Host("server").Stats().Opened; now != opened {
			t.Errorf("%d connections opened more", now-opened)
		}
	})
}

// An operation on an open connection adds a round trip and the service time to
// a request; the first also two round trips to connect.
func TestLatency(t *testing.T) {
	play(t, store.ServerConfig{Service: always(3 * ms)}, func(r *rig) {
		s := r.open("server", store.Config{})
		for range 100 {
			check(t, s.Create(ctx, r.key(), "a", 100))
		}
		stats := s.Stats()
		// TCP's handshake, HELLO with its service time, and the operation itself.
		if max := stats.Latency.Max(); max != 12*ms {
			t.Errorf("the first operation took %v, want 12ms", max)
		}
		if p50 := stats.Latency.Quantile(.5); p50 != 5*ms {
			t.Errorf("operations take %v, want 5ms", p50)
		}
		if stats.Operations != 100 || stats.Latency.Count() != 100 {
			t.Errorf("%d operations, %d latencies", stats.Operations, stats.Latency.Count())
		}
	})
}

// Sessions expire exactly when they have not been used for their TTL.
func TestExpiryTime(t *testing.T) {
	const ttl = 30 * time.Minute
	play(t, store.ServerConfig{}, func(r *rig) {
		s := r.open("server", store.Config{TTL: ttl})
		memory := store.NewMemory(r.clock, ttl)
		for _, s := range []store.Sessions{s, memory} {
			for name, use := range map[string]func(){
				"loading": func() { expect(t, s, store.Session{ID: "a", Size: 9}) },
				"saving":  func() { check(t, s.Save(ctx, r.key(), store.Session{ID: "a", Size: 9})) },
			} {
				check(t, s.Create(ctx, r.key(), "a", 9))
				for range 3 { // used often enough it lives on
					r.sleep(ttl - 10*ms)
					use()
				}
				r.sleep(ttl)
				if _, err := s.Load(ctx, r.key(), "a"); err != store.ErrNotFound {
					t.Errorf("%T: %v after the last %s, Load gives %v", s, ttl, name, err)
				}
			}
		}
		if stats := r.server.Stats(); stats.Keys != 0 || stats.Bytes != 0 || stats.Expired != 2 {
			t.Errorf("after all, %+v", stats)
		}
		if memory.Len() != 0 || memory.Bytes() != 0 {
			t.Errorf("memory has %d sessions of %d bytes", memory.Len(), memory.Bytes())
		}
	})
}

// A full store refuses writes, and still answers reads and deletes.
func TestNoEviction(t *testing.T) {
	play(t, store.ServerConfig{Memory: 100_000}, func(r *rig) {
		s := r.open("server", store.Config{})
		kept := 0
		var err error
		for ; kept < 1000 && err == nil; kept++ {
			err = s.Create(ctx, r.key(), id(kept), 1000)
		}
		kept--
		if !errors.Is(err, store.ErrUnavailable) || kept < 85 || kept > 95 {
			t.Fatalf("after %d sessions of 1000 bytes in 100000: %v", kept, err)
		}
		expect(t, s, store.Session{ID: id(0), Size: 1000})
		for i := range 5 {
			check(t, s.Delete(ctx, r.key(), id(i)))
		}
		check(t, s.Create(ctx, r.key(), "new", 1000))
		if stats := r.server.Stats(); stats.Refused != 1 || stats.Evicted != 0 {
			t.Errorf("%d commands refused, %d keys evicted", stats.Refused, stats.Evicted)
		}
	})
}

// A full store that evicts forgets the session that was not used for longest.
func TestEviction(t *testing.T) {
	play(t, store.ServerConfig{Memory: 100_000, Eviction: store.LRU}, func(r *rig) {
		s := r.open("server", store.Config{TTL: time.Hour})
		for i := range 200 {
			check(t, s.Create(ctx, r.key(), id(i), 1000))
			expect(t, s, store.Session{ID: id(0), Size: 1000}) // used all the time
		}
		stats := r.server.Stats()
		if stats.Evicted+stats.Keys != 200 || stats.Bytes > 102_000 || stats.BytesPeak > 102_000 {
			t.Errorf("%+v", stats)
		}
		for i := 1; i < 200; i++ {
			want := error(nil)
			if i <= stats.Evicted {
				want = store.ErrNotFound
			}
			if _, err := s.Load(ctx, r.key(), id(i)); err != want {
				t.Fatalf("session %d of 200 with %d evicted: %v, want %v", i, stats.Evicted, err, want)
			}
		}
	})
}
