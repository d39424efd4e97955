package store_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"protosim/model/retry"
	"protosim/model/store"
)

var ctx = context.Background()

// quick has no patience: one retry after 10 ms.
var quick = retry.Behaviour{
	Policy: retry.Policy{Kind: retry.Constant, Base: 10 * ms},
	Limit:  retry.Limit{Attempts: 2},
}

// While the store is down, operations fail as unavailable once their retries
// are used up, and when it is back its data is gone.
func TestCrash(t *testing.T) {
	play(t, store.ServerConfig{}, func(r *rig) {
		s := r.open("server", store.Config{Retry: quick})
		r.crowd(5, func(i int, key key) { check(t, s.Create(ctx, key, id(i), 100)) })
		r.crash(0)
		r.sleep(time.Second)
		began := r.clock.Now()
		_, err := s.Load(ctx, r.key(), id(0))
		if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("with the store down, Load gives %v", err)
		}
		// Two dials of a round trip each, 10 ms apart.
		if took := r.clock.Now() - began; took != 14*ms {
			t.Errorf("that took %v, want 14ms", took)
		}
		if lost := r.server.Stats().Lost; lost != 5 {
			t.Errorf("%d sessions lost, want 5", lost)
		}
		r.sleep(time.Second)
		r.serve()
		if _, err := s.Load(ctx, r.key(), id(0)); err != store.ErrNotFound {
			t.Errorf("after the crash, Load gives %v, want %v", err, store.ErrNotFound)
		}
		check(t, s.Create(ctx, r.key(), id(0), 100))
		stats := s.Stats()
		if stats.Operations != 8 || stats.Errors != 1 || stats.NotFound != 1 {
			t.Errorf("stats %+v", stats)
		}
	})
}

// A persistent store has its data after a crash. The server's connections are
// all stale then, more of them than it has retries, and no operation fails.
func TestPersistentCrash(t *testing.T) {
	play(t, store.ServerConfig{Persistent: true, Service: always(ms)}, func(r *rig) {
		s := r.open("server", store.Config{Retry: quick, Connections: 8})
		r.crowd(20, func(i int, key key) { check(t, s.Create(ctx, key, id(i), 100)) })
		r.crash(time.Second)
		r.crowd(20, func(i int, key key) {
			if _, err := s.Load(ctx, key, id(i)); err != nil {
				t.Errorf("session %d: %v", i, err)
			}
		})
		if s.Stats().Errors != 0 || s.Stats().Retries == 0 {
			t.Errorf("%d errors, %d retries", s.Stats().Errors, s.Stats().Retries)
		}
		if stats := r.server.Stats(); stats.Lost != 0 || stats.Keys != 20 {
			t.Errorf("%d keys lost, %d left", stats.Lost, stats.Keys)
		}
	})
}

// Commands that wait or are carried out when the store crashes have no effect,
// and operations on them go on when it is back.
func TestCrashInFlight(t *testing.T) {
	play(t, store.ServerConfig{Service: always(10 * ms)}, func(r *rig) {
		s := r.open("server", store.Config{Retry: retry.Behaviour{Policy: retry.Policy{Kind: retry.Constant, Base: 50 * ms}}})
		done := 0
		for i := range 10 {
			key := r.key()
			r.clock.Go(key, func() {
				check(t, s.Create(ctx, key, id(i), 100))
				done++
			})
		}
		r.sleep(155 * ms) // ten connections take 100 ms to set up
		before := done
		r.crash(100 * ms)
		if before == 0 || before == 10 {
			t.Errorf("%d operations done before the crash, want some", before)
		}
		r.sleep(time.Second)
		if stats := r.server.Stats(); done != 10 || stats.Lost != before || stats.Keys != 10-before {
			t.Errorf("%d done, %d before the crash; %d keys lost and %d left", done, before, stats.Lost, stats.Keys)
		}
	})
}

// A store that has vanished is found out by the timeout, and by nothing else.
func TestVanished(t *testing.T) {
	play(t, store.ServerConfig{}, func(r *rig) {
		s := r.open("server", store.Config{Timeout: 300 * ms})
		check(t, s.Create(ctx, r.key(), "a", 100))
		r.onConductor(r.host.Vanish)
		// On the connection that there is, and on new ones.
		r.crowd(3, func(_ int, key key) {
			began := r.clock.Now()
			_, err := s.Load(ctx, key, "a")
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("Load gives %v", err)
			}
			if took := r.clock.Now() - began; took != 300*ms {
				t.Errorf("that took %v, want the timeout", took)
			}
		})
		if max := s.Stats().Latency.Max(); max != 300*ms {
			t.Errorf("the longest latency is %v, want the timeout", max)
		}
		r.onConductor(r.host.Return)
		r.sleep(10 * time.Second)
		expect(t, s, store.Session{ID: "a", Size: 100})
	})
}

// Who gives up waits no longer; the operation counts as abandoned and takes no
// connection for good.
func TestAbandoned(t *testing.T) {
	play(t, store.ServerConfig{Service: always(200 * ms)}, func(r *rig) {
		s := r.open("server", store.Config{Connections: 1})
		check(t, s.Create(ctx, r.key(), "a", 100))
		r.crowd(4, func(_ int, key key) {
			limited, cancel := r.clock.WithTimeout(ctx, key, 50*ms)
			defer cancel()
			if _, err := s.Load(limited, key, "a"); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Load gives %v", err)
			}
		})
		expect(t, s, store.Session{ID: "a", Size: 100})
		if stats := s.Stats(); stats.Errors != 0 || stats.Abandoned == 0 {
			t.Errorf("%d errors, %d abandoned", stats.Errors, stats.Abandoned)
		}
	})
}

// A store behind a name that does not exist, or that is no Redis.
func TestNoStore(t *testing.T) {
	play(t, store.ServerConfig{}, func(r *rig) {
		h := r.newHost("server")
		s := store.NewRedis(store.Config{Time: r.clock, Dial: h.Dial, Address: "nowhere:6379", Retry: quick})
		defer s.Close()
		if err := s.Create(ctx, r.key(), "a", 1); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("without a store: %v", err)
		}
	})
	play(t, store.ServerConfig{}, func(r *rig) {
		r.server.Close()
		l, _ := r.host.Listen(":6379")
		r.clock.Go(r.key(), func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				c.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n"))
				c.Close()
			}
		})
		s := r.open("server", store.Config{Retry: quick})
		if err := s.Create(ctx, r.key(), "a", 1); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("with something else behind the port: %v", err)
		}
		l.Close()
	})
}

// Closing a client, as the crash of its server does, ends what is under way.
func TestCloseUnderWay(t *testing.T) {
	play(t, store.ServerConfig{Service: always(time.Second)}, func(r *rig) {
		s := r.open("server", store.Config{Connections: 2})
		r.clock.Go(r.key(), func() {
			r.sleep(1500 * ms)
			s.Close()
		})
		r.crowd(5, func(_ int, key key) {
			if err := s.Create(ctx, key, "a", 1); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("an operation of a closed client ends with %v", err)
			}
			if now := r.clock.Now(); now != 1500*ms {
				t.Errorf("at %v, want when the client was closed", now)
			}
		})
	})
}
