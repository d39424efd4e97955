package balancer

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"protosim/model/vtime"
)

var (
	errNoBackend  = errors.New("balancer: no backend is available")
	errSilent     = errors.New("balancer: the backend sent nothing for too long")
	errSlowClient = errors.New("balancer: the client sent nothing for too long")
)

// try is one attempt to have a request answered by one backend.
type try struct {
	x        *exchange
	sent     bool        // a connection was there, so something may have been sent
	answered atomic.Bool // something came back
	reused   int         // connections on which net/http tried it
}

// RoundTrip has a request answered: by one backend, or by the next where that
// is possible. ReverseProxy calls it with the request as it goes out.
func (b *Balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	x := exchangeOf(r.Context())
	if r.Body != nil {
		x.body = &requestBody{x: x, below: r.Body, length: r.ContentLength}
	}
	for {
		if !b.assign(x) {
			return nil, errNoBackend
		}
		t := &try{x: x}
		res, err := t.do(r)
		if err == nil {
			return res, nil
		}
		b.time.Yield(x.key) // one event may have failed many
		again := b.judge(t, r, err)
		x.leave(nil)
		if !again {
			return nil, err
		}
	}
}

// assign finds a backend for the exchange.
func (b *Balancer) assign(x *exchange) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.choose(x.wish)
	if m == nil {
		return false
	}
	if len(x.wish.tried) > 0 {
		b.stats.Retries++
		m.stats.Retries++
	}
	x.member = m
	x.carried = &carried{cut: x.cut}
	b.start(m, x.carried)
	return true
}

// do sends the request to the exchange's backend and waits for its response.
func (t *try) do(r *http.Request) (*http.Response, error) {
	x, m := t.x, t.x.member
	ctx, stop := context.WithCancelCause(r.Context())
	x.mu.Lock()
	x.stop = stop
	x.mu.Unlock()
	r = r.WithContext(httptrace.WithClientTrace(ctx, t.trace()))
	r.URL = &url.URL{Scheme: "http", Host: m.Address, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery, Opaque: r.URL.Opaque}
	if x.body != nil {
		r.Body = x.body
	}
	res, err := m.transport.RoundTrip(r)
	if t.sent {
		x.idle.Met()
	}
	t.countReuse()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && r.Context().Err() != nil {
			err = cause
		}
		return nil, err
	}
	x.b.mu.Lock()
	x.b.succeeded(m)
	x.b.mu.Unlock()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return x.upgraded(res), nil
	}
	if res.Body != http.NoBody {
		res.Body = &responseBody{x: x, below: res.Body}
	}
	return res, nil
}

// trace follows what net/http does with a request.
func (t *try) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			if t.sent {
				t.x.idle.Touch()
			} else {
				t.x.idle.Expect()
			}
			t.sent = true
			t.reused++
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.x.idle.Touch() },
		GotFirstResponseByte: func() { t.x.idle.Touch() },
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			t.answered.Store(true)
			t.x.idle.Touch()
			return nil
		},
	}
}

// countReuse counts the tries that net/http has made by itself, because a kept
// connection turned out to be dead.
func (t *try) countReuse() {
	if t.reused > 1 {
		b := t.x.b
		b.mu.Lock()
		b.stats.Retries += t.reused - 1
		t.x.member.stats.Retries += t.reused - 1
		b.mu.Unlock()
	}
}

// cut ends the exchange's present try.
func (x *exchange) cut(cause error) {
	x.mu.Lock()
	stop, tunnel := x.stop, x.tunnel
	x.mu.Unlock()
	if stop != nil {
		stop(cause)
	}
	if tunnel != nil {
		tunnel.Close()
	} else if x.body != nil && x.body.interrupt() {
		// net/http waits for what reads the body, and that waits for the client.
		x.hushed.Store(true)
		x.control.SetReadDeadline(time.Unix(1, 0))
	}
}

// expire is called when nothing has moved for too long.
func (x *exchange) expire() {
	x.mu.Lock()
	sending, tunnel := x.sending, x.tunnel
	x.mu.Unlock()
	switch {
	case tunnel != nil:
		x.b.count(&x.b.stats.IdleClosed)
		x.cut(errSilent)
	case sending: // the client does not read
		x.control.SetWriteDeadline(time.Unix(1, 0))
		x.cut(errSlowClient)
	case x.body != nil && x.body.dawdles():
		x.body.fail(errSlowClient)
		x.cut(errSlowClient)
	default:
		x.cut(errSilent)
	}
}

// gone reports whether the client has gone away. Where the balancer has ended
// the reading itself, nobody knows.
func (x *exchange) gone() bool { return x.client.Err() != nil && !x.hushed.Load() }

// isTimeout reports whether an error means that a backend was too slow.
func isTimeout(err error) bool {
	if errors.Is(err, errSilent) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// requestBody is a request's body on its way to a backend. It outlives tries:
// one that has not read from it leaves it to the next.
type requestBody struct {
	x      *exchange
	below  io.Reader
	length int64

	mu          sync.Mutex
	begun       bool
	reading     bool
	interrupted bool  // by the balancer
	err         error // of the client's side
}

// Read reads what the client has sent.
func (r *requestBody) Read(p []byte) (int, error) {
	r.mu.Lock()
	r.begun, r.reading = true, true
	r.mu.Unlock()
	r.x.b.time.Yield(vtime.Key{A: r.x.key.A, B: r.x.key.B | bodyKeys})
	n, err := r.below.Read(p)
	r.x.idle.Touch()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reading = false
	if err != nil && err != io.EOF && r.err == nil && !r.interrupted {
		r.err = err
	}
	return n, err
}

// Close leaves the body open.
func (r *requestBody) Close() error { return nil }

// dawdles reports whether the backend waits for the client.
func (r *requestBody) dawdles() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reading
}

// interrupt notes that what waits for the client is to be ended, if something does.
func (r *requestBody) interrupt() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.interrupted = true
	return r.reading
}

func (r *requestBody) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// failed returns the error of the client's side.
func (r *requestBody) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *requestBody) untouched() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.begun
}

// responseBody is a response's body on its way to the client.
type responseBody struct {
	x     *exchange
	below io.ReadCloser
}

// Read reads what the backend has sent.
func (r *responseBody) Read(p []byte) (int, error) {
	x := r.x
	x.idle.Expect()
	x.b.time.Yield(vtime.Key{A: x.key.A, B: x.key.B | replyKeys})
	n, err := r.below.Read(p)
	x.idle.Met()
	if err != nil && err != io.EOF {
		x.broken()
	}
	return n, err
}

// Close ends the body.
func (r *responseBody) Close() error { return r.below.Close() }

// broken counts a response that ended before its end.
func (x *exchange) broken() {
	b := x.b
	b.mu.Lock()
	defer b.mu.Unlock()
	if x.gone() {
		b.stats.ClientGone++
		return
	}
	b.stats.Truncated++
	x.member.stats.Failures++
}
