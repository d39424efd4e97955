package transport

import (
	"fmt"

	"protosim/model/trace"
)

// TraceRequest tells a client's trace, unless it is nil, that a request begins.
func TraceRequest(to trace.Sink, r Request) {
	if to != nil {
		to(trace.Event{Kind: trace.Request, Client: r.ID.Client, Serial: r.ID.Serial, Bytes: r.Body, Text: r.Method + " " + r.Path})
	}
}

// TraceResponse tells it how the request has ended.
func TraceResponse(to trace.Sink, r Request, res Response, outcome fmt.Stringer) {
	if to != nil {
		to(trace.Event{Kind: trace.Response, Client: r.ID.Client, Serial: r.ID.Serial, Bytes: res.Body, Code: res.Status, Text: outcome.String()})
	}
}
