package scenarios

// Push is what servers tell their clients unasked, where the workload is
// "push": every client wants every event that is for it. Where it is "chat", it says how events
// travel, and the users' posts are the events.
type Push struct {
	// Interval is the time between two events. Range 1ms to 24h. Default
	// exponential with a mean of 1s.
	Interval DurationDist `json:"interval" range:"1ms..24h"`
	// Size of an event's data in bytes. Range 40 to 1MB. Default 200.
	Size SizeDist `json:"size" range:"40..1MB"`
	// Fanout is the share of the listeners that an event is for, such as those
	// who have subscribed to its topic, or are in its room; each event is for
	// others. Range 0.01 % to 100 %. Default 100 %.
	Fanout Ratio `json:"fanout" range:"0.0001..1"`
	// Poll is the pause between two requests under the strategy poll. Range
	// 10ms to 24h. Default 5s.
	Poll Duration `json:"poll" range:"10ms..24h"`
	// Hold is how long a server holds a request under the strategy longpoll
	// until it answers that there is nothing. Range 10ms to 1h. Default 30s.
	Hold Duration `json:"hold" range:"10ms..1h"`
	// HTTP is the version, 1 or 2, under poll, longpoll and sse. Range 1 to 2. Default 2.
	HTTP int `json:"http" range:"1..2"`
	// Resume says what a client asks for when its stream or socket comes back:
	// a "replay" of all behind the last event that it has (Last-Event-ID of
	// server-sent events, resume of a chat gateway), or to start "anew" with
	// what comes next. Polls always say what they have. Default replay.
	Resume string `json:"resume" enum:"replay,anew"`
	// History is how many events the process on a server keeps for replays,
	// from its start on; 0 where servers read them all from a log that outlives
	// them. Range 0 to 1000000. Default 0.
	History int `json:"history" range:"0..1000000"`
	// Deflate compresses the messages of sockets (permessage-deflate, RFC 7692)
	// with what was sent before as the dictionary. Events are text, which
	// compresses; bodies of requests and responses are as if compressed already.
	// Default false.
	Deflate bool `json:"deflate"`
	// Keepalive is the time between two signs of life on an idle stream or
	// socket; 0 for none. Range 0 to 1h. Default 25s.
	Keepalive Duration `json:"keepalive" range:"0..1h"`
}

// Strategies of the workload push. WebSocket is one too.
const (
	// Poll asks for new events at an interval.
	Poll Strategy = "poll"
	// LongPoll asks for new events, and is answered when there are some.
	LongPoll Strategy = "longpoll"
	// SSE is a response that does not end (server-sent events).
	SSE Strategy = "sse"
	// Fallback tries a socket, then server-sent events, then long polling.
	Fallback Strategy = "fallback"
	// Hybrid receives events on a socket and asks for everything else by HTTP.
	Hybrid Strategy = "hybrid"
)

// Carrier returns the strategy of the transport below a strategy: polls and
// streams are carried by HTTP of one version or the other.
func (s *Scenario) Carrier(strategy Strategy) Strategy {
	switch {
	case s.Workload != "push" && s.Workload != "chat" || strategy == WebSocket:
		return strategy
	case s.Push.HTTP == 1:
		return HTTP1
	}
	return HTTP2
}

// Able returns the strategies that a workload can have, in the order of a
// report.
func Able(workload string) []Strategy {
	if workload == "push" {
		return append(StrategiesOf(workload), Fallback)
	}
	return StrategiesOf(workload)
}

// StrategiesOf returns the strategies that a workload has unless its scenario
// says otherwise, in the order of a report.
func StrategiesOf(workload string) []Strategy {
	switch workload {
	case "push":
		return []Strategy{Poll, LongPoll, SSE, WebSocket}
	case "chat":
		return []Strategy{Poll, LongPoll, SSE, WebSocket, Hybrid}
	}
	return []Strategy{HTTP1, HTTP1Close, HTTP2, WebSocket}
}
