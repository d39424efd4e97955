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

// Write sends a part of the body.
func (w *responseWriter) Write(p []byte) (int, error) {
	w.x.sends(true)
	n, err := w.ResponseWriter.Write(p)
	w.x.sends(false)
	if w.multiplexed {
		w.x.b.time.Yield(w.x.key) // so that streams go on one by one
	}
	return n, err
}

// FlushError sends what is buffered.
func (w *responseWriter) FlushError() error {
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
		x.idle.touch()
	} else {
		x.idle.pause()
	}
}
