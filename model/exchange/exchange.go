// Package exchange is one request and its answer, as a client of any workload
// carries it out: within its timeout, recorded, and told to the trace.
package exchange

import (
	"context"
	"time"

	"protosim/model/measure"
	"protosim/model/trace"
	"protosim/model/transport"
	"protosim/model/vtime"
)

// AnySize is good for responses with bodies of any size.
const AnySize = -1

// Exchanger carries out requests for one client.
type Exchanger struct {
	Clock     *vtime.Clock
	Transport transport.Client
	Recorder  *measure.Recorder
	Trace     trace.Sink // of the client's machine; nil for none
	Timeout   time.Duration
	// Beside says that how long responses take says nothing about the server.
	Beside bool
}

// Do carries out a request and records how it ended: it is ok if the status is
// below 400 and the body has so many bytes, abandoned if ctx ended first, and
// failed otherwise. The error is the transport's.
func (x *Exchanger) Do(ctx context.Context, r transport.Request, size int) (transport.Response, measure.Outcome, error) {
	began := x.Clock.Now()
	x.Recorder.RequestStarted()
	transport.TraceRequest(x.Trace, r)
	limited, cancel := x.Clock.WithTimeout(ctx, r.ID.ClientKey(), x.Timeout)
	defer cancel()
	res, err := x.Transport.Do(limited, r)
	outcome := outcomeOf(ctx, err == nil && res.Status < 400 && (size == AnySize || res.Body == size))
	now := x.Clock.Now()
	if x.Beside {
		x.Recorder.StreamEnded(r.ID.Client, now, outcome, res.Body+r.Body)
	} else {
		x.Recorder.RequestEnded(r.ID.Client, now, now-began, outcome, res.Body+r.Body, res.Retries)
	}
	transport.TraceResponse(x.Trace, r, res, outcome)
	return res, outcome, err
}

// outcomeOf tells how a request has ended that was ok or was not.
func outcomeOf(ctx context.Context, ok bool) measure.Outcome {
	switch {
	case ok:
		return measure.OK
	case ctx.Err() != nil:
		return measure.Abandoned
	}
	return measure.Failed
}
