package main

import (
	"bufio"
	"sync"
	"time"

	"protosim/model/trace"
	"protosim/scenarios"
	"protosim/wasm/requests"
)

// traced writes the trace of one run as messages. An error of the page's is
// kept and ends nothing: the run goes on without being watched.
type traced struct {
	strategy scenarios.Strategy
	out      *requests.Frames

	mu      sync.Mutex // of what follows: progress is told while the run goes on
	buffer  *bufio.Writer
	encoder *trace.Encoder
	last    time.Duration // when the last event was
	err     error
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
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = t.encoder.Encode(e)
	}
	t.last = e.At
}

// flush writes what there is, and returns the time before which it is all there is
// to tell.
func (t *traced) flush() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = t.buffer.Flush()
	}
	return t.last
}

func (t *traced) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return t.err
	}
	if err := t.encoder.Close(); err != nil {
		return err
	}
	return t.buffer.Flush()
}
