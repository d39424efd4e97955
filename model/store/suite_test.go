package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"protosim/model/store"
	"protosim/model/vtime"
)

// place is a kind of Sessions to be tested: what every one of them must do.
type place struct {
	time vtime.Time
	// open returns another user of the same sessions.
	open func(store.Config) store.Sessions
	// pass lets at least so much time go by.
	pass func(time.Duration)
}

// suite is what an application may rely on, whatever keeps its sessions.
func suite(t *testing.T, run func(*testing.T, func(*testing.T, place))) {
	ctx := context.Background()
	key := func(i int) vtime.Key { return vtime.Key{A: 1 << 47, B: uint64(i)} }
	for name, test := range map[string]func(*testing.T, place){
		"a session's life": func(t *testing.T, p place) {
			s := p.open(store.Config{TTL: time.Hour})
			if _, err := s.Load(ctx, key(1), "a"); err != store.ErrNotFound {
				t.Errorf("loading what was never created gives %v", err)
			}
			check(t, s.Create(ctx, key(1), "a", 1000))
			want := store.Session{ID: "a", Size: 1000}
			expect(t, s, want)
			want.Sequence = 41
			check(t, s.Save(ctx, key(1), want))
			want.Sequence++
			check(t, s.Save(ctx, key(1), want))
			check(t, s.Create(ctx, key(1), "b", 10))
			expect(t, s, want)
			for range 2 { // the second time there is nothing to delete
				check(t, s.Delete(ctx, key(1), "a"))
			}
			if _, err := s.Load(ctx, key(1), "a"); err != store.ErrNotFound {
				t.Errorf("loading what was deleted gives %v", err)
			}
			expect(t, s, store.Session{ID: "b", Size: 10})
			check(t, s.Create(ctx, key(1), "b", 20))
			expect(t, s, store.Session{ID: "b", Size: 20})
		},
		"sizes": func(t *testing.T, p place) {
			s := p.open(store.Config{})
			for _, size := range []int{1, 2, 20, 21, 1000, 4095, 4096, 100_000, 3_000_000} {
				check(t, s.Create(ctx, key(1), "a", size))
				expect(t, s, store.Session{ID: "a", Size: size})
			}
			odd := store.Session{ID: "a\r\n \x00\"", Size: 40, Sequence: 1<<64 - 1}
			check(t, s.Save(ctx, key(1), odd))
			expect(t, s, odd)
		},
		"expiry": func(t *testing.T, p place) {
			s := p.open(store.Config{TTL: 50 * ms})
			check(t, s.Create(ctx, key(1), "a", 100))
			p.pass(100 * ms)
			if _, err := s.Load(ctx, key(1), "a"); err != store.ErrNotFound {
				t.Errorf("loading what has expired gives %v", err)
			}
			p.open(store.Config{}).Create(ctx, key(1), "b", 100) // for ever
			p.pass(100 * ms)
			expect(t, p.open(store.Config{}), store.Session{ID: "b", Size: 100})
		},
		"an ended context": func(t *testing.T, p place) {
			s := p.open(store.Config{})
			reason := errors.New("gone")
			ended, end := context.WithCancelCause(ctx)
			end(reason)
			_, load := s.Load(ended, key(1), "a")
			for _, err := range []error{load, s.Create(ended, key(1), "a", 1), s.Save(ended, key(1), store.Session{}), s.Delete(ended, key(1), "a")} {
				if err != reason {
					t.Errorf("with an ended context the error is %v, want its cause", err)
				}
			}
			if _, err := s.Load(ctx, key(1), "a"); err != store.ErrNotFound {
				t.Errorf("an operation that was not to begin had an effect: %v", err)
			}
		},
		"many at a time": func(t *testing.T, p place) {
			s := p.open(store.Config{Connections: 3})
			var wg sync.WaitGroup
			for i := range 40 {
				wg.Add(1)
				p.time.Go(key(i), func() {
					defer wg.Done()
					session := store.Session{ID: fmt.Sprint(i), Size: 100 + i}
					check(t, s.Create(ctx, key(i), session.ID, session.Size))
					for range 5 {
						session.Sequence++
						check(t, s.Save(ctx, key(i), session))
						got, err := s.Load(ctx, key(i), session.ID)
						if err != nil || got != session {
							t.Errorf("loaded %+v, %v; want %+v", got, err, session)
						}
					}
				})
			}
			wg.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) { run(t, test) })
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// expect loads a session and compares it.
func expect(t testing.TB, s store.Sessions, want store.Session) {
	t.Helper()
	got, err := s.Load(context.Background(), vtime.Key{A: 1 << 46}, want.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("loaded %+v, %v; want %+v", got, err, want)
	}
}

func TestMemory(t *testing.T) {
	suite(t, func(t *testing.T, test func(*testing.T, place)) {
		check(t, vtime.Run(context.Background(), func(c *vtime.Clock) error {
			memories := map[time.Duration]*store.Memory{}
			test(t, place{
				time: c,
				open: func(config store.Config) store.Sessions {
					if memories[config.TTL] == nil {
						memories[config.TTL] = store.NewMemory(c, config.TTL)
					}
					return memories[config.TTL]
				},
				pass: func(d time.Duration) { c.Sleep(context.Background(), vtime.Key{}, d) },
			})
			return nil
		}))
	})
}

func TestRedisSimulated(t *testing.T) {
	suite(t, func(t *testing.T, test func(*testing.T, place)) {
		play(t, store.ServerConfig{Service: always(50 * time.Microsecond)}, func(r *rig) {
			test(t, place{
				time: r.clock,
				open: func(c store.Config) store.Sessions { return r.open(fmt.Sprint("server-", len(r.opened)), c) },
				pass: r.sleep,
			})
		})
	})
}
