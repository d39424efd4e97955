package scenarios

// Balancer is what stands between the clients and several servers. Clients
// dial it by the page's host name, www; the servers are www-1, www-2 and so on.
type Balancer struct {
	// Kind is "l7" for a reverse proxy that balances requests, "l4" for one
	// that balances connections and splices their bytes, and "none" where
	// clients reach the one server themselves. Default none.
	Kind string `json:"kind" enum:"none,l7,l4"`
	// Policy chooses a server for each request (l7) or connection (l4).
	// Default round-robin.
	Policy string `json:"policy" enum:"round-robin,random,least-connections,two-choices,consistent-hash"`
	// Affinity sends a client to the server that it had before: by a "cookie"
	// (l7 only) or by its "source" address. Default none.
	Affinity string `json:"affinity" enum:"none,cookie,source"`
	// Upgrade lets an l7 balancer forward the Upgrade header, without which no
	// WebSocket gets through. nginx does not unless told to. Default false.
	Upgrade bool `json:"upgrade"`
	// IdleTimeout closes a connection on which nothing moves; 0 for never.
	// Range 0 to 24h. Default 1m, as nginx and AWS have it.
	IdleTimeout Duration `json:"idle_timeout" range:"0..24h"`
	// HealthInterval is the time between two health checks of a server; 0 for
	// none. Three failures take it out, two successes bring it back. Range 0
	// to 1h. Default 2s.
	HealthInterval Duration `json:"health_interval" range:"0..1h"`
	// Retries is how often the balancer sends a request that may be repeated
	// to another server when one fails. Range 0 to 10. Default 1.
	Retries int `json:"retries" range:"0..10"`
	// SlowStart lets the share of a server that comes back grow over this
	// time. Range 0 to 1h. Default 0.
	SlowStart Duration `json:"slow_start" range:"0..1h"`
	// MaxFails requests or connections that fail within FailTimeout take a
	// server out for FailTimeout, unless no other is left; 0 for never. Range 0
	// to 1000. Default 1, as nginx has it.
	MaxFails int `json:"max_fails" range:"0..1000"`
	// FailTimeout goes with MaxFails. Range 1ms to 1h. Default 10s, as nginx has it.
	FailTimeout Duration `json:"fail_timeout" range:"1ms..1h"`
	// ConnectTimeout is how long a connection to a server may take to open.
	// Range 1ms to 1h. Default 1m, as nginx has it.
	ConnectTimeout Duration `json:"connect_timeout" range:"1ms..1h"`
	// KeepAlive is how many idle connections an l7 balancer keeps to each
	// server; 0 for none. Range 0 to 100000. Default 32, as nginx has it.
	KeepAlive int `json:"keep_alive" range:"0..100000"`
	// KeepAliveTimeout is how long it keeps them. Range 1ms to 24h. Default 1m.
	KeepAliveTimeout Duration `json:"keep_alive_timeout" range:"1ms..24h"`
	// MaxConnections of clients are served at a time; on others an l7 balancer
	// answers 503, and an l4 balancer resets them. 0 for no limit. Range 0 to
	// 1000000. Default 0.
	MaxConnections int `json:"max_connections" range:"0..1000000"`
	// MaxHeaders is the size of a request's headers beyond which an l7 balancer
	// answers 431, to which net/http adds 4 KiB. Range 1kB to 1MB. Default 32kB,
	// as nginx has it.
	MaxHeaders Size `json:"max_headers" range:"1kB..1MB"`
}

