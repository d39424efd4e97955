package scenarios

// Budget limits how much of a client's traffic may be retries, as Finagle and
// Linkerd do: with a ratio of 20 % an outage raises the load by a fifth at most.
type Budget struct {
	// Ratio is how many retries each request earns. Range 0 to 1. Default 20%.
	Ratio Ratio `json:"ratio" range:"0..1"`
	// Floor is how many retries a window may have whatever the requests.
	// Range 0 to 1000. Default 0.
	Floor int `json:"floor" range:"0..1000"`
	// Window is for how long a request counts; 0 for no budget. Range 0 to 1h. Default 0.
	Window Duration `json:"window" range:"0..1h"`
}

// Tokens is gRPC's retry throttling (proposal A6): a failure takes a token, a
// success puts Refill of one back, and while half of them or fewer are left
// nothing is retried.
type Tokens struct {
	// Capacity is how many there are; 0 for no throttling. gRPC's examples have
	// 10. Range 0 to 1000. Default 0.
	Capacity int `json:"capacity" range:"0..1000"`
	// Refill is what a success gives back. Range 0 to 1. Default 10%.
	Refill Ratio `json:"refill" range:"0..1"`
}

// Breaker is a circuit breaker (Nygard, Release It!): after a number of
// failures in a row a client asks nothing of the servers for a while, fails its
// requests by itself, and then lets a few through to see.
type Breaker struct {
	// Failures in a row that open it; 0 for no breaker. Range 0 to 1000. Default 0.
	Failures int `json:"failures" range:"0..1000"`
	// Open is for how long it lets nothing through. Range 1ms to 1h. Default
	// 1m, as sony/gobreaker has it.
	Open Duration `json:"open" range:"1ms..1h"`
	// Probes is how many requests have to succeed then before it closes.
	// Range 1 to 100. Default 1.
	Probes int `json:"probes" range:"1..100"`
}

// Allowance is how many attempts a client has in a while.
type Allowance struct {
	// Attempts in a window. Range 1 to 10000. Default 10.
	Attempts int `json:"attempts" range:"1..10000"`
	// Window is that while; 0 for no limit. Range 0 to 1h. Default 0.
	Window Duration `json:"window" range:"0..1h"`
}

// Heartbeat is how a client finds out that nobody is there any more on a socket
// on which nothing comes: by pings (RFC 6455 section 5.5.2).
type Heartbeat struct {
	// Interval between two pings, the first after a random part of it, as chat
	// gateways ask for; 0 for none. Range 0 to 1h. Default 0: neither browsers
	// nor coder/websocket ping by themselves.
	Interval Duration `json:"interval" range:"0..1h"`
	// Timeout is how long a client waits for the pong before it gives the
	// socket up. Range 1ms to 1h. Default 10s.
	Timeout Duration `json:"timeout" range:"1ms..1h"`
}

// Objective is what the service has promised its users (a service level
// objective): that a share of their requests succeeds, and in time.
type Objective struct {
	// Target is that share; 0 for no objective. What may go wrong, the rest, is
	// the error budget. Range 0 to 99.9999%. Default 0.
	Target Ratio `json:"target" range:"0..0.999999"`
	// Latency is the time within which a request counts as a success; 0 for
	// any. A long poll takes as long as it is held. Range 0 to 1h. Default 0.
	Latency Duration `json:"latency" range:"0..1h"`
}

// checkBehaviour checks what clients are to do.
func (s *Scenario) checkBehaviour() *Error {
	c := s.Clients
	if s.SLO.Latency > 0 && s.SLO.Target == 0 {
		return problem("slo.latency", "slo.latency without a share of requests that it is for", "add slo.target, such as 99%")
	}
	for _, b := range []struct {
		path string
		Backoff
	}{{"clients.retry", c.Retry}, {"clients.reconnect", c.Reconnect}} {
		if b.GiveUp > 0 && b.GiveUp < b.Base && b.Policy != "none" && b.Policy != "full-jitter" {
			return problem(join(b.path, "give_up"), b.path+".give_up "+b.GiveUp.String()+" is over before the first wait of "+b.Base.String(),
				"set attempts: 1 for clients that do not try again, or give them longer")
		}
	}
	return nil
}
