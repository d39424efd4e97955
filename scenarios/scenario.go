// Package scenarios says what a scenario is: the types of a scenario file,
// their defaults, how a file is read and checked, the JSON Schema that editors
// use, and the library of scenarios that protosim ships.
//
// It imports nothing else of protosim; every other package may import it.
package scenarios

// Scenario is one system and what happens to it. It is the whole input of a
// simulation apart from the strategy under test and the seed: two runs of the
// same scenario differ in nothing but those.
type Scenario struct {
	// Name identifies the scenario: lower-case words joined by hyphens.
	Name string `json:"name" jsonschema:"required"`
	// Title is the question in one line, as a chart's heading would put it.
	Title string `json:"title,omitempty"`
	// Description says in a paragraph what is simulated and what to look at.
	Description string `json:"description,omitempty"`
	// Seed derives every random stream of a run. Range 1 to 9007199254740991,
	// the greatest number that every reader of JSON keeps exactly. Default 1.
	Seed uint64 `json:"seed" range:"1..9007199254740991"`
	// Duration bounds the run in virtual time: what has not ended by then is
	// counted as abandoned. Range 1ms to 24h. Default 5m.
	Duration Duration `json:"duration" range:"1ms..24h"`
	// Strategies to compare, in the order of the report.
	// Default: http1, http1-close, http2, websocket; where the workload is push
	// poll, longpoll, sse, websocket; where it is chat these and hybrid.
	Strategies []Strategy `json:"strategies"`

	// Workload is what clients do: load a "page", keep a "session" open, or
	// listen to events that servers "push", read from a "catalogue", or "chat".
	// Default page.
	Workload string `json:"workload" enum:"page,session,push,catalogue,chat"`

	// Network is the path between clients and servers.
	Network Network `json:"network"`
	// TLS says whether and how connections are encrypted.
	TLS TLS `json:"tls"`
	// Clients says who visits.
	Clients Clients `json:"clients"`
	// Page is what one visit loads.
	Page Page `json:"page"`
	// Session is what one client does between login and leaving.
	Session Session `json:"session"`
	// Push is what servers tell clients unasked.
	Push Push `json:"push"`
	// Chat is what users of one application do and see of each other.
	Chat Chat `json:"chat"`
	// Catalogue is what clients read from.
	Catalogue Catalogue `json:"catalogue"`
	// Firewalls stand between some of the clients and everything else.
	Firewalls []Firewall `json:"firewalls,omitempty"`
	// Cache stands between clients and servers.
	Cache Cache `json:"cache"`
	// Balancer stands between clients and servers.
	Balancer Balancer `json:"balancer"`
	// Servers are the machines behind each host name.
	Servers Servers `json:"servers"`
	// Store is the shared session store.
	Store Store `json:"store"`
	// Faults happen during the run.
	Faults []Fault `json:"faults,omitempty"`
	// SLO is what users were promised.
	SLO Objective `json:"slo"`

	// Expect lists expressions over the metrics of all strategies, such as
	// "http2.page_load_ms.p50 < http1.page_load_ms.p50". A hyphen in a
	// strategy's name is written as an underscore.
	Expect []string `json:"expect,omitempty"`
}

// Strategy names a way for one application to use transports.
type Strategy string

// The strategies.
const (
	// HTTP1 is HTTP/1.1 with keep-alive over at most six connections per host.
	HTTP1 Strategy = "http1"
	// HTTP1Close is HTTP/1.1 with a new connection for every request, at most
	// six at a time per host.
	HTTP1Close Strategy = "http1-close"
	// HTTP2 multiplexes all requests to a host over one connection.
	HTTP2 Strategy = "http2"
	// WebSocket carries all requests of a page as messages on one socket per host.
	WebSocket Strategy = "websocket"
)

// AllStrategies returns every strategy, in the order of a report.
func AllStrategies() []Strategy {
	return []Strategy{HTTP1, HTTP1Close, HTTP2, WebSocket, Poll, LongPoll, SSE, Hybrid, Fallback}
}

// strategyNames returns the names of strategies.
func strategyNames(strategies []Strategy) []string {
	names := make([]string, len(strategies))
	for i, s := range strategies {
		names[i] = string(s)
	}
	return names
}

