package store

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	"protosim/model/random"
	"protosim/model/result"
	"protosim/model/server"
	"protosim/model/vtime"
	"protosim/scenarios"
)

// ServerConfig tells how a Redis server behaves. The zero value of a field
// means the default.
type ServerConfig struct {
	Time vtime.Time // required
	// Service is how long a command takes. One is carried out at a time.
	// Default 0.
	Service scenarios.DurationDist
	// Memory is how much may be used, in bytes. Default no limit.
	Memory int
	// Eviction says what happens then. Default NoEviction.
	Eviction Eviction
	// Persistent keeps the data through a crash.
	Persistent bool
	// Seed makes the service times.
	Seed uint64
}

// Server is a Redis: its data, and while it runs its process. It speaks the
// Redis protocol (RESP2 and RESP3) on any listener.
type Server struct {
	config  ServerConfig
	trouble server.Trouble

	mu      sync.Mutex
	process *process // nil while it does not run
	data    *database
	stats   ServerStats
	clients int64
}

// ServerStats tells what a server has done since it was made.
type ServerStats struct {
	Commands  int            // carried out, those that set up connections included
	Refused   int            // of them: answered with an error
	Keys      int            // held now
	Bytes     int            // of memory used for them
	BytesPeak int            // most at a time
	Evicted   int            // keys that made room for others
	Expired   int            // keys whose time was over
	Lost      int            // keys lost in crashes
	Wait      result.Latency // of each command, for those before it
}

// NewServer returns a server without data that does not run yet.
func NewServer(c ServerConfig) *Server {
	return &Server{config: c, data: newDatabase(c.Memory, c.Eviction)}
}

// Serve starts the server's process, which accepts connections from l until
// Close or Crash. It does not block. It panics if the server runs already.
func (s *Server) Serve(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		panic("store: Server.Serve while it is serving")
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.process = &process{
		server:   s,
		listener: l,
		ctx:      ctx,
		cancel:   cancel,
		station:  server.NewStation(s.config.Time, 1, maxWaiting),
		service:  func() time.Duration { return 0 },
	}
	if draw := random.New(s.config.Seed, "store service"); s.config.Service.Shape != "" {
		s.process.service = func() time.Duration { return time.Duration(random.Draw(s.config.Service, draw)) }
	}
	s.config.Time.Go(keyOf(l, acceptKey), s.process.accept)
}

// Close ends the process and its connections, and keeps the data.
func (s *Server) Close() { s.end(true, true) }

// Crash kills the process: its connections are reset, commands under way have
// no effect, and the data is gone unless it is persistent. Serve starts it
// again. It may be called on the conductor, in an event that wakes, before or
// after the host's own Crash.
func (s *Server) Crash() { s.end(s.config.Persistent, false) }

// Slow multiplies service times by factor until end is called.
func (s *Server) Slow(factor int) (end func()) { return s.trouble.Slow(factor) }

// Slowed reports whether service times are longer than usual.
func (s *Server) Slowed() bool {
	slow, _ := s.trouble.State()
	return slow
}

func (s *Server) end(keep, orderly bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !keep {
		lost := s.data
		lost.expire(s.config.Time.Now())
		s.stats.Lost += len(lost.entries)
		s.data = newDatabase(s.config.Memory, s.config.Eviction)
		s.data.evicted, s.data.expired = lost.evicted, lost.expired
	}
	if p := s.process; p != nil {
		s.process = nil
		s.stats.Wait.Merge(&p.station.Stats().Wait)
		p.end(orderly)
	}
}

// Stats returns the counts so far.
func (s *Server) Stats() *ServerStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data.expire(s.config.Time.Now())
	stats := s.stats
	stats.Wait = result.Latency{}
	stats.Wait.Merge(&s.stats.Wait)
	if s.process != nil {
		stats.Wait.Merge(&s.process.station.Stats().Wait)
	}
	stats.Keys, stats.Bytes = len(s.data.entries), s.data.bytes
	stats.Evicted, stats.Expired = s.data.evicted, s.data.expired
	return &stats
}

// execute carries out one command, and reports whether the process still runs.
func (s *Server) execute(p *process, client *connection, args [][]byte, out *reply) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != p {
		return false
	}
	out.resp3 = client.resp3
	at := len(out.b)
	c := call{
		reply:  out,
		typed:  string(args[0]),
		name:   strings.ToLower(string(args[0])),
		args:   args[1:],
		now:    s.config.Time.Now(),
		data:   s.data,
		client: client,
	}
	c.dispatch()
	s.stats.Commands++
	if out.b[at] == '-' {
		s.stats.Refused++
	}
	s.stats.BytesPeak = max(s.stats.BytesPeak, s.data.bytes)
	return true
}
