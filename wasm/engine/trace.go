package main

import (
	"io"

	"protosim/model/trace"
	"protosim/scenarios"
)

// traced writes the trace of one run as messages. An error of the page's is
// kept and ends nothing: the run goes on without being watched.
type traced struct {
	strategy scenarios.Strategy
	out      *frames
	encoder  *trace.Encoder
	err      error
}

func traceInto(out *frames, strategy scenarios.Strategy) *traced {
	t := &traced{strategy: strategy, out: out}
	t.encoder = trace.NewEncoder(t)
	return t
}

// Write writes a piece of the trace.
func (t *traced) Write(piece []byte) (int, error) {
	body := append([]byte{byte(len(t.strategy))}, t.strategy...)
	if err := t.out.write(kindTrace, append(body, piece...)); err != nil {
		return 0, err
	}
	return len(piece), nil
}

func (t *traced) observe(e trace.Event) {
	if t.err == nil {
		t.err = t.encoder.Encode(e)
	}
}

func (t *traced) close() error {
	if t.err != nil {
		return t.err
	}
	return t.encoder.Close()
}

var _ io.Writer = (*traced)(nil)
