package balancer

import (
	"net/http"
)

// responseWriter is the client's side of an exchange, as ReverseProxy writes to it.
type responseWriter struct {
	http.ResponseWriter
	x           *exchange
	multiplexed bool // HTTP/2
	head        bool // answers HEAD
	gathered    []byte
}

// Unwrap lets a ResponseController through.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader sends a response's status and headers. Where streams share a
// connection the headers go by themselves, as they do anyway with net/http: if
// the connection was busy, other streams' handlers wake with this one.
func (w *responseWriter) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status)
	if !w.multiplexed || w.head || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified ||
		w.Header().Get("Content-Length") == "0" {
		return
	}
	w.FlushError()
	w.x.b.time.Yield(w.x.key)
}

// Write sends a part of the body. Where streams share a connection it gathers
// as much as net/http would, and hands it over when that sends it as one chunk:
// net/http's own buffer would send two, and what happens on the connection in
// between would depend on scheduling.
func (w *responseWriter) Write(p []byte) (int, error) {
	if !w.multiplexed {
		w.x.sends(true)
		defer w.x.sends(false)
		return w.ResponseWriter.Write(p)
	}
	if len(w.gathered)+len(p) <= httpBuffer {
		w.gathered = append(w.gathered, p...)
		return len(p), nil
	}
	n := len(p)
	if len(w.gathered) > 0 {
		p, w.gathered = append(w.gathered, p...), w.gathered[:0]
	}
	if err := w.hand(p); err != nil {
		return 0, err
	}
	return n, nil
}

// httpBuffer is the size of net/http's buffer for a stream's body.
const httpBuffer = 4096

func (w *responseWriter) hand(p []byte) error {
	w.x.sends(true)
	_, err := w.ResponseWriter.Write(p)
	w.x.sends(false)
	w.x.b.time.Yield(w.x.key) // so that streams go on one by one
	return err
}

// finish hands over what is left. net/http sends it together with the
// stream's end.
func (w *responseWriter) finish() {
	if len(w.gathered) > 0 {
		w.ResponseWriter.Write(w.gathered)
		w.gathered = nil
	}
}

// FlushError sends what is buffered.
func (w *responseWriter) FlushError() error {
	w.finish()
	w.x.sends(true)
	defer w.x.sends(false)
	return w.x.control.Flush()
}

// sends tells whether it is the client's turn to move.
func (x *exchange) sends(on bool) {
	x.mu.Lock()
	x.sending = on
	x.mu.Unlock()
	if on {
		x.idle.Expect()
	} else {
		x.idle.Met()
	}
}
