package transport

import (
	"context"
	"errors"
	"time"

	"protosim/model/vtime"
)

// Heartbeat is how a client finds out that nobody is there any more on a
// socket: by pings. The zero value sends none.
type Heartbeat struct {
	Interval time.Duration // between two pings; 0 for none
	Timeout  time.Duration // for the pong
	First    time.Duration // before the first ping
}

// ErrHeartbeat is the end of a socket on which a ping was not answered in time.
var ErrHeartbeat = errors.New("transport: no pong in time")

// heartbeatKeys keeps heartbeats apart from all else that a client does.
const heartbeatKeys = 1 << 33

// beat pings until the socket ends, and ends it when there is no answer.
func (c *socketClient) beat(s *clientSocket, key vtime.Key) {
	h := c.Heartbeat
	if c.Clock.Sleep(s.over, key, h.First) != nil {
		return
	}
	for {
		ctx, cancel := c.Clock.WithTimeout(s.over, key, h.Timeout)
		err := s.conn.Ping(ctx)
		late := context.Cause(ctx) == context.DeadlineExceeded
		cancel()
		if s.over.Err() != nil {
			return
		}
		if err != nil {
			if late {
				s.mu.Lock()
				s.cause = ErrHeartbeat
				s.mu.Unlock()
			}
			s.conn.CloseNow()
			return
		}
		if c.Clock.Sleep(s.over, key, h.Interval) != nil {
			return
		}
	}
}
