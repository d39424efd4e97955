package scenarios

// Better says which way a metric is preferable.
type Better string

// The ways.
const (
	Lower   Better = "lower"
	Higher  Better = "higher"
	Neither Better = "neither" // describes, does not judge
)

// Metric is an entry of the glossary of everything that a run measures.
type Metric struct {
	// Name identifies the metric in results and expectations.
	Name string `json:"name"`
	// Unit of the values: "ms", "bytes", or a plural noun for counts.
	Unit string `json:"unit"`
	// Better is the preferable direction.
	Better Better `json:"better"`
	// Label is a heading for tables and charts.
	Label string `json:"label"`
	// Meaning says in plain language what it is and why it matters.
	Meaning string `json:"meaning"`
}

// Metrics returns the glossary in the order of a report. The caller may change
// the slice.
func Metrics() []Metric {
	return []Metric{
		{"page_load_ms.p50", "ms", Lower, "Page load, median", "Time from a visit's start to its last resource, for the visit in the middle: half of the visitors wait no longer. It is what a typical visitor feels."},
		{"page_load_ms.p95", "ms", Lower, "Page load, 95th percentile", "Page load time that 95 in 100 visits stay within. It is what unlucky visitors feel, and where loss and queues show first."},
		{"page_load_ms.p99", "ms", Lower, "Page load, 99th percentile", "Page load time that 99 in 100 visits stay within. A frequent visitor meets it sooner or later."},
		{"page_load_ms.mean", "ms", Lower, "Page load, mean", "Page load time averaged over all loaded pages. Few very slow visits raise it, so compare it with the median."},
		{"page_load_ms.max", "ms", Lower, "Page load, slowest", "The slowest page load of the run."},
		{"request_ms.p50", "ms", Lower, "Request, median", "Time from a request's start, waiting for a connection included, to the last byte of its response, for the request in the middle."},
		{"request_ms.p95", "ms", Lower, "Request, 95th percentile", "Request time that 95 in 100 requests stay within. Requests that queue behind others for one of few connections show here."},
		{"request_ms.p99", "ms", Lower, "Request, 99th percentile", "Request time that 99 in 100 requests stay within."},
		{"request_ms.max", "ms", Lower, "Request, slowest", "The slowest request of the run that succeeded."},
		{"pages.total", "pages", Neither, "Visits", "Page loads that were started."},
		{"pages.loaded", "pages", Higher, "Pages loaded", "Page loads that completed with every resource. Below the number of visits, people saw broken or unfinished pages."},
		{"requests.total", "requests", Neither, "Requests", "Requests that were started. Each ends as ok, failed or abandoned."},
		{"requests.ok", "requests", Neither, "Requests ok", "Requests whose response arrived in full with a status of success, and streams that lasted until the run's end."},
		{"requests.failed", "requests", Lower, "Requests failed", "Requests that ended in an error: refused, reset, timed out, or answered with a status of failure; and streams that ended before the run."},
		{"requests.abandoned", "requests", Lower, "Requests abandoned", "Requests still unanswered when the run's time was over."},
		{"requests.retried", "requests", Lower, "Requests retried", "Attempts beyond the first, after a connection was lost. They cost a round trip or more each, and the server works twice."},
		{"retries.denied", "retries", Neither, "Retries denied", "Retries that a client's budget, tokens or quota did not allow. The request has failed, and the servers were spared."},
		{"breaker.short_circuits", "calls", Neither, "Short circuits", "Calls that an open circuit breaker failed in the client, without asking the servers."},
		{"clients.gave_up", "clients", Lower, "Clients that gave up", "Times that a client stopped trying to log in or to come back, after as many attempts or as long as it was to."},
		{"clients.disturbed", "clients", Lower, "Clients disturbed", "Clients that noticed something: a connection that they relied on was lost, or a request failed. Each counts once, however often; what a retry repaired does not."},
		{"slo.error_budget_spent", "budgets", Lower, "Error budget spent", "Requests that failed or came too late, over those that the service level objective allows. Above 1 the promise is broken."},
		{"connections.opened", "connections", Lower, "Connections opened", "Connections that clients dialled, of all hosts. Each costs a round trip, with TLS two, a slow start, and work on the server."},
		{"connections.peak", "connections", Lower, "Connections at once", "The most connections open at one time. It sizes load balancers, firewalls' tables and servers' memory."},
		{"connections.lifetime_ms.mean", "ms", Neither, "Connection lifetime, mean", "Time that clients' connections stayed open, on average; the run's end cuts off the last ones. For so long a server remembers a client, and a balancer cannot send it elsewhere."},
		{"bytes.sent", "bytes", Lower, "Bytes sent", "Bytes of IP packets that clients sent, on their access links."},
		{"bytes.received", "bytes", Lower, "Bytes received", "Bytes of IP packets that clients received, on their access links. It is what a data plan counts."},
		{"bytes.payload", "bytes", Neither, "Payload", "Bytes of request and response bodies: what the application wanted to move. It is nearly the same for every strategy."},
		{"bytes.overhead", "bytes", Lower, "Overhead", "Bytes sent and received that are not payload: headers, framing, encryption, acknowledgements and retransmissions. It is the price of the transport. What compression saves is taken off."},
		{"bytes.overhead_per_request", "bytes", Lower, "Overhead per request", "Overhead divided by the number of requests. For small messages it decides what a strategy costs."},
		{"bytes.tcp_ip", "bytes", Lower, "TCP and IP headers", "The part of the overhead that is TCP and IP headers of all packets, pure acknowledgements and handshakes included."},
		{"bytes.tcp_handshakes", "bytes", Lower, "TCP handshakes", "The part of the TCP and IP headers that is packets which begin or end connections: SYN, FIN and RST."},
		{"bytes.retransmitted", "bytes", Lower, "Retransmitted", "The part of the overhead that is payload of packets sent again, or sent and lost."},
		{"bytes.tls", "bytes", Lower, "TLS", "The part of the overhead that is encryption: handshakes with certificates, and 22 bytes for every record."},
		{"bytes.tls_handshakes", "bytes", Lower, "TLS handshakes", "The part of TLS that is handshakes, certificates above all, until the first byte of the application."},
		{"bytes.headers", "bytes", Lower, "Headers", "The part of the overhead that is header blocks, as they cross the wire: request and status lines with their fields, over HTTP/2 compressed, and the requests and responses that open sockets and tunnels."},
		{"bytes.framing", "bytes", Lower, "Framing", "The part of the overhead that delimits and steers: chunk sizes, what HTTP/2's frames have besides headers and data, WebSocket's frame headers, masks and pings, and the envelopes of messages and events. What comes of bodies when nobody waits for them any more is in it, and what compression of messages saves is taken off."},
		{"packets.sent", "packets", Lower, "Packets sent", "IP packets that clients sent."},
		{"packets.received", "packets", Lower, "Packets received", "IP packets that clients received."},
		{"packets.lost", "packets", Lower, "Packets lost", "IP packets that links lost, at random or because a queue was full, in both directions."},
		{"packets.retransmitted", "packets", Lower, "Packets retransmitted", "Data packets that either end sent again. More than were lost means that some were repeated needlessly."},
		{"tls.handshakes.full", "handshakes", Lower, "Full TLS handshakes", "TLS handshakes with a certificate chain: kilobytes to the client, and a signature by the server."},
		{"tls.handshakes.resumed", "handshakes", Neither, "Resumed TLS handshakes", "TLS handshakes that resumed an earlier session, without certificates. They save bytes and work, not a round trip."},
		{"server.queue_ms.p99", "ms", Lower, "Wait at the server, 99th percentile", "Time that requests waited at a server for a free slot; 99 in 100 waited no longer. Above zero the servers are too few for bursts."},
		{"server.busy_peak", "requests", Neither, "Requests at once per server", "The most requests that one server worked on at a time. A strategy that sends everything at once needs a server that can take it."},
		{"server.memory_bytes_per_connection", "bytes", Lower, "Memory per connection", "Heap and stacks that a connection takes of a real Go server while its client waits, measured from net/http, crypto/tls and coder/websocket (protosim memory). Behind an L7 balancer or caches it is one of theirs: HTTP/1.1 or a socket, in clear."},
		{"server.memory_bytes_peak", "bytes", Lower, "Memory of connections", "Memory per connection times the most connections that servers had open at once with those who dialled them: clients, or the balancer or caches in between, health checks included."},
		{"sessions.total", "sessions", Neither, "Sessions", "Logins that succeeded. More than there are clients means that some had to begin anew."},
		{"sessions.lost", "sessions", Lower, "Sessions lost", "Sessions whose state was gone while their client still used it: the server that kept it died or was replaced, or another server was asked that does not know it. The user has to log in again, and unsaved work is gone."},
		{"sessions.resumed", "sessions", Neither, "Sessions resumed", "Times that a client came back after a disconnect and went on with its session."},
		{"heartbeats.missed", "sockets", Neither, "Heartbeats missed", "Sockets that clients gave up because a ping was not answered in time: nobody was there any more."},
		{"disconnects.total", "disconnects", Lower, "Disconnects", "Times that a client lost a connection it relied on: a socket that ended, or a connection that died under a request."},
		{"reconnects.total", "reconnects", Lower, "Reconnects", "Attempts of clients to come back after a disconnect."},
		{"reconnects.peak_per_second", "reconnects", Lower, "Reconnect peak", "The most such attempts within one second. It sizes what a fleet must take right after a failure."},
		{"recovery_ms", "ms", Lower, "Recovery", "Time from the first fault until 99 in 100 clients were served again for good."},
		{"unserved.peak", "clients", Lower, "Clients without service", "The most clients that were without service at one time."},
		{"servers.imbalance", "times", Lower, "Imbalance", "Load of the busiest server over the mean of all, at the run's end: open sockets where clients keep them, requests of the last tenth of the run otherwise. 1 is even."},
		{"servers.jain", "index", Higher, "Jain's fairness", "Jain's index of the same loads: 1 where all are equal, 1/n where one server has everything."},
		{"servers.rebalance_ms", "ms", Lower, "Time until balanced", "Time from the scaling of the fleet until its busiest server has at most a quarter more load than the mean, for good; until the run's end if it never does."},
		{"connect.attempts", "attempts", Lower, "Attempts to connect", "Transports that clients tried until one worked: a second one is a fallback, or another try."},
		{"connect.success_ratio", "ratio", Higher, "Clients connected", "Share of the clients that got through: the answer to a poll, or an event, has reached them. Firewalls and proxies keep the rest out. It is missing where nothing was published that could have reached a stream."},
		{"fallbacks.total", "fallbacks", Lower, "Fallbacks", "Times that a client gave one transport up for the next: what does not work costs time to find out."},
		{"push.first_event_ms.p50", "ms", Lower, "First event, median", "Time from a client's start to its first event: connecting, falling back, and waiting for an event to be published."},
		{"push.first_event_ms.p99", "ms", Lower, "First event, 99th percentile", "Time that 99 in 100 of the clients that got an event waited at most for their first."},
		{"push.sent", "events", Neither, "Events sent", "Events published, times the clients that were listening then: the sum of those delivered, missed and undelivered."},
		{"push.delivered", "events", Higher, "Events delivered", "Events that reached a client the first time."},
		{"push.missed", "events", Lower, "Events missed", "Events that a client never got although it got later ones."},
		{"push.undelivered", "events", Lower, "Events undelivered", "Events behind the last one that a client got when it stopped listening or the run ended: what was on its way or waiting for the next poll, and for who does not get through, all of them."},
		{"push.replayed", "events", Neither, "Events replayed", "Events that had been published before a client came back, and were given to it then."},
		{"push.duplicates", "events", Lower, "Events twice", "Events that a client got again."},
		{"push.latency_ms.p50", "ms", Lower, "Event latency, median", "Time from an event's publication to its arrival at a client. Half a second is fine for a typing indicator, not for a game."},
		{"push.latency_ms.p95", "ms", Lower, "Event latency, 95th percentile", "Time that 95 in 100 deliveries stay within."},
		{"push.latency_ms.p99", "ms", Lower, "Event latency, 99th percentile", "Time that 99 in 100 deliveries stay within."},
		{"push.latency_ms.mean", "ms", Lower, "Event latency, mean", "Event latency averaged over all deliveries. Polling costs half its interval."},
		{"push.latency_ms.max", "ms", Lower, "Event latency, slowest", "The slowest delivery of the run."},
		{"push.bytes_per_event", "bytes", Lower, "Bytes per event", "Bytes of IP packets in both directions for each event delivered, all else that the strategy needs included."},
		{"balancer.errors", "responses", Lower, "Balancer errors", "Responses 502, 503 and 504 that the balancer gave by itself."},
		{"balancer.retries", "requests", Neither, "Balancer retries", "Requests that the balancer sent to a second server."},
		{"cache.hits", "requests", Higher, "Cache hits", "Requests that an edge answered without asking the servers first, or with one question for many."},
		{"cache.hit_ratio", "ratio", Higher, "Cache hit ratio", "Hits over all requests that a cache could answer. A socket passes through the caches and never hits."},
		{"cache.revalidations", "requests", Neither, "Revalidations", "Requests that an edge answered after the servers said that what it has is still right (304): they cost a round trip, but not the body."},
		{"cache.collapsed", "requests", Neither, "Collapsed requests", "Requests, of the hits, that waited for what another had asked for already."},
		{"cache.evictions", "responses", Neither, "Evictions", "Responses that the edges threw away for lack of memory."},
		{"origin.requests", "requests", Lower, "Requests at the servers", "Requests that reached the servers; caches have spared them the rest."},
		{"origin.requests_peak_per_second", "requests", Lower, "Peak at the servers", "The most requests that reached the servers within one second of the run. After a purge it is what the servers must survive."},
		{"origin.offload", "ratio", Higher, "Offload", "Share of the clients' requests that no server has seen."},
		{"content.outdated", "responses", Lower, "Outdated responses", "Responses older than what the servers had when the client asked."},
		{"store.operations", "operations", Neither, "Store operations", "Operations that servers asked of the shared store."},
		{"store.errors", "operations", Lower, "Store errors", "Operations that failed or were not answered in time."},
		{"store.latency_ms.p50", "ms", Lower, "Store latency, median", "Time that one operation took, as a server sees it. Every request pays it."},
		{"store.latency_ms.p99", "ms", Lower, "Store latency, 99th percentile", "Time that 99 in 100 operations stay within."},
		{"finished_ms", "ms", Neither, "Finished", "Virtual time at which the last client was done. A client that gives up is done early."},
	}
}

// MetricNamed returns the glossary's entry for a name.
func MetricNamed(name string) (Metric, bool) {
	for _, m := range Metrics() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// metricNames returns the names of all metrics in the order of a report.
func metricNames() []string {
	all := Metrics()
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names
}
