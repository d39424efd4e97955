package scenarios

// MaxSeed is the greatest seed, 2^53 − 1 (RFC 8259 section 6).
const MaxSeed = 1<<53 - 1

// Default returns the scenario of a file that says nothing but a name: ten
// clients on a 50 ms path load a page of a hundred resources under every
// strategy. It is resolved: every field is set. Each call returns a new one,
// which the caller may change.
func Default() *Scenario {
	link := Link{Queue: 150_000}
	resumption, resume, ignoreClient := true, true, true
	return &Scenario{
		Name:       "default",
		Seed:       1,
		Duration:   Duration(5 * minute),
		Strategies: StrategiesOf("page"),
		Workload:   "page",
		Network: Network{
			RTT:  Duration(50 * millisecond),
			Up:   link,
			Down: link,
			TCP:  TCP{Congestion: "cubic", InitialWindow: 10, MSS: 1460, ReceiveBuffer: 6_000_000},
		},
		TLS: TLS{Resumption: &resumption, Chain: 3000},
		Clients: Clients{
			Count:           10,
			Visits:          1,
			Think:           Always(Duration(5 * second)),
			RequestHeaders:  600,
			Connections:     6,
			Timeout:         Duration(30 * second),
			Retry:           Backoff{Policy: "full-jitter", Base: Duration(500 * millisecond), Cap: Duration(30 * second), Attempts: 3},
			Reconnect:       Backoff{Policy: "full-jitter", Base: Duration(500 * millisecond), Cap: Duration(30 * second)},
			RetryBudget:     Budget{Ratio: 0.2},
			RetryTokens:     Tokens{Refill: 0.1},
			ReconnectBudget: Allowance{Attempts: 10},
			Breaker:         Breaker{Open: Duration(minute), Probes: 1},
			Heartbeat:       Heartbeat{Timeout: Duration(10 * second)},
		},
		Page: Page{Resources: []Resource{
			defaultPart("document", 1, 30_000),
			defaultPart("styles", 3, 20_000, "document"),
			defaultPart("scripts", 16, 30_000, "document"),
			defaultPart("images", 80, 25_000, "styles", "scripts"),
		}},
		Session: Session{
			State:    "auto",
			Size:     2000,
			Interval: DurationDist{Shape: Uniform, Min: Duration(500 * millisecond), Max: Duration(1500 * millisecond)},
			Response: Always(Size(1000)),
			Resume:   &resume,
			Login:    Always(Duration(20 * millisecond)),
		},
		Push: Push{
			Interval:  DurationDist{Shape: Exponential, Mean: Duration(second)},
			Size:      Always(Size(200)),
			Fanout:    1,
			Poll:      Duration(5 * second),
			Hold:      Duration(30 * second),
			HTTP:      2,
			Resume:    "replay",
			Keepalive: Duration(25 * second),
		},
		Chat: Chat{
			Interval: DurationDist{Shape: Uniform, Min: Duration(2 * second), Max: Duration(6 * second)},
			Posts:    0.25,
			Message:  Always(Size(200)),
			Searches: 0.15,
			Search:   Always(Duration(80 * millisecond)),
			Results:  Always(Size(5000)),
			Login:    Always(Duration(50 * millisecond)),
			Pages:    100,
			Page:     Always(Size(30_000)),
			Lifetime: Duration(10 * minute),
		},
		Catalogue: Catalogue{
			Objects:  1000,
			Alpha:    0.8,
			Size:     Always(Size(20_000)),
			Interval: DurationDist{Shape: Exponential, Mean: Duration(second)},
			Update:   Always(Duration(0)),
			Lifetime: Duration(10 * minute),
		},
		Cache: Cache{
			Memory:       64_000_000,
			Policy:       "lru",
			IgnoreClient: &ignoreClient,
		},
		Balancer: Balancer{
			Kind:           "none",
			Policy:         "round-robin",
			Affinity:       "none",
			IdleTimeout:    Duration(minute),
			HealthInterval: Duration(2 * second),
			Retries:        1,

			MaxFails:         1,
			FailTimeout:      Duration(10 * second),
			ConnectTimeout:   Duration(minute),
			KeepAlive:        32,
			KeepAliveTimeout: Duration(minute),
			MaxHeaders:       32_000,
		},
		Store: Store{
			RTT:         Duration(millisecond),
			ServiceTime: Always(Duration(millisecond / 20)),
			Timeout:     Duration(second),
			TTL:         Duration(30 * minute),
			Failure:     "fail",
		},
		Servers: Servers{
			Count:           1,
			ServiceTime:     Always(Duration(5 * millisecond)),
			Queue:           1024,
			ResponseHeaders: 300,
		},
	}
}

// The units of virtual time that defaults are written in.
const (
	millisecond = 1_000_000
	second      = 1000 * millisecond
	minute      = 60 * second
)

// defaultPart returns one part of the default page.
func defaultPart(name string, count int, size Size, after ...string) Resource {
	r := DefaultResource(name)
	r.Count, r.Size, r.After = count, Always(size), after
	return r
}

// DefaultResource returns the resource of a file that gives nothing but a name.
func DefaultResource(name string) Resource {
	return Resource{Name: name, Host: "www", Path: "/" + name, Count: 1, Size: Always(Size(20_000)), Method: "GET"}
}

// setDefaults prepares a resource for being decoded over. The path follows
// from the name and is filled in afterwards.
func (r *Resource) setDefaults() {
	*r = DefaultResource("")
	r.Path = ""
}