// Session is what a client does where the workload is "session": it logs in,
// acts now and then for as long as the session lasts, and comes back when it
// is thrown off.
type Session struct {
	// State says where the servers keep what they know of a session: "memory"
	// of the server that it began at, a shared "store", or "client" where the
	// client carries it in a signed token. "auto" is memory for sockets and
	// client for HTTP, the usual designs. Default auto.
	State string `json:"state" enum:"auto,memory,store,client"`
	// Size is the size of that state. Range 1B to 1MB. Default 2kB.
	Size Size `json:"size" range:"1B..1MB"`
	// Length is how long a session lasts from its first login; 0 until the
	// run's end. Range 0 to 24h. Default 0.
	Length Duration `json:"length" range:"0..24h"`
	// Interval is the pause between two actions. Range 1ms to 24h. Default
	// between 500ms and 1500ms.
	Interval DurationDist `json:"interval" range:"1ms..24h"`
	// Request is the size of an action's request body. Range 0 to 1MB. Default 0.
	Request Size `json:"request" range:"0..1MB"`
	// Response is the size of an action's response body. Range 0 to 10MB. Default 1kB.
	Response SizeDist `json:"response" range:"0..10MB"`
	// Resume lets clients that come back go on with their session, by its token.
	// Without it they log in and begin anew. Default true.
	Resume *bool `json:"resume"`
	// Login is how long a server works on a login, holding one of its slots.
	// Range 0 to 1h. Default 20ms.
	Login DurationDist `json:"login" range:"0..1h"`
	// Unsafe makes actions non-idempotent (POST): a transport may not repeat
	// them by itself, and clients do not either. Default false.
	Unsafe bool `json:"unsafe"`
}

// Backoff is how long a client waits before it tries again.
type Backoff struct {
	// Policy is the shape of the waits: "none", "constant", "exponential", or
	// with jitter "full-jitter", "equal-jitter" or "decorrelated" (Brooker,
	// "Exponential Backoff And Jitter", 2015). Default full-jitter.
	Policy string `json:"policy" enum:"none,constant,exponential,full-jitter,equal-jitter,decorrelated"`
	// Base is the first wait. Range 1ms to 1h. Default 500ms.
	Base Duration `json:"base" range:"1ms..1h"`
	// Cap is the longest wait. Range 1ms to 24h. Default 30s.
	Cap Duration `json:"cap" range:"1ms..24h"`
	// Attempts is how often a client tries in all; 0 without end. Range 0 to
	// 1000. Default 3 for requests and 0 for reconnecting.
	Attempts int `json:"attempts" range:"0..1000"`
	// GiveUp is how long a client goes on trying, from its first attempt on; 0
	// without end. Range 0 to 24h. Default 0.
	GiveUp Duration `json:"give_up" range:"0..24h"`
	// Window spreads the first try evenly over this time. Range 0 to 1h. Default 0.
	Window Duration `json:"window" range:"0..1h"`
}

// Store is the shared session store, a Redis on a machine of its own. It
// exists where a session's state is kept in it.
type Store struct {
	// RTT is the round-trip time between servers and store. Range 0 to 1m. Default 1ms.
	RTT Duration `json:"rtt" range:"0..1m"`
	// ServiceTime is how long an operation takes; one runs at a time. Range 0
	// to 1m. Default 50us.
	ServiceTime DurationDist `json:"service_time" range:"0..1m"`
	// Timeout is how long a server waits for the store. Range 1ms to 1m. Default 1s.
	Timeout Duration `json:"timeout" range:"1ms..1m"`
	// TTL is how long a session stays without being used. Range 1s to 24h. Default 30m.
	TTL Duration `json:"ttl" range:"1s..24h"`
	// Failure says what servers do while the store is down: "fail" the
	// request, or "serve" it without the session. Default fail.
	Failure string `json:"failure" enum:"fail,serve"`
	// Persistent keeps the data when the store crashes. Default false.
	Persistent bool `json:"persistent"`
}

