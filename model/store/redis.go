package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"protosim/model/random"
	"protosim/model/retry"
	"protosim/model/server"
	"protosim/model/vtime"
)

// Config tells how a server talks to a Redis. The zero value of a field means
// the default.
type Config struct {
	Time    vtime.Time                                                        // required
	Dial    func(ctx context.Context, network, addr string) (net.Conn, error) // required: a host's
	Address string                                                            // required: "store:6379"

	// TTL is how long a session lives that is not used. Default for ever.
	TTL time.Duration
	// Timeout is how long an operation may take, with its waiting for a
	// connection and all its attempts. Default 5 s.
	Timeout time.Duration
	// Connections is how many there may be at a time. Operations that find none
	// free wait in a queue. Default 10.
	Connections int
	// Retry says what to do when the connection fails or a dial does. Default
	// three retries with full jitter from 10 ms to 1 s.
	Retry retry.Behaviour
	// Seed makes the jitter.
	Seed uint64
}

// Redis keeps sessions in a Redis, which it asks by means of go-redis. An
// operation whose context ends while it waits for the store's answer returns
// when that comes, or at the timeout: that is how go-redis is.
type Redis struct {
	config Config
	client *redis.Client
	turns  *server.Station // one for each connection
	stats  statsKeeper
}

// keyPrefix stands before the identity of a session.
const keyPrefix = "session:"

// NewRedis returns a Redis that has not connected yet.
func NewRedis(c Config) *Redis {
	c.Timeout = cmp.Or(c.Timeout, 5*time.Second)
	c.Connections = cmp.Or(c.Connections, 10)
	if c.Retry == (retry.Behaviour{}) {
		c.Retry = retry.Behaviour{
			Policy: retry.Policy{Kind: retry.FullJitter, Base: 10 * time.Millisecond, Cap: time.Second},
			Limit:  retry.Limit{Attempts: 4},
		}
	}
	r := &Redis{config: c, turns: server.NewStation(c.Time, c.Connections, maxWaiting)}
	r.client = redis.NewClient(options(c))
	return r
}

// maxWaiting is more than there can be operations at a time.
const maxWaiting = 1 << 30

// Create begins a session.
func (r *Redis) Create(ctx context.Context, key vtime.Key, id string, size int) error {
	return r.Save(ctx, key, Session{ID: id, Size: size})
}

// Load returns a session.
func (r *Redis) Load(ctx context.Context, key vtime.Key, id string) (Session, error) {
	var b []byte
	err := r.operate(ctx, key, func(ctx context.Context) error {
		var get *redis.StringCmd
		if r.config.TTL > 0 {
			get = r.client.GetEx(ctx, keyPrefix+id, r.config.TTL)
		} else {
			get = r.client.Get(ctx, keyPrefix+id)
		}
		var err error
		b, err = get.Bytes()
		return err
	})
	if err != nil {
		return Session{}, err
	}
	return decode(id, b)
}

// Save writes a session back.
func (r *Redis) Save(ctx context.Context, key vtime.Key, s Session) error {
	b := s.encode()
	return r.operate(ctx, key, func(ctx context.Context) error {
		return r.client.Set(ctx, keyPrefix+s.ID, b, r.config.TTL).Err()
	})
}

// Delete forgets a session.
func (r *Redis) Delete(ctx context.Context, key vtime.Key, id string) error {
	return r.operate(ctx, key, func(ctx context.Context) error {
		return r.client.Del(ctx, keyPrefix+id).Err()
	})
}

// Close ends the connections, and with them the operations under way.
func (r *Redis) Close() error { return r.client.Close() }

// operate carries out one operation, with retries, and counts it.
func (r *Redis) operate(outer context.Context, key vtime.Key, f func(context.Context) error) error {
	began := r.config.Time.Now()
	ctx, cancel := r.config.Time.WithTimeout(outer, key, r.config.Timeout)
	defer cancel()
	ctx = deadlined{ctx, time.Now().Add(r.config.Timeout)}
	retries, err := r.persist(ctx, key, began, f)
	switch {
	case err == nil:
	case errors.Is(err, redis.Nil):
		err = ErrNotFound
	case outer.Err() != nil:
		err = context.Cause(outer)
	default:
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	r.stats.ended(r.config.Time.Now()-began, retries, err)
	return err
}

// persist attempts an operation until it succeeds or is to be given up, and
// returns how often it has attempted it again.
func (r *Redis) persist(ctx context.Context, key vtime.Key, began time.Duration, f func(context.Context) error) (retries int, err error) {
	var series *retry.Series
	for stale := 0; ; retries++ {
		if err = r.attempt(ctx, key, f); err == nil || answered(err) || ctx.Err() != nil || errors.Is(err, redis.ErrClosed) {
			return retries, err
		}
		// A connection that was good when it was last used may have ended since,
		// as all do when the store crashes. That is no reason to wait.
		if !errors.As(err, new(*dialError)) && stale < r.config.Connections {
			stale++
			continue
		}
		if series == nil {
			series = r.config.Retry.Begin(began, random.New(r.config.Seed, "store retry", key.A, key.B, uint64(began)))
		}
		wait, again := series.Failed(r.config.Time.Now())
		if !again {
			return retries, err
		}
		if r.config.Time.Sleep(ctx, key, wait) != nil {
			return retries, err
		}
	}
}

// attempt carries out one operation on one connection.
func (r *Redis) attempt(ctx context.Context, key vtime.Key, f func(context.Context) error) error {
	r.config.Time.Yield(key)
	if err := r.turns.Enter(ctx); err != nil {
		return err
	}
	defer r.turns.Leave()
	// Who left the turn goes on in the same instant.
	r.config.Time.Yield(key)
	return f(ctx)
}

// answered reports whether err is the store's own answer: asking again would
// give the same one.
func answered(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// deadlined adds the deadline to a context that ends by virtual time, for the
// connection's own.
type deadlined struct {
	context.Context
	at time.Time
}

func (d deadlined) Deadline() (time.Time, bool) { return d.at, true }