// Network is the path between clients and servers.
type Network struct {
	// RTT is the round-trip time of the path without queueing, half of it in
	// each direction. Range 0 to 1m. Default 50ms.
	RTT Duration `json:"rtt" range:"0..1m"`
	// Jitter is the most extra delay that a packet meets in each direction,
	// drawn uniformly; packets stay in order. Range 0 to 1m. Default 0.
	Jitter Duration `json:"jitter" range:"0..1m"`
	// Up is the direction of each client's access link towards the servers.
	Up Link `json:"up"`
	// Down is the direction of each client's access link towards the client.
	Down Link `json:"down"`
	// TCP holds the settings of every host's TCP.
	TCP TCP `json:"tcp"`
}

// Link is one direction of an access link.
type Link struct {
	// Bandwidth in bits per second of IP packets; 0 or "unlimited" for no
	// limit. Range 1kbps to 1000Gbps. Default unlimited.
	Bandwidth Bandwidth `json:"bandwidth" range:"0..1000Gbps"`
	// Queue is the drop-tail buffer before the link, in bytes of IP packets.
	// It matters only where Bandwidth is limited. Range 1500B to 1GB. Default 150kB.
	Queue Size `json:"queue" range:"1500..1GB"`
	// Loss is the probability that a packet is lost, independent of all
	// others. Range 0 to 1. Default 0.
	Loss Ratio `json:"loss" range:"0..1"`
}

// TCP holds the settings of every host's TCP.
type TCP struct {
	// Congestion is the congestion control: "cubic" (RFC 9438, with HyStart)
	// or "reno" (RFC 5681). Default cubic.
	Congestion string `json:"congestion" enum:"cubic,reno"`
	// InitialWindow in segments (RFC 6928). Range 1 to 1000. Default 10.
	InitialWindow int `json:"initial_window" range:"1..1000"`
	// MSS is the maximum segment size in bytes of payload. Range 536 to 8960. Default 1460.
	MSS int `json:"mss" range:"536..8960"`
	// ReceiveBuffer bounds the receive window, to which it grows as the
	// application reads. Range 1kB to 1GB. Default 6MB.
	ReceiveBuffer Size `json:"receive_buffer" range:"1kB..1GB"`
}

// TLS says whether and how connections are encrypted.
type TLS struct {
	// Enabled puts TLS 1.3 under every connection. Default false.
	Enabled bool `json:"enabled"`
	// Resumption lets a client's later connections resume an earlier session
	// (RFC 8446 section 2.2). Default true.
	Resumption *bool `json:"resumption"`
	// Chain is the size of the server's certificate chain on the wire. Range 1kB to 16kB. Default 3kB.
	Chain Size `json:"chain" range:"1kB..16kB"`
}

// Clients says who visits.
type Clients struct {
	// Count of clients. Range 1 to 100000. Default 10.
	Count int `json:"count" range:"1..100000"`
	// Arrival spreads the clients' first visits evenly at random over this
	// time; 0 lets all arrive at once. Range 0 to 24h. Default 0.
	Arrival Duration `json:"arrival" range:"0..24h"`
	// Visits is how often each client loads the page. Connections and TLS
	// sessions stay from one visit to the next as the strategy keeps them;
	// a socket belongs to its page and is opened anew. Range 1 to 1000. Default 1.
	Visits int `json:"visits" range:"1..1000"`
	// Think is the pause between two visits. Range 0 to 24h. Default 5s.
	Think DurationDist `json:"think" range:"0..24h"`
	// RequestHeaders is the size of an HTTP/1.1 request's header block without
	// the request line: host, user-agent, accept, cookie and so on, the cookie
	// making up what is missing. Range 200 to 16kB. Default 600.
	RequestHeaders Size `json:"request_headers" range:"200..16kB"`
	// Connections is how many HTTP/1.1 connections a client opens per host. Range 1 to 256. Default 6.
	Connections int `json:"connections" range:"1..256"`
	// Timeout is how long a client waits for one response before it gives the
	// request up as failed. Range 1ms to the scenario's duration. Default 30s,
	// or the scenario's duration where that is shorter.
	Timeout Duration `json:"timeout" range:"1ms..24h"`
	// Retry is what a client does when a request fails that may be repeated.
	Retry Backoff `json:"retry"`
	// Reconnect is what a client does when its socket or its session ends.
	Reconnect Backoff `json:"reconnect"`
	// RetryBudget bounds the share of retries among a client's requests.
	RetryBudget Budget `json:"retry_budget"`
	// RetryTokens stop retries while too much fails.
	RetryTokens Tokens `json:"retry_tokens"`
	// RetryQuota is the AWS SDKs' bucket (standard mode): a retry costs 5, after
	// a timeout 10, and gets them back if it succeeds; 0 for none, 500 as the
	// SDKs have it. Range 0 to 100000. Default 0.
	RetryQuota int `json:"retry_quota" range:"0..100000"`
	// ReconnectBudget bounds how often a client tries to come back.
	ReconnectBudget Allowance `json:"reconnect_budget"`
	// Breaker stops a client from asking a service that only fails.
	Breaker Breaker `json:"breaker"`
	// Heartbeat is how clients watch over their sockets.
	Heartbeat Heartbeat `json:"heartbeat"`
}

