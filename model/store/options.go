package store

import (
	"context"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"protosim/model/vtime"
)

// options sets up go-redis so that nothing in it happens by chance, in the
// background or by another clock than the run's. Its retries, its queue for
// connections and its timeout for dials are replaced by those of this package.
func options(c Config) *redis.Options {
	return &redis.Options{
		Addr: c.Address,
		Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return dial(ctx, c, network, addr), nil
		},
		Protocol:              2,    // RESP3 would only add push notifications
		DisableIdentity:       true, // CLIENT SETINFO tells the version of Go, whose length varies
		MaxRetries:            -1,   // its backoff draws from the global math/rand
		DialTimeout:           -1,
		DialerRetries:         1,
		ReadTimeout:           c.Timeout,
		WriteTimeout:          c.Timeout,
		ContextTimeoutEnabled: true,
		// More than there are turns, because its own queue serves in no order.
		PoolSize:         2*c.Connections + 2,
		PipelinePoolSize: -1,
		ConnMaxIdleTime:  -1,
		ReadBufferSize:   4 << 10,
		WriteBufferSize:  4 << 10,
		MaintNotificationsConfig: &maintnotifications.Config{
			Mode: maintnotifications.ModeDisabled,
		},
	}
}

// dial connects to the store. Where that fails, it returns a connection on
// which everything does: go-redis would answer dials that fail with a
// goroutine that dials every second until it succeeds, and outlives Close.
func dial(ctx context.Context, c Config, network, addr string) net.Conn {
	limited, cancel := c.Time.WithTimeout(ctx, vtime.Key{}, c.Timeout)
	defer cancel()
	conn, err := c.Dial(limited, network, addr)
	if err != nil {
		return &unconnected{&dialError{err}}
	}
	return established{conn}
}

// dialError tells a failed dial from a connection that has failed.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// established hides what a connection is made of from go-redis, which would
// look at sockets of the kernel before it reuses them.
type established struct{ net.Conn }

// unconnected is a connection that never came to be.
type unconnected struct{ err error }

// Read fails.
func (u *unconnected) Read([]byte) (int, error) { return 0, u }

// Write fails.
func (u *unconnected) Write([]byte) (int, error) { return 0, u }

// Close does nothing.
func (*unconnected) Close() error { return nil }

// LocalAddr returns no address.
func (*unconnected) LocalAddr() net.Addr { return &net.TCPAddr{} }

// RemoteAddr returns no address.
func (*unconnected) RemoteAddr() net.Addr { return &net.TCPAddr{} }

// SetDeadline does nothing.
func (*unconnected) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (*unconnected) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (*unconnected) SetWriteDeadline(time.Time) error { return nil }

// Error makes the connection itself the error of its calls: go-redis unwraps
// the first one once.
func (u *unconnected) Error() string { return u.err.Error() }

// Unwrap returns the dial's error.
func (u *unconnected) Unwrap() error { return u.err }