// Fault is something that happens at a time. Those that last at the same time
// add up: factors multiply, delays add, and what is lost or failed by one of
// them is. The end of one leaves the others in force.
type Fault struct {
	// At is when it happens; with When, from when on it may. Range 0 to the
	// scenario's duration. Default 0.
	At Duration `json:"at" range:"0..24h"`
	// When is a condition at which it happens, once, such as
	// "connections.open >= 500". It is looked at ten times a second and may
	// speak of time, connections.open, clients.unserved, clients.finished,
	// requests.total, requests.open, requests.ok, requests.failed,
	// sessions.total, sessions.lost, disconnects.total, reconnects.total and
	// servers.running, all of the strategy's own run.
	When string `json:"when,omitempty"`
	// Kind says what happens:
	// crash: the target's process dies and its connections are reset; it
	// starts again after For, or never.
	// vanish: the target is cut off without a word, for For or for good.
	// deploy: the servers, or the one that is the target, are stopped and
	// started again, Batch at a time; each gets Drain to finish what it does and
	// takes Restart to come back. Surge and MaxUnavailable keep up capacity
	// meanwhile.
	// scale: from now on there are To servers; those that are surplus get Drain
	// to finish what they do.
	// slow: the target's service times are multiplied by Factor, for For; the
	// target is servers or the store.
	// errors: the target fails the share Rate of its requests, for For.
	// partition: nothing passes between the target and Peer, for For; with
	// OneWay nothing from the target to Peer.
	// degrade: the target's links lose the share Loss of their packets and
	// take Delay longer, for For.
	// purge: all caches throw away what they have.
	Kind string `json:"kind" jsonschema:"required" enum:"crash,vanish,deploy,scale,slow,errors,partition,degrade,purge"`
	// Target is a server (www-1), "servers" for all of them, "balancer",
	// "store", or "clients" for all clients. Default servers.
	Target string `json:"target"`
	// For is how long it lasts; 0 for good. Range 0 to 24h. Default 0.
	For Duration `json:"for,omitempty" range:"0..24h"`
	// Batch of a deploy: servers at a time. The next batch begins when all of
	// this one are back. Range 1 to 1000. Default 1.
	Batch int `json:"batch" range:"1..1000"`
	// Surge of a deploy: servers more than there are, which take Restart to
	// start before the first batch, and get Drain to finish after the last.
	// Range 0 to 1000. Default 0.
	Surge int `json:"surge,omitempty" range:"0..1000"`
	// MaxUnavailable of a deploy: of the servers there are beside a surge, how
	// many may be missing at most. Where a batch would take more, the deploy
	// takes fewer at a time, and while others have crashed, it waits. With a
	// surge it may be 0. Range 0 to 1000. Default: as many as Batch says.
	MaxUnavailable *int `json:"max_unavailable,omitempty" range:"0..1000"`
	// Drain of a deploy, and of a scale to fewer servers. Range 0 to 1h. Default 5s.
	Drain Duration `json:"drain" range:"0..1h"`
	// Restart of a deploy. Range 0 to 1h. Default 5s.
	Restart Duration `json:"restart" range:"0..1h"`
	// To is the number of servers after a scale. Range 0 to 1000. Default 0.
	To int `json:"to,omitempty" range:"0..1000"`
	// Factor of slow. Range 1 to 10000. Default 10.
	Factor int `json:"factor" range:"1..10000"`
	// Rate of errors. Range 0 to 1. Default 1.
	Rate Ratio `json:"rate" range:"0..1"`
	// Peer of a partition: a name like a target's.
	Peer string `json:"peer,omitempty"`
	// OneWay makes a partition one of the direction from Target to Peer only. Default false.
	OneWay bool `json:"one_way,omitempty"`
	// Loss of degrade. Range 0 to 1. Default 0.
	Loss Ratio `json:"loss,omitempty" range:"0..1"`
	// Delay of degrade, in each direction. Range 0 to 1m. Default 0.
	Delay Duration `json:"delay,omitempty" range:"0..1m"`
}

// setDefaults prepares a fault for being decoded over.
func (f *Fault) setDefaults() {
	*f = Fault{
		Target:  "servers",
		Batch:   1,
		Drain:   Duration(5 * second),
		Restart: Duration(5 * second),
		Factor:  10,
		Rate:    1,
	}
}

// Unavailable returns how many of n servers a deploy may have missing at a time,
// beside its surge.
func (f *Fault) Unavailable(n int) int {
	if f.MaxUnavailable == nil {
		return n
	}
	return min(*f.MaxUnavailable, n)
}

// AtATime returns how many of n servers a deploy replaces at a time.
func (f *Fault) AtATime(n int) int { return min(f.Batch, f.Unavailable(n)+f.Surge) }

// StateUnder returns where the strategy keeps session state: memory, store or client.
func (s *Scenario) StateUnder(strategy Strategy) string {
	if s.Session.State != "auto" {
		return s.Session.State
	}
	if strategy == WebSocket {
		return "memory"
	}
	return "client"
}
