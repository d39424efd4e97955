package cache

import "net/http"

// responseWriter is the client's side of an exchange.
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
	w.flush()
	w.x.c.time.Yield(w.x.key)
}

// httpBuffer is the size of net/http's buffer for a stream's body.
const httpBuffer = 4096

// Write sends a part of the body. Where streams share a connection it gathers
// as much as net/http would, and hands it over when that sends it as one chunk:
// net/http's own buffer would send two, and what happens on the connection in
// between would depend on scheduling.
func (w *responseWriter) Write(p []byte) (int, error) {
	if !w.multiplexed {
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
	_, err := w.ResponseWriter.Write(p)
	w.x.c.time.Yield(w.x.key) // so that streams go on one by one
	if err != nil {
		return 0, err
	}
	return n, nil
}

// finish hands over what is left. net/http sends it together with the
// stream's end.
func (w *responseWriter) finish() {
	if len(w.gathered) > 0 {
		w.ResponseWriter.Write(w.gathered)
		w.gathered = nil
	}
}

// flush sends what is buffered.
func (w *responseWriter) flush() {
	w.finish()
	w.x.control.Flush()
}
