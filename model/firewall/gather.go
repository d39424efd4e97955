package firewall

import "io"

// gather collects small writes; if it holds, large ones too.
type gather struct {
	to   io.Writer
	hold bool
	buf  []byte
	err  error // of writing
}

// held is how much of a response a proxy that buffers keeps back at most.
const held = 8_000_000

func (g *gather) Write(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	g.buf = append(g.buf, b...)
	if len(g.buf) >= held || !g.hold && len(g.buf) >= bufferSize {
		if err := g.Flush(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// Flush sends what was collected.
func (g *gather) Flush() error {
	if g.err == nil && len(g.buf) > 0 {
		_, g.err = g.to.Write(g.buf)
		g.buf = g.buf[:0]
	}
	return g.err
}

// flushing is a body that is passed on as it comes: before it waits for more,
// what it has given is sent, unless that is held back.
type flushing struct {
	io.Reader
	to  *gather
	err error // of reading, but for its end
}

func (f *flushing) Read(b []byte) (int, error) {
	if !f.to.hold {
		if err := f.to.Flush(); err != nil {
			return 0, err
		}
	}
	n, err := f.Reader.Read(b)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// Close does nothing: the connection goes on, or is closed itself.
func (f *flushing) Close() error { return nil }
