package main

import (
	"bufio"

	"protosim/model/trace"
	"protosim/scenarios"
	"protosim/wasm/requests"
)

// traced writes the trace of one run as messages. An error of the page's is
// kept and ends nothing: the run goes on without being watched.
type traced struct {
	strategy scenarios.Strategy
	out      *requests.Frames
	buffer   *bufio.Writer
	encoder  *trace.Encoder
	err      error
}

func traceInto(out *requests.Frames, strategy scenarios.Strategy) *traced {
	t := &traced{strategy: strategy, out: out}
	// A message costs a call out of WebAssembly: few large ones.
	t.buffer = bufio.NewWriterSize(t, 256<<10)
	t.encoder = trace.NewEncoder(t.buffer)
	return t
}

// Write writes a piece of the trace.
func (t *traced) Write(piece []byte) (int, error) {
	body := append([]byte{byte(len(t.strategy))}, t.strategy...)
	if err := t.out.Write(requests.KindTrace, append(body, piece...)); err != nil {
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
	if err := t.encoder.Close(); err != nil {
		return err
	}
	return t.buffer.Flush()
}