// Page is what one visit loads.
type Page struct {
	// Resources are loaded as soon as all they depend on is complete.
	// Default: a document of 30 kB, 3 styles and 16 scripts that it names, and
	// 80 images that the styles and scripts name.
	Resources []Resource `json:"resources"`
}

// Resource is one object of a page, or several alike.
type Resource struct {
	// Name identifies the resource within the page.
	Name string `json:"name" jsonschema:"required"`
	// Host is the server's name that it is fetched from; each has servers of
	// its own. Default "www".
	Host string `json:"host"`
	// Path of the request; with Count above 1 each gets a number of its own.
	// Default "/NAME".
	Path string `json:"path"`
	// Count of such objects. Range 1 to 10000. Default 1.
	Count int `json:"count" range:"1..10000"`
	// Size of each object's body, drawn once per object and the same for all
	// clients. Range 0 to 1GB. Default 20kB.
	Size SizeDist `json:"size" range:"0..1GB"`
	// After names the resources that must be complete before these are
	// requested; empty for the first.
	After []string `json:"after,omitempty"`
	// Method of the request. Default GET.
	Method string `json:"method" enum:"GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"`
	// Body is the size of the request's body. Range 0 to 1GB. Default 0.
	Body Size `json:"body,omitempty" range:"0..1GB"`
	// ServiceTime overrides the servers' service time for this resource. Range
	// 0 to 1h.
	ServiceTime *DurationDist `json:"service_time,omitempty" range:"0..1h"`
}

// Servers are the machines behind each host name.
type Servers struct {
	// Count of machines; more than one need a balancer. Range 1 to 1000. Default 1.
	Count int `json:"count" range:"1..1000"`
	// Port on which clients reach the servers, or the balancer; 0 for 80, or
	// 443 with TLS. Range 0 to 65535. Default 0.
	Port int `json:"port" range:"0..65535"`
	// RTT is the round-trip time that the servers are further away, beyond
	// network.rtt: requests that a cache answers do not pay it. Range 0 to 1m.
	// Default 0.
	RTT Duration `json:"rtt" range:"0..1m"`
	// ServiceTime is how long a server works on a request while holding one
	// of its Concurrency slots. Range 0 to 1h. Default 5ms.
	ServiceTime DurationDist `json:"service_time" range:"0..1h"`
	// Concurrency is how many requests a server works on at a time; 0 for no
	// limit. Range 0 to 100000. Default 0.
	Concurrency int `json:"concurrency" range:"0..100000"`
	// Queue is how many requests may wait for a slot; beyond, the answer is
	// 503. It matters only where Concurrency is limited. Range 0 to 1000000.
	// Default 1024.
	Queue int `json:"queue" range:"0..1000000"`
	// ResponseHeaders is the size of an HTTP/1.1 response's header block
	// without the status line. Range 150 to 16kB. Default 300.
	ResponseHeaders Size `json:"response_headers" range:"150..16kB"`
}
